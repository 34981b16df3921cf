"""What is shipped to run iPatent on servers: valid to the tools that read it, with settings that exist."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ipatent.settings import TABLE, load_settings

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
COMPOSE = DEPLOY / "compose.yaml"
KUBERNETES = DEPLOY / "kubernetes"
_SHIPPED = (ROOT / "Dockerfile", *sorted(each for each in DEPLOY.rglob("*") if each.is_file()))


def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return read


def manifests() -> list[dict[str, Any]]:
    listed = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text(encoding="utf-8"))["resources"]
    return [each for name in listed for each in yaml.safe_load_all((KUBERNETES / name).read_text())]


def assignments(text: str) -> Iterator[tuple[str, str]]:
    """Settings that are given a value: `IPATENT_X=y` or `IPATENT_X: y`."""
    for name, value in re.findall(r"^[ #]*(IPATENT_[A-Z_]+)(?:=|: )(.*?)(?: \\)?$", text, re.M):
        yield name, value.strip().strip("\"'")


@pytest.mark.parametrize("file", _SHIPPED, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_setting_that_is_named_exists_and_takes_the_value_given(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    given = {name: value for name, value in assignments(text) if not value.startswith("$")}
    load_settings({}, given)
    for name in re.findall(r"\bIPATENT_[A-Z_]+\b", text):
        assert name.removeprefix("IPATENT_").lower() in TABLE, name


def test_the_compose_file_is_valid_to_the_compose_specification() -> None:
    compose_spec = pytest.importorskip("compose_spec", reason="needs the package compose-spec")
    read = compose_spec.PyCompose.from_json(json.dumps(compose()))
    read.validate()
    assert {"app", "proxy", "qdrant-1", "qdrant-2", "qdrant-3", "objects", "records"} <= set(
        read.service_names()
    )


def test_every_service_says_whether_it_is_well_and_how_much_it_may_take() -> None:
    for name, service in compose()["services"].items():
        assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}, name
        assert name in ("app", "bucket") or "healthcheck" in service, name  # the app's stands in its image
        assert name == "app" or re.search(r":\d|:v\d", service["image"]), name
    app = compose()["services"]["app"]
    assert app["read_only"]
    assert app["cap_drop"] == ["ALL"]


def test_the_example_of_an_environment_names_all_that_the_compose_file_asks_for() -> None:
    example = (DEPLOY / "settings.example.env").read_text(encoding="utf-8")
    asked = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE.read_text(encoding="utf-8")))
    assert asked
    assert asked <= set(re.findall(r"^([A-Z_]+)=", example, re.M))


def test_no_volume_or_port_of_the_compose_file_opens_what_keeps_data() -> None:
    services = compose()["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert compose()["networks"]["inside"]["internal"]
    assert all(
        service["networks"] == ["inside"]
        for name, service in services.items()
        if name not in ("proxy", "lvlm")
    )
    used = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", ())}
    assert {name for name in used if not name.startswith(".")} == set(compose()["volumes"])


def test_the_manifests_are_valid_to_kubernetes() -> None:
    validate = pytest.importorskip("kubernetes_validate", reason="needs the package kubernetes-validate")
    example = yaml.safe_load((KUBERNETES / "ingest.example.yaml").read_text(encoding="utf-8"))
    assert example["kind"] == "Job"
    for manifest in (*manifests(), example):
        validate.validate(manifest, validate.latest_version(), strict=True)


def test_the_manifests_are_put_together_by_kustomize() -> None:
    if shutil.which("kubectl") is None:
        pytest.skip("needs kubectl")
    built = subprocess.run(
        ["kubectl", "kustomize", str(KUBERNETES)], capture_output=True, text=True, check=True
    ).stdout
    together = [each for each in yaml.safe_load_all(built) if each]
    assert len(together) == len(manifests())
    assert {each["metadata"].get("namespace", "ipatent") for each in together} == {"ipatent"}


def test_every_pod_is_probed_limited_and_without_privileges() -> None:
    workloads = [each for each in manifests() if each["kind"] in ("Deployment", "StatefulSet")]
    assert {each["metadata"]["name"] for each in workloads} == {"app", "qdrant", "objects", "records"}
    for workload in workloads:
        pod = workload["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"]
        assert not pod["automountServiceAccountToken"]
        main, *others = pod["containers"]
        assert {"startupProbe", "livenessProbe", "readinessProbe"} <= main.keys()
        for container in (main, *others):
            assert container["resources"]["limits"]["memory"]
            assert not container["securityContext"]["allowPrivilegeEscalation"]
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_the_app_has_the_time_to_finish_what_it_works_on() -> None:
    app = next(each for each in manifests() if each["kind"] == "Deployment")
    settings = next(each for each in manifests() if each["kind"] == "ConfigMap")["data"]
    pod = app["spec"]["template"]["spec"]
    paused = int(pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][1])
    # The server ends itself some seconds after that, whatever still works.
    needed = paused + load_settings({}, settings).stop_seconds + 8
    assert pod["terminationGracePeriodSeconds"] >= needed
    assert (
        int(compose()["services"]["app"]["stop_grace_period"][:-1]) >= load_settings({}, {}).stop_seconds + 8
    )


def test_everything_that_runs_is_reached_by_whom_it_concerns_alone() -> None:
    policies = [each for each in manifests() if each["kind"] == "NetworkPolicy"]
    everybody = [each for each in policies if each["spec"]["podSelector"] == {}]
    assert [each["spec"]["policyTypes"] for each in everybody] == [["Ingress", "Egress"]]
    assert "ingress" not in everybody[0]["spec"]
    named = {
        each["spec"]["podSelector"].get("matchLabels", {}).get("app.kubernetes.io/name") for each in policies
    }
    assert named == {None, "app", "qdrant", "objects", "records"}


def test_the_image_is_small_and_runs_as_nobody_in_particular() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    last = text.rpartition("FROM")[2]
    assert re.search(r"^USER 10001:10001$", last, re.M)
    assert "HEALTHCHECK" in last
    assert "torch" not in text
    assert "training" not in text
    assert (ROOT / ".dockerignore").read_text().startswith("*\n")


def test_the_image_is_built_as_its_linter_would_have_it() -> None:
    if shutil.which("hadolint") is None:
        pytest.skip("needs hadolint")
    said = subprocess.run(["hadolint", str(ROOT / "Dockerfile")], capture_output=True, text=True)
    assert said.returncode == 0, said.stdout
