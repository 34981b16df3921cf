"""Objects: what is put comes back, under a name that only its content decides."""

import hashlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ipatent.errors import IndexProblem, NotFound
from ipatent.objects import Objects


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return Objects.open(tmp_path / "objects")


@pytest.mark.parametrize(
    "content", [b"", b"x", bytes(range(256)) * 5000], ids=["empty", "one byte", "1.3 MB"]
)
def test_what_is_put_comes_back_under_its_sha256(objects: Objects, content: bytes) -> None:
    name = objects.put(content)
    assert name == hashlib.sha256(content).hexdigest()
    assert objects.get(name) == content
    assert objects.size(name) == len(content)
    assert objects.exists(name)


def test_an_object_outlives_the_store_that_put_it(tmp_path: Path) -> None:
    name = Objects.open(tmp_path / "objects").put(b"drawing")
    assert Objects.open(str(tmp_path / "objects")).get(name) == b"drawing"


def test_a_url_opens_the_same_store_as_its_folder(tmp_path: Path) -> None:
    name = Objects.open(tmp_path).put(b"drawing")
    assert Objects.open(f"file://{tmp_path}").get(name) == b"drawing"


def test_putting_the_same_content_again_writes_nothing(objects: Objects, tmp_path: Path) -> None:
    name = objects.put(b"drawing")
    path = tmp_path / "objects" / name[:2] / name[2:4] / name
    before = path.stat()
    assert objects.put(b"drawing") == name
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_deleted_object_is_gone_and_can_be_put_again(objects: Objects) -> None:
    name = objects.put(b"drawing")
    objects.delete(name)
    assert not objects.exists(name)
    with pytest.raises(NotFound, match=name):
        objects.get(name)
    with pytest.raises(NotFound):
        objects.size(name)
    with pytest.raises(NotFound):
        objects.delete(name)
    assert objects.get(objects.put(b"drawing")) == b"drawing"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a",
        "A" * 64,
        "../../etc/passwd",
        "a" * 63 + "\n",
        "a" * 64 + "\n",
        "/" * 64,
        "../" + "a" * 61,
        "\0" * 64,
    ],
)
def test_a_name_that_is_no_hash_never_reaches_the_disk(objects: Objects, name: str) -> None:
    for ask in (objects.get, objects.size, objects.delete):
        with pytest.raises(NotFound):
            ask(name)
    assert not objects.exists(name)


def test_many_threads_may_put_the_same_and_different_objects(objects: Objects) -> None:
    contents = [bytes([n % 10]) * 10_000 for n in range(40)]
    threads = [threading.Thread(target=objects.put, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(objects.get(hashlib.sha256(content).hexdigest()) == content for content in contents)


def test_a_file_where_the_folder_should_be_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(IndexProblem, match="file"):
        Objects.open(tmp_path / "file" / "objects")


def test_a_url_of_no_known_kind_is_reported() -> None:
    with pytest.raises(IndexProblem, match="s3://bucket/prefix"):
        Objects.open("gopher://somewhere/objects")


_FILL_DISK = """
import resource, sys
from ipatent.errors import IndexProblem
from ipatent.objects import Objects
objects = Objects.open(sys.argv[1])
small = objects.put(b"small")
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    objects.put(b"x" * 1_000_000)
except IndexProblem as problem:
    print(problem)
import hashlib
print(objects.exists(hashlib.sha256(b"x" * 1_000_000).hexdigest()), objects.get(small))
"""


def test_a_disk_with_no_room_is_reported_and_leaves_no_half_object(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FILL_DISK, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    message, state = done.stdout.splitlines()
    assert message.startswith("The disk is full")
    assert "Free some space" in message
    assert state == "False b'small'"


_WITHOUT_RIGHTS = """
import sys
from ipatent.errors import IndexProblem
from ipatent.objects import Objects
try:
    Objects.open(sys.argv[1]).put(b"drawing")
except IndexProblem as problem:
    print(problem)
"""


# capset(2) with empty sets: from then on permissions are checked for root as for anyone.
_NO_LONGER_ROOT = """
import ctypes, struct
header = ctypes.create_string_buffer(struct.pack("=Ii", 0x20080522, 0))
nothing = ctypes.create_string_buffer(struct.pack("=6I", 0, 0, 0, 0, 0, 0))
assert ctypes.CDLL(None).capset(header, nothing) == 0
"""


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX permissions")
def test_a_folder_without_the_right_to_write_is_reported(tmp_path: Path) -> None:
    folder = tmp_path / "objects"
    folder.mkdir(mode=0o555)
    if os.geteuid() == 0 and not sys.platform.startswith("linux"):
        pytest.skip("root cannot be refused here")
    code = (_NO_LONGER_ROOT if os.geteuid() == 0 else "") + _WITHOUT_RIGHTS
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, timeout=60, check=True
    )
    assert "permission denied" in done.stdout
    assert "Give this user the right" in done.stdout
