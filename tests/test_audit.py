"""The audit of generated titles: what it measures, from models good, fickle, failing and real."""

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import test_cli
from command_line import Run
from ipatent.describe.audit import Audit, Sample, Topic, audit, likeness, measured
from ipatent.describe.audit_report import audit_json, audit_page
from ipatent.describe.endpoint import Endpoint
from ipatent.describe.titling import Limits
from llama_server import llama
from stand_in_model import StandIn, completion, served
from test_describe import finished, group, png

filled, run = test_cli.filled, test_cli.run
BRIEF = Limits(seconds=5, page_seconds=10)
CHAIR = {"title": "Folding chair with hinge", "description": "A folding chair."}
ROCKET = {"title": "Rocket with engine", "description": "A rocket engine."}


def topic(name: str = "folding chair", number: int = 1) -> Topic:
    return Topic(name, number, ("hinge", "<b>seat"), group(name))


def audited(*stand_ins: StandIn, topics: int = 1, repeats: int = 3) -> Audit:
    endpoints = [Endpoint(one.url, f"model-{n}", "k-secret") for n, one in enumerate(stand_ins)]
    asked = [topic(number=n) for n in range(1, topics + 1)]
    found: Audit = finished(audit(asked, endpoints, lambda name: png(), repeats, limits=BRIEF))
    return found


def saying(*texts: Any) -> Any:
    return lambda request, number: (200, completion(texts[(number - 1) % len(texts)]))


def test_a_model_that_says_what_captions_say_is_supported_and_stable() -> None:
    with served(saying(CHAIR)) as one:
        (model,) = audited(one).models
        assert (model.asked, model.answered, model.support, model.low) == (3, 3, 1.0, 0)
        assert model.stability == 1.0
        assert model.failures == ()


def test_each_sample_is_drawn_anew_and_warm() -> None:
    with served(saying(CHAIR)) as one:
        audited(one, topics=2)
        assert len(one.asked) == 6
        assert len({request["seed"] for request in one.asked}) == 3
        assert {request["temperature"] for request in one.asked} == {0.8}


def test_a_model_that_invents_and_changes_its_mind_is_found_out() -> None:
    with served(saying(CHAIR, ROCKET)) as one:
        (model,) = audited(one, repeats=2).models
    assert model.low == 1
    assert model.support == 0.5
    assert model.stability == 0.0


def test_models_that_say_the_same_agree_and_others_do_not() -> None:
    with served(saying(CHAIR)) as one, served(saying(CHAIR)) as two, served(saying(ROCKET)) as three:
        found = audited(one, two, three)
    assert {(a, b): mean for a, b, mean in found.agreement} == {
        ("model-0", "model-1"): 1.0,
        ("model-0", "model-2"): 0.0,
        ("model-1", "model-2"): 0.0,
    }


def test_failures_are_counted_with_their_reasons_and_never_raised() -> None:
    with served(lambda request, number: (401, {"error": {"message": "bad k-secret"}})) as one:
        found = audited(one)
    (model,) = found.models
    assert (model.answered, model.support, model.stability) == (0, None, None)
    assert model.failures == (("the endpoint does not accept the key (401)", 3),)
    assert "k-secret" not in json.dumps(audit_json(found)) + audit_page(found)


def test_texts_without_nouns_are_alike_and_disjoint_ones_are_not() -> None:
    assert likeness(frozenset(), frozenset()) == 1.0
    assert likeness(frozenset("a"), frozenset("b")) == 0.0
    assert likeness(frozenset("ab"), frozenset("bc")) == pytest.approx(1 / 3)


def test_two_endpoints_of_one_model_are_told_apart() -> None:
    with served(saying(CHAIR)) as one, served(saying(CHAIR)) as two:
        endpoints = [Endpoint(each.url, "eye", "") for each in (one, two)]
        found = finished(audit([topic()], endpoints, lambda name: png(), 1, limits=BRIEF))
        assert {model.model for model in found.models} == {f"eye at {one.url}", f"eye at {two.url}"}


