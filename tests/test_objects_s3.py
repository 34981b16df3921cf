"""Objects in a bucket: what holds for a folder holds there too, and what goes wrong is told."""

import hashlib
import threading
import time
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from ipatent import uploads
from ipatent.bucket import Bucket, problem_of
from ipatent.errors import IndexProblem, IPatentError, NotFound, SettingsError
from ipatent.objects import Objects, copy_all
from ipatent.opening import open_objects
from ipatent.settings import Settings
from office_servers import KEY, SECRET, Network, S3Server
from servers import free_port

_PREFIXES = count()
_PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


@pytest.fixture
def bucket(s3: S3Server) -> Bucket:
    """A prefix of its own."""
    return Bucket(f"s3://office/test{next(_PREFIXES)}", s3.endpoint, seconds=5)


def through(bucket: Bucket, network: Network, seconds: float = 20) -> Objects:
    return Objects.open(Bucket(bucket.url, f"http://127.0.0.1:{network.port}", seconds=seconds))


def test_a_bucket_keeps_gives_lists_and_forgets_as_a_folder_does(bucket: Bucket, tmp_path: Path) -> None:
    contents = [_PNG + bytes([n]) * n * 100 for n in range(30)] + [b""]
    names = [hashlib.sha256(content).hexdigest() for content in contents]
    for objects in (Objects.open(bucket), Objects.open(tmp_path / "objects")):
        assert objects.put_all(contents) == names
        assert objects.put(contents[3]) == names[3]
        assert objects.get_all(names) == contents
        assert {(each.name, each.size) for each in objects.each()} == {
            (name, len(content)) for name, content in zip(names, contents, strict=True)
        }
        assert all(abs(each.written - time.time()) < 60 for each in objects.each())
        assert b"".join(objects.read(names[9]).chunks) == contents[9]
        assert b"".join(objects.read(names[9], 5, 20).chunks) == contents[9][5:21]
        assert b"".join(objects.read(names[9], 890).chunks) == contents[9][890:]
        assert objects.read(names[9], 5, 20).size == len(contents[9])
        objects.delete(names[0])
        for name in (names[0], "../../etc/passwd"):
            assert not objects.exists(name)
            for ask in (objects.get, objects.size, objects.delete, objects.read):
                with pytest.raises(NotFound):
                    ask(name)


def test_what_is_there_already_is_not_sent_again(bucket: Bucket) -> None:
    content = _PNG + bytes(300_000)
    Objects.open(bucket).put(content)
    with Network(int(bucket.endpoint.rpartition(":")[2])) as network:
        objects = through(bucket, network)
        network.cut_after = 10_000
        objects.put(content)
        assert network.cuts == 0
        objects.put(content + b"1")
        assert network.cuts == 1


def test_large_objects_go_in_parts_and_come_back_whole(bucket: Bucket) -> None:
    content = bytes(range(256)) * 80_000
    objects = Objects.open(bucket)
    name = objects.put(content)
    assert hashlib.sha256(objects.get(name)).hexdigest() == name
    pieces = list(objects.read(name).chunks)
    assert len(pieces) > 5
    assert b"".join(pieces) == content


