"""Archives larger than memory: read as they are gone through, remembered on disk, the same as small ones."""

import io
import tarfile
import tracemalloc
from functools import partial
from pathlib import Path

import pytest

from ipatent.index.embedded import EmbeddedIndex
from ipatent.ingest import Step, ingest
from ipatent.ledger import Kept, Ledger, Met
from ipatent.settings import Settings
from ipatent.sources import archives, survey
from ipatent.sources.bulk import Address
from ipatent.sources.discovery import Job, content_key, prospect
from ipatent.sources.spool import Spool
from office_files import grant, patent_files, write_tar, zipped
from patent_files import LIMITS
from tiny_encoder import SPEC, TinyEncoder


def week(path: Path, patents: int) -> Path:
    """A tar of one ZIP a patent; the sheets are no pictures, as only their names are needed here."""
    with tarfile.open(path, "w") as archive:
        for n in range(patents):
            stem = f"US{20_000_000 + n}-20250107"
            sheets = {f"{stem}/{stem}-D{sheet:05}.TIF": b"II*\0" for sheet in range(1, 5)}
            data = zipped({f"{stem}/{stem}.XML": grant(str(20_000_000 + n), 4).encode(), **sheets})
            info = tarfile.TarInfo(f"I/{stem}.ZIP")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def test_the_first_patent_of_a_large_archive_is_there_before_the_others_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    genuine = archives.list_inner
    monkeypatch.setattr(survey, "list_inner", lambda *given: (opened.append(given), genuine(*given))[1])
    before = prospect([week(tmp_path / "a.tar", 30)], LIMITS)
    assert before.jobs is None
    assert isinstance(next(before.found), Job)
    assert len(opened) == 1


def test_memory_does_not_grow_with_the_patents_in_an_archive(tmp_path: Path) -> None:
    peaks = []
    for patents in (500, 500, 2_000):  # the first time warms what is loaded once
        path = week(tmp_path / f"{patents}.tar", patents)
        tracemalloc.start()
        count = sum(bool(content_key(job, LIMITS)) for job in prospect([path], LIMITS).found)  # type: ignore[arg-type]
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert count == patents
    assert peaks[2] < peaks[1] + 200_000


def found_in(path: Path, kind: str) -> tuple[set[Address], list[tuple[str, str]]]:
    found = list(survey.patents_in(path, kind))
    return {one for one in found if isinstance(one, Address)}, [
        (one.name, one.reason) for one in found if not isinstance(one, Address)
    ]


@pytest.mark.parametrize("documents", [0, 1, 6])
def test_loose_files_that_wait_on_disk_give_the_same_patents_as_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, documents: int
) -> None:
    files: dict[str, bytes] = {"mugs/mug_1.png": b"1", "mugs/mug_2.png": b"2", "docs/a.pdf": b"%PDF"}
    for n in range(documents):
        files.update(patent_files(f"0912345{n}", 2))
    whole = list(files.items())
    path = write_tar(tmp_path / "a.tar", dict(whole[::2] + whole[1::2]))  # each patent's files far apart
    expected = found_in(path, "tar")
    monkeypatch.setattr(survey, "Spool", partial(Spool, 3))
    assert found_in(path, "tar") == expected
    assert len(expected[0]) == {0: 2, 1: 1, 6: 7}[documents]


def test_an_ingest_of_an_archive_tells_the_total_once_it_is_known_and_knows_all_the_second_time(
    tmp_path: Path,
) -> None:
    patents = {f"I/0912345{n}.ZIP": zipped(patent_files(f"0912345{n}", 1, seed=n)) for n in range(5)}
    path = write_tar(tmp_path / "a.tar", patents)
    with EmbeddedIndex.open(tmp_path / "index.sqlite", SPEC, create=True) as index:
        for expected in ((5, 0), (0, 5)):
            steps: list[Step] = []
            done = ingest(
                [path], index, TinyEncoder(), tmp_path / "objects", Settings(processes=1), steps.append
            )
            assert (done.new, done.unchanged, done.files) == (*expected, 5)
            assert [step.done for step in steps] == [1, 2, 3, 4, 5]
            assert {step.total for step in steps} <= {None, 5}
        assert sorted(dict(index.each_source())) == sorted(index.sources())
        assert index.source("no such key") is None


def test_a_ledger_remembers_documents_patents_and_what_waits() -> None:
    ledger = Ledger()
    ledger.meet("key", Met(3, "a.pdf"))
    assert (ledger.met("key"), ledger.met("other")) == (Met(3, "a.pdf"), None)
    for outcome, sheets in (("new", 2), ("replaced", 5)):
        ledger.keep("US1", Kept(1, "a.pdf", outcome, sheets, 7))  # type: ignore[arg-type]
    ledger.keep("US2", Kept(2, "b.pdf", "unchanged", 1, 1))
    totals = ledger.totals()
    assert (totals.patents, totals.sheets, totals.figures) == (2, 6, 8)
    assert totals.outcomes == {"new": 0, "unchanged": 1, "replaced": 1}
    for task in ("one", "two"):
        ledger.put_off(task)
    assert list(ledger.put_off_so_far()) == ["one", "two"]
    ledger.close()
