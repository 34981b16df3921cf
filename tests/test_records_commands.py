"""The commands for records, collections, judgements, saved searches and verification."""

from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest

from command_line import Run, runner
from drawn_patents import Library, fill
from ipatent.encode.builtin import BuiltinEncoder
from ipatent.exports import check
from ipatent.records import (
    Database,
    Grade,
    QueryImage,
    judgements,
    open_records,
    record_hash,
    searches,
)
from ipatent.settings import Settings
from ipatent.web.replay import index_state
from search_records import ranked, search_record


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Three drawn patents, indexed with the built-in encoder, as a command finds them."""
    library = fill(tmp_path_factory.mktemp("filled"), BuiltinEncoder.load(1), patents=3)
    yield library
    library.state.close()


@pytest.fixture
def kept(filled: Library, tmp_path: Path) -> Iterator[Database]:
    """Records beside that index, in a file of their own."""
    with Database.open(tmp_path / "records.sqlite") as database:
        yield database


@pytest.fixture
def run(
    filled: Library, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Run:
    """Runs the command line in this process, in an empty folder."""
    run = runner(capsys, monkeypatch, tmp_path)
    monkeypatch.setenv("IPATENT_DATA", filled.state.settings.data)
    monkeypatch.setenv("IPATENT_RECORDS", f"sqlite:///{tmp_path / 'records.sqlite'}")
    return run


def store(kept: Database, library: Library, **others: object) -> str:
    figures = [figure.id for figure in library.figures[:4]]
    return searches.store(
        kept, search_record(ranked=ranked(*figures), index=index_state(library.state), **others)
    )


def test_searches_are_listed_and_shown(run: Run, kept: Database, filled: Library) -> None:
    assert "No searches are recorded." in run("records", "list").out
    record = store(kept, filled, words="chair \x1b[31m")
    listed = run("records", "list", "chair")
    assert record in listed.out
    assert "\x1b" not in listed.out
    assert run("records", "list", "--json").json["records"][0]["hits"] == 4
    assert run("records", "list", "nothing", "--json").json == {"total": 0, "records": []}
    key = searches.get(kept, record).parameters
    judgements.judge(kept, key, filled.figures[0].id, Grade.PARTLY)
    shown = run("records", "show", record)
    assert record_hash(searches.get(kept, record)) in shown.out
    assert "partly relevant" in shown.out
    told = run("records", "show", record, "--compare", record, "--json").json
    assert told["change"]["changed"] is False
    assert told["measures"]["judged"] == 1
    missing = run("records", "show", "nosuch")
    assert (missing.status, missing.out) == (1, "")
    assert "There is no search record 'nosuch'" in missing.err


@pytest.mark.parametrize("name", ["x.pdf", "x.json", "x.csv", "x.ris", "x.bib", "x.run"])
def test_a_search_is_exported_in_each_format(
    run: Run, kept: Database, filled: Library, tmp_path: Path, name: str
) -> None:
    drawn = filled.figures[2].image
    record = store(kept, filled, pictures=(QueryImage(sha256=drawn),))
    assert run("records", "export", record, "--to", name).status == 0
    content = (tmp_path / name).read_bytes()
    if name == "x.pdf":
        with pypdfium2.PdfDocument(content) as pdf:
            text = pdf[0].get_textpage().get_text_bounded()
        assert "no longer kept" not in text
        assert f"sha256 {drawn}" in text.replace("\r\n", " ")
    else:
        assert b"Teething mitten" in content or name == "x.run"
        assert filled.figures[3].id.split("/")[0].encode() in content


def test_what_cannot_be_exported_is_refused(
    run: Run, kept: Database, filled: Library, tmp_path: Path
) -> None:
    record = store(kept, filled)
    refused = run("records", "export", record, "--to", "x.docx")
    assert refused.status == 1
    assert "'docx' is not a format" in refused.err
    refused = run("records", "export", record, "--to", "no/such/folder/x.csv")
    assert "cannot be written: No such file" in refused.err


def test_a_collection_is_made_filled_and_exported(run: Run, kept: Database, filled: Library) -> None:
    figures = [figure.id for figure in filled.figures[:2]]
    assert run("collections", "create", "Chairs", "--description", "for the file").status == 0
    assert "Added 2 of 2" in run("collections", "add", "Chairs", *figures, "--note", "see hinge").out
    assert "Added 0 of 1" in run("collections", "add", "Chairs", figures[0]).out
    assert "1" in run("collections", "list").out
    assert [
        item["figure"] for item in run("collections", "show", "Chairs", "--json").json["items"]
    ] == figures
    assert "see hinge" in run("collections", "show", "Chairs").out
    assert run("collections", "export", "Chairs", "--to", "x.json").status == 0
    assert check(Path("x.json").read_text()).kind == "collection"
    refused = run("collections", "add", "Chairs", "nosuch/1/1")
    assert refused.status == 1
    refused = run("collections", "export", "Chairs", "--to", "x.run")
    assert "not a format" in refused.err


def test_judgements_become_qrels(run: Run, kept: Database) -> None:
    key = judgements.judge(kept, (("q", "chair"),), "P 1/1/1", Grade.RELEVANT)
    assert run("judgements", "export", "--qrels", "x.qrels", "--topics", "x.topics").status == 0
    assert Path("x.qrels").read_text() == f"{key} 0 P%201/1/1 2\n"
    assert Path("x.topics").read_text() == f"{key}\tq=chair\n"


def test_a_watched_search_tells_what_is_new(run: Run, kept: Database, filled: Library) -> None:
    assert "There are no saved searches." in run("watch", "--run").out
    said = run("watch", "--add", "Mittens", "/search?q=teething+mitten&k=5", "--run")
    assert (said.status, "asked for the first time" in said.out) == (0, True)
    again = run("watch", "--run", "--json")
    assert (again.status, again.json["saved"][0]["found_new"]) == (0, [])
    with kept.writing() as connection:  # as though two figures had come since
        connection.exec_driver_sql(
            "DELETE FROM seen_figures WHERE figure_id IN (SELECT figure_id FROM seen_figures LIMIT 2)"
        )
    found = run("watch", "--run")
    assert found.status == 3
    assert found.out.count("Mittens: new ") == 2
    listed = run("watch", "--json")
    assert (listed.status, len(listed.json["saved"][0]["new"])) == (0, 2)
    run("watch", "--read")
    assert run("watch", "--json").json["saved"][0]["unread"] == 0


def test_a_watched_search_that_cannot_be_asked_is_told_and_the_others_go_on(run: Run, kept: Database) -> None:
    run("watch", "--add", "A bad one", "/search?k=9999&q=x")
    said = run("watch", "--add", "Good", "/search?q=mitten", "--run")
    assert said.status == 1
    assert "A bad one: not asked. k is 9999" in said.out
    assert "Good: asked for the first time" in said.out


def test_verification_tells_an_altered_file(run: Run, kept: Database, filled: Library) -> None:
    record = store(kept, filled)
    run("records", "export", record, "--to", "x.json")
    said = run("verify", "x.json")
    assert said.status == 0
    assert f"Unaltered: search {record}" in said.out
    Path("y.json").write_text(Path("x.json").read_text().replace("folding chair", "folding chaIr"))
    said = run("verify", "y.json")
    assert said.status == 1
    assert said.out.startswith(f"ALTERED: search {record}. The record does not agree with its hash.")
    for name, content in (("none.json", None), ("bad.json", b"{"), ("binary.json", b"\xff\xfe\x00")):
        if content is not None:
            Path(name).write_bytes(content)
        said = run("verify", name)
        assert (said.status, said.out) == (1, "")
        assert said.err.startswith("Error: ")


def test_records_open_from_the_settings(run: Run, tmp_path: Path) -> None:
    with open_records(Settings(records=f"sqlite:///{tmp_path / 'records.sqlite'}")) as database:
        assert searches.list_records(database).total == 0
    said = run("records", "list", "--set", "records=mysql://x/y")
    assert said.status == 1
    assert "not the URL of a database" in said.err