def test_all_of_a_folder_can_be_brought_to_a_bucket(bucket: Bucket, tmp_path: Path) -> None:
    old, new = Objects.open(tmp_path), Objects.open(bucket)
    names = old.put_all([bytes([n]) for n in range(100)])
    new.put(bytes([7]))
    seen: list[int] = []
    assert copy_all(old, new, names, seen.append) == 99
    assert seen[-1] == 100
    assert new.get_all(names) == old.get_all(names)
    with pytest.raises(NotFound):
        copy_all(old, new, ["0" * 64])


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"url": "s3://nowhere/x"}, r"There is no bucket nowhere.*aws s3 mb s3://nowhere"),
        ({"endpoint": "http://127.0.0.1:NOBODY"}, r"cannot be reached: connection refused.*objects_endpoint"),
        ({"endpoint": "http://no-such-host.invalid"}, r"cannot be reached: its name is not known"),
        ({"AWS_SECRET_ACCESS_KEY": "wrong-secret"}, r"key .* is not accepted \(SignatureDoesNotMatch\)"),
        ({"AWS_ACCESS_KEY_ID": "wrong-id"}, r"key .* is not accepted \(InvalidAccessKeyId\)"),
    ],
)
def test_what_is_wrong_with_a_bucket_is_told_when_it_is_opened(
    bucket: Bucket, changed: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"url": bucket.url, "endpoint": bucket.endpoint}
    for name, value in changed.items():
        if name in given:
            given[name] = value.replace("NOBODY", str(free_port()))
        else:
            monkeypatch.setenv(name, value)
    settings = Settings(objects=given["url"], objects_endpoint=given["endpoint"], objects_seconds=0.4)
    started = time.monotonic()
    with pytest.raises(IndexProblem, match=said) as told:
        open_objects(settings)
    assert time.monotonic() - started < 10
    if "secret" not in said:
        assert SECRET not in str(told.value)
    assert "wrong-" not in str(told.value)
    objects = Objects.open(Bucket(given["url"], given["endpoint"], seconds=0.4))
    for call in (lambda: objects.put(_PNG), lambda: list(objects.each())):
        with pytest.raises(IndexProblem):
            call()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"objects": "s3://KEY:SECRET@office/x"}, "s3://BUCKET/PREFIX"),
        ({"objects": "s3://office/x?secret=SECRET"}, "s3://BUCKET/PREFIX"),
        ({"objects": "http://office"}, "s3://BUCKET/PREFIX"),
        ({"objects": "s3://office/../x"}, "s3://BUCKET/PREFIX"),
        ({"objects": "s3://office", "objects_endpoint": "localhost:8333"}, "objects_endpoint"),
        ({"objects": "s3://office", "objects_endpoint": "http://KEY:SECRET@localhost"}, "objects_endpoint"),
        ({"objects": "s3://office", "objects_key_file": "/no/such/file"}, "objects_key_file"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused_and_not_repeated(
    settings: dict[str, str], said: str
) -> None:
    with pytest.raises(SettingsError, match=said) as told:
        open_objects(Settings(**settings))
    assert "SECRET" not in str(told.value)


def test_the_key_may_come_from_a_file_and_a_bucket_without_any_is_refused(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    settings = Settings(objects=bucket.url, objects_endpoint=bucket.endpoint)
    with pytest.raises(SettingsError, match=r"no key for the bucket office.*AWS_ACCESS_KEY_ID"):
        open_objects(settings)
    file = tmp_path / "key"
    for text in (
        f"aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n",
        f"AWS_ACCESS_KEY_ID={KEY}\nAWS_SECRET_ACCESS_KEY='{SECRET}'\n",
        f"[default]\naws_access_key_id={KEY}\naws_secret_access_key={SECRET}\n[other]\nx=y\n",
    ):
        file.write_text(text)
        place = Bucket(bucket.url, bucket.endpoint, key_file=str(file))
        assert Objects.open(place).get(Objects.open(place).put(_PNG)) == _PNG
        assert SECRET not in repr(place)
    file.write_text(f"nothing {SECRET}")
    with pytest.raises(SettingsError, match="holds no key") as told:
        Objects.open(Bucket(bucket.url, bucket.endpoint, key_file=str(file)))
    assert SECRET not in str(told.value)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("status code: 403 Forbidden: <Code>RequestTimeTooSkewed</Code>", "clocks.*NTP"),
        ("status code: 403 Forbidden: <Code>AccessDenied</Code>", "permission denied.*rights"),
        ("status code: 507 Insufficient Storage: <Code>XMinioStorageFull</Code>", "is full"),
        ("status code: 301 Moved: <Code>PermanentRedirect</Code>", "another region"),
        ("status code: 503 Service Unavailable: <Code>SlowDown</Code>", "an error of its own .status 503"),
        ("status code: 400 Bad Request: <Code>Strange</Code> AWSAccessKeyId", "status 400, Strange"),
    ],
)
def test_refusals_of_other_servers_are_told_in_words(answer: str, said: str) -> None:
    error = RuntimeError(f"Generic S3 error: Server returned non-2xx {answer}<StringToSign>x</StringToSign>")
    with pytest.raises(IndexProblem, match=said) as told:
        raise problem_of(error, Bucket("s3://office/x", "http://localhost:1"))
    assert "StringToSign" not in str(told.value)
    assert "AWSAccessKeyId" not in str(told.value)


