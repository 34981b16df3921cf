"""The pages of an office: drawings in S3 and records in PostgreSQL, which may fail and come back."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from drawn_patents import draw, fill
from ipatent.opening import open_objects, open_uploads
from ipatent.pictures import encode_png
from ipatent.records import open_records
from ipatent.settings import Settings
from ipatent.web import create_app
from office_servers import KEY, PASSWORD, SECRET, PostgreSQLServer, S3Server, s3_server
from tiny_encoder import TinyEncoder

SECONDS = 40.0


@pytest.fixture(scope="module")
def own_s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A running S3 server that no other test needs."""
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        server.make_bucket("desk")
        yield server


def readiness(client: TestClient, until: bool) -> dict[str, Any]:
    """What `/readyz` says once it is as expected."""
    ends = time.monotonic() + SECONDS
    while True:
        answer = client.get("/readyz")
        told: dict[str, Any] = answer.json()
        assert (answer.status_code == 200) == told["ready"]
        if told["ready"] == until and not any(
            "did not answer" in part.get("reason", "") for part in told["parts"].values()
        ):
            return told
        assert time.monotonic() < ends, told
        time.sleep(0.2)


def test_an_office_says_which_of_its_stores_is_away_and_goes_on_when_it_is_back(
    own_s3: S3Server, postgresql: PostgreSQLServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    postgresql.execute("CREATE DATABASE desk")
    settings = Settings(
        data=str(tmp_path),
        objects="s3://desk/drawings",
        objects_endpoint=own_s3.endpoint,
        objects_seconds=1.0,
        records=postgresql.url("desk"),
        records_password=PASSWORD,
    )
    local = fill(tmp_path, TinyEncoder(), patents=1, settings=settings).state
    local.records.close()
    office = replace(
        local,
        objects=open_objects(settings),
        uploads=open_uploads(settings),
        records=open_records(settings),
    )
    with TestClient(create_app(office)) as client:
        readiness(client, until=True)
        sent = client.post("/upload.json", files={"file": ("x.png", encode_png(draw(0, 1)))}).json()
        found = client.get(f"/search.json?img={sent['sha256']}").json()
        assert found["hits"][0]["figure"]["id"] == "USD900000S1/2/1"
        assert found["record"]

        own_s3.kill()
        parts = readiness(client, until=False)["parts"]
        assert [name for name, part in parts.items() if not part["ready"]] == ["objects", "uploads"]
        assert SECRET not in str(parts)
        assert client.get("/healthz").status_code == 200
        assert client.get("/search.json?q=mitten").json()["hits"]
        own_s3.start()
        readiness(client, until=True)

        postgresql.kill()
        try:
            parts = readiness(client, until=False)["parts"]
            assert [name for name, part in parts.items() if not part["ready"]] == ["records"]
            assert PASSWORD not in str(parts)
            found = client.get("/search.json?q=mitten").json()
            assert found["hits"]
            assert found["record_problem"]
        finally:
            postgresql.start()
        readiness(client, until=True)
        assert client.get("/search.json?q=mitten").json()["record"]
    office.close()