def test_the_report_plots_every_answer_and_shows_texts_as_text() -> None:
    samples = [
        Sample(0, "eye", "Chair", "A chair.", share, (), "", frozenset({"chair"}))
        for share in (0.0, 0.45, 1.0, 1.0)
    ]
    samples.append(Sample(0, "eye", "Stuhl", "Ein Stuhl.", None))
    samples.append(Sample(0, "eye", failed="<script>alert(1)</script>"))
    page = audit_page(measured([topic()], samples, ["eye"], 6))
    assert "<script" not in page
    assert "<b>seat" not in page
    assert "not measurable: 1" in page
    plots = [ElementTree.fromstring(found) for found in re.findall(r"<svg.*?</svg>", page, re.DOTALL)]
    assert len(plots) == 2
    bars = [one for one in plots[0].iter("rect") if float(one.attrib["height"]) > 0]
    assert [one.attrib["class"] for one in bars] == ["low", "low", "bar"]
    counts = [one.text for one in plots[0].iter("text")][:3]
    assert counts == ["1", "1", "2"]


# -- the command


def test_the_command_audits_the_clusters_of_its_queries(run: Run, filled: Path, tmp_path: Path) -> None:
    (tmp_path / "queries.txt").write_text("water bottle\n\nfolding chair\n")
    (tmp_path / "key").write_text("k-secret\n")
    with served(saying(CHAIR)) as one, served(saying(ROCKET)) as two:
        said = run(
            "audit-descriptions", "folding chair", "--queries", tmp_path / "queries.txt", "--data", filled,
            "--model", "a", "--model", "b", "--url", one.url, "--url", two.url, "--repeats", 2,
            "--clusters", 2, "--key-file", tmp_path / "key", "--key-file", tmp_path / "key",
            "--to", tmp_path / "audit.json", "--page", tmp_path / "audit.html", "--json",
        )  # fmt: skip
        assert said.status == 0, said.err
        assert set(one.keys) == {"Bearer k-secret"}
    found = said.json
    assert [one["model"] for one in found["models"]] == ["a", "b"]
    assert found["models"][0]["asked"] == 2 * len(found["topics"])
    assert [one["query"] for one in found["topics"]] == ["folding chair"] * 2 + ["water bottle"] * 2
    assert found["agreement"][0]["likeness"] == 0.0
    assert json.loads((tmp_path / "audit.json").read_text()) == found
    page = (tmp_path / "audit.html").read_text()
    assert "Agreement between models" in page
    assert "k-secret" not in page + said.out + said.err


def test_the_key_of_the_settings_goes_to_no_other_endpoint(
    run: Run,
    filled: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("IPATENT_LVLM_KEY", "k-secret")
    with served(saying(CHAIR)) as own, served(saying(CHAIR)) as other:
        monkeypatch.setenv("IPATENT_LVLM_URL", own.url)
        said = run(
            "audit-descriptions", "chair", "--data", filled, "--model", "eye", "--url", own.url, "--url",
            other.url, "--repeats", 1, "--clusters", 1,
        )  # fmt: skip
        assert said.status == 0, said.err
        assert (own.keys, other.keys) == (["Bearer k-secret"], [""])
    assert "1 clusters" in said.out
    assert "Agreement of" in said.out


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ((), "There is no query"),
        (("chair",), "no endpoint"),
        (("chair", "--url", "http://x/v1"), "lvlm_model is empty"),
        (("chair", "--queries", "absent.txt"), "cannot be read"),
        (
            (
                "chair",
                "--url",
                "http://x",
                "--url",
                "http://y",
                "--model",
                "a",
                "--model",
                "b",
                "--model",
                "c",
            ),
            "2 endpoints",
        ),
        (("chair", "--url", "http://x", "--model", "a", "--key-file", "a", "--key-file", "b"), "2 key files"),
    ],
)
def test_what_the_command_lacks_is_said(run: Run, filled: Path, args: tuple[str, ...], told: str) -> None:
    said = run("audit-descriptions", *args, "--data", filled)
    assert said.status == 1
    assert told in said.err


def test_a_real_model_can_be_audited(tmp_path: Path) -> None:
    patient = Limits(seconds=240, at_once=1, figures=1, pixels=128)
    with llama(tmp_path) as real:
        endpoint = Endpoint(real.url, "smollm2", "")
        found = finished(audit([topic()], [endpoint], lambda name: png(), 2, limits=patient))
    (model,) = found.models
    assert model.asked == 2
    assert model.answered + sum(count for _, count in model.failures) == 2
    assert "smollm2" in audit_page(found)