def test_uploads_share_a_seal_are_kept_while_they_are_used_and_forgotten_then(bucket: Bucket) -> None:
    one, other = Objects.open(bucket), Objects.open(bucket)
    name = uploads.keep(one, b"sketch")
    assert uploads.keep(other, b"sketch") == name
    assert uploads.content_of(other.get(name)) == b"sketch"
    named, used = uploads.keep(one, b"named"), uploads.keep(one, b"used")
    assert uploads.held(one)[0] == 3
    assert uploads.sweep(one, 30, {named}) == 0
    later = time.time() + 31 * uploads.DAY
    assert uploads.sweep(other, 30, {named, used}, later) == 1
    assert [one.exists(each) for each in (name, named, used)] == [False, True, True]
    uploads.touch(one, name)
    assert not one.exists(name)


def test_an_upload_that_is_used_counts_as_new(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    objects = Objects.open(bucket)
    name = objects.put(b"sketch")
    before = objects.look_up(name).written
    objects.touch(name)
    assert objects.look_up(name).written == before
    time.sleep(1.1)
    monkeypatch.setattr("ipatent.objects._DAY", 1)
    objects.touch(name)
    assert objects.look_up(name).written > before


def test_a_slow_network_that_breaks_costs_time_and_nothing_else(bucket: Bucket) -> None:
    contents = [_PNG + bytes([n]) * 60_000 for n in range(12)]
    with Network(int(bucket.endpoint.rpartition(":")[2])) as network:
        objects = through(bucket, network)
        network.bytes_a_second = 1_000_000
        network.cut_after = 40_000
        names = objects.put_all(contents)
        assert network.cuts == 1
        network.cut_after = 0
        assert objects.get_all(names) == contents
    assert Objects.open(bucket).get_all(names) == contents


def test_nothing_acknowledged_is_lost_when_the_server_is_killed_in_the_middle(
    s3: S3Server, bucket: Bucket
) -> None:
    objects = Objects.open(replace(bucket, seconds=0.5))
    patient = Objects.open(replace(bucket, seconds=60))
    acknowledged: dict[str, bytes] = {}
    problems: list[IPatentError] = []
    ended = threading.Event()

    def write(writer: int) -> None:
        number = 0
        while not ended.is_set():
            content = f"{writer} {number} ".encode() * 10_000
            try:
                acknowledged[objects.put(content)] = content
            except IndexProblem as problem:
                problems.append(problem)
                time.sleep(0.05)
            number += 1

    threads = [threading.Thread(target=write, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    try:
        while len(acknowledged) < 30:
            time.sleep(0.01)
        s3.kill()
        while not problems:
            time.sleep(0.01)
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    waiting = threading.Thread(target=lambda: acknowledged.update({patient.put(_PNG): _PNG}))
    waiting.start()
    s3.start()
    waiting.join(60)
    assert hashlib.sha256(_PNG).hexdigest() in acknowledged
    assert patient.get_all(list(acknowledged)) == list(acknowledged.values())
    stored = {each.name: each.size for each in patient.each()}
    assert all(stored[name] == len(content) for name, content in acknowledged.items())
    assert all("cannot be reached" in problem.message for problem in problems)


def test_an_outage_is_not_waited_for_by_one_after_the_other() -> None:
    objects = Objects.open(Bucket("s3://office", f"http://127.0.0.1:{free_port()}", seconds=1.5))
    started = time.monotonic()
    for _ in range(20):
        with pytest.raises(IndexProblem, match="cannot be reached"):
            objects.get("0" * 64)
    assert time.monotonic() - started < 5
