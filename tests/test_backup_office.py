"""Backups of an office: objects in S3, records in PostgreSQL, and backups in a bucket of their own."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ipatent.backup import backup, open_source, restore, verify
from ipatent.check import Options, check
from ipatent.errors import BackupProblem
from ipatent.opening import open_objects
from ipatent.records import collections, open_records
from ipatent.settings import Settings
from library_files import made, of_folder
from office_servers import KEY, PASSWORD, SECRET, PostgreSQLServer, S3Server, s3_server


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as running:
        yield running


def test_an_office_is_kept_in_a_bucket_and_put_back_anywhere(
    s3: S3Server, postgresql: PostgreSQLServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    s3.make_bucket("backups")
    s3.make_bucket("office")
    postgresql.execute("CREATE DATABASE restored")
    here = replace(made(tmp_path / "here", patents=2), objects_endpoint=s3.endpoint)
    to = "s3://backups/ipatent"
    first = backup(to, here)
    assert first.written > 0
    assert backup(to, here).written == 0
    office = Settings(
        data=str(tmp_path / "office"),
        objects="s3://office",
        objects_endpoint=s3.endpoint,
        records=postgresql.url("restored"),
        records_password=PASSWORD,
    )
    assert restore(open_source(to, office), office).figures == 10
    restore(open_source(to, office), office)
    options = Options(deep=False, older_than=-60.0)
    assert check(office, options).findings == ()
    objects = open_objects(office)
    gone = next(objects.each()).name
    objects.delete(gone)
    objects.put(b"nobody shows this")
    kinds = {one.kind for one in check(office, options).findings}
    assert "orphaned-objects" in kinds
    assert kinds & {"missing-drawings", "missing-thumbnails"}
    objects.put(open_objects(here).get(gone))
    assert check(office, options, mend=True).sound
    there = str(tmp_path / "office.tar")
    backup(there, office)
    back = Settings(data=str(tmp_path / "back"))
    restore(open_source(there, back), back)
    assert of_folder(tmp_path / "back") == of_folder(tmp_path / "here")
    with open_records(office) as records:  # numbers go on after those that were put back
        for collection in collections.list_collections(records):
            collections.add(records, collection.id, "USD900001S1/3/1")
    with pytest.raises(BackupProblem, match="something already"):
        restore(open_source(to, office), office)
    assert verify(open_source(to, office)).patents == 2
