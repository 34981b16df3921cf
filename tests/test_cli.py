"""The command line: what each command prints, where, and with which exit status."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from command_line import Run, runner
from ipatent import encode, uploads
from ipatent.cli import app
from ipatent.commands import options
from ipatent.objects import Objects
from ipatent.records import open_records, watching
from ipatent.settings import Settings
from patent_files import drawing, write_patent

COMMANDS = (
    "sample ingest search serve status show delete demo watch verify mcp adapt migrate audit-descriptions"
    " patches encoders synonyms backup restore check uploads"
).split()
COMMAND = (sys.executable, "-c", "from ipatent.cli import main; main()")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs the command line in this process, in an empty folder, with an empty environment."""
    return runner(capsys, monkeypatch, tmp_path)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with three patents, ingested by the built-in encoder."""
    folder = tmp_path_factory.mktemp("filled")
    (folder / "patents").mkdir()
    for n, title in enumerate(("FOLDING CHAIR", "WATER BOTTLE", "DOOR [bold]HINGE[/]")):
        write_patent(folder / "patents" / f"p{n}.pdf", f"D900,{n:03}", title, seed=n)
    done = subprocess.run(
        [*COMMAND, "ingest", folder / "patents", "--data", folder / "data", "--encoder", "builtin"],
        capture_output=True,
        env={key: value for key, value in os.environ.items() if not key.startswith("IPATENT_")},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return folder / "data"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    drawing(1).crop((100, 100, 700, 900)).save(tmp_path / "sketch.png")
    return tmp_path / "sketch.png"


# -- help and the command itself


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(run: Run, command: str) -> None:
    said = run(command, "--help")
    assert said.status == 0
    assert f"Example: ipatent {command}" in said.out


def test_the_commands_are_all_there(run: Run) -> None:
    named = {one.callback.__name__.replace("_", "-") for one in app.registered_commands if one.callback}
    assert named == set(COMMANDS)
    assert run("--version").out.startswith("ipatent ")
    assert all(command in run("--help").out for command in COMMANDS)


@pytest.mark.parametrize("args", [("nope",), ("search", "--nope"), ("search", "-k", "many")])
def test_a_command_that_is_not_understood_ends_with_two(run: Run, args: tuple[str, ...]) -> None:
    said = run(*args)
    assert (said.status, said.out) == (2, "")
    assert said.err
    assert run(*args, "--json").json["error"]


def test_what_should_not_happen_is_told_in_a_sentence_and_kept_in_a_file(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def break_down(*args: object, **more: object) -> None:
        raise RuntimeError("all is [/lost]")

    monkeypatch.setattr(options, "load_settings", break_down)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    said = run("status")
    assert said.status == 70
    assert "This should not have happened: RuntimeError: all is [/lost]" in said.err
    (details,) = tmp_path.glob("ipatent-error-*.txt")
    assert str(details) in said.err
    assert "break_down" in details.read_text()


# -- search


@pytest.mark.parametrize(
    ("args", "found"),
    [
        (("view", "--view", "front"), {"front"}),
        (("view", "--not", "view=front"), {"rear"}),
        (("--view", "front", "--view", "rear", "--office", "us", "--kind", "S1"), {"front", "rear"}),
        (("view", "--view", "front", "--view", "rear", "--all-of", "view"), set()),
        (("view", "--applicant", "example works", "--year", "2020", "--view", "rear"), {"rear"}),
        (("view", "--before", "2020-01-06"), set()),
        (
            ("view", "--priority-before", "2020-01-07", "--after", "2020-01-07", "--in", "US D900,001 S"),
            {"front", "rear"},
        ),
        (("view", "--cpc", "A47C"), set()),
        (("view", "--not-captioned"), set()),
    ],
)
def test_a_search_is_narrowed_as_on_the_page(
    run: Run, filled: Path, args: tuple[str, ...], found: set[str]
) -> None:
    hits = run("search", *args, "--data", filled, "--json").json["hits"]
    assert {hit["caption"].partition(" ")[0] for hit in hits} == found


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--before", "soon"), "before"),
        (("--not", "colour=red"), "--not does not know 'colour'"),
        (("--not", "type"), "lacks a value"),
        (("--all-of", "year"), "Name one of: office, kind"),
        (("--year", " "), "--year is empty"),
    ],
)
def test_a_filter_that_cannot_be_read_is_named(
    run: Run, filled: Path, args: tuple[str, ...], said: str
) -> None:
    answer = run("search", "chair", *args, "--data", filled)
    assert answer.status == 1
    assert said in answer.err


def test_a_search_by_words_prints_a_table_and_the_same_as_json(run: Run, filled: Path) -> None:
    said = run("search", "chair", "--data", filled, "-k", 2)
    assert said.status == 0
    assert "USD900000S1/1/1" in said.out
    assert "FOLDING CHAIR" in said.out
    hits = run("search", "chair", "--data", filled, "-k", 2, "--json").json["hits"]
    assert [hit["rank"] for hit in hits] == [1, 2]
    assert {hit["publication"] for hit in hits} == {"USD900000S1"}
    assert all(hit["evidence"] for hit in hits)


def test_brackets_in_titles_are_printed_as_they_are(run: Run, filled: Path) -> None:
    assert "DOOR [bold]HINGE[/]" in run("search", "hinge", "--data", filled).out


def test_a_picture_and_a_part_of_it_find_their_patent(run: Run, filled: Path, tmp_path: Path) -> None:
    drawing(101).save(tmp_path / "sheet.png")
    for more in ((), ("--box", "50,50,750,900")):
        said = run("search", "--image", tmp_path / "sheet.png", *more, "--data", filled, "--json")
        assert said.json["hits"][0]["figure"] == "USD900001S1/1/1"


def test_a_figure_finds_its_like(run: Run, filled: Path) -> None:
    hits = run("search", "--like", "USD900002S1/2/1", "--data", filled, "--json").json["hits"]
    assert hits[0]["figure"] == "USD900002S1/2/1"


def test_settings_may_be_given_one_by_one(run: Run, filled: Path) -> None:
    assert len(run("search", "view", "--data", filled, "--set", "k=1", "--json").json["hits"]) == 1
    hits = run("search", "view", "--data", filled, "--set", "k=1", "-k", 3, "--json").json["hits"]
    assert len(hits) == 3


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "empty"),
        (("   ",), "empty"),
        (("chair", "-k", "0"), "between 1 and 500"),
        (("chair", "-k", "-1"), "between 1 and 500"),
        (("chair", "-k", str(10**9)), "500"),
        (("x" * 3000,), "2,000"),
        (("--box", "1,2,3,4"), "--box needs a picture"),
        (("--image", "sketch.png", "--box", "0,0,601,10"), "does not lie in the picture of 600 × 800"),
        (("--image", "sketch.png", "--box", "1,2,3"), "is not a box"),
        (("--image", "sketch.png", "--box", "0,0,0,5"), "is not a box"),
        (("--image", "sketch.png", "--box", "-1,0,5,5"), "is not a box"),
        (("--image", "missing.png"), "missing.png cannot be read: No such file"),
        (("--image", "."), ". is no file"),
        (("--image", "pipe"), "pipe is no file"),
        (("--image", "text.png"), "text.png: This is a file of an unknown kind"),
        (("--image", "empty.png"), "empty.png: The picture is empty"),
        (("--image", "large.png"), "large.png: The picture has 10000 × 10000"),
        (("--image", "sketch.png", "--set", "max_upload_bytes=1000"), "larger than the limit of 1,000 bytes"),
        (("--like", "USD1/1/1"), "USD1/1/1"),
        (("chair", "--text-weight", "1.5"), "from 0 to 1"),
        (("chair", "--set", "foo=1"), "Unknown setting 'foo' in the command line"),
        (("chair", "--set", "k"), "lacks a value"),
        (("chair", "--set", "k=0"), "from 1 to 10,000"),
        (("chair", "--encoder", "nope"), "Unknown encoder 'nope'"),
    ],
)
def test_a_query_that_cannot_be_answered_is_explained(
    run: Run, filled: Path, picture: Path, tmp_path: Path, args: tuple[str, ...], message: str
) -> None:
    (tmp_path / "text.png").write_text("hello")
    (tmp_path / "empty.png").touch()
    os.mkfifo(tmp_path / "pipe")
    if "large.png" in args:
        Image.new("1", (10_000, 10_000)).save(tmp_path / "large.png")
    said = run("search", *args, "--data", filled)
    assert (said.status, said.out) == (1, "")
    assert message in said.err
    assert len(said.err.splitlines()) <= 3
    said = run("search", *args, "--data", filled, "--json")
    assert said.status == 1
    assert set(said.json) == {"error", "advice"}
    assert message in said.json["error"] + said.json["advice"]


def test_nothing_found_is_said(run: Run, filled: Path) -> None:
    said = run("search", "xyzzyx", "--data", filled, "--set", "candidates=10")
    assert said.status == 0
    assert said.out


# -- status, delete


def test_status_says_what_there_is(run: Run, filled: Path) -> None:
    said = run("status", "--data", filled)
    assert said.status == 0
    assert "builtin" in said.out
    state = run("status", "--data", filled, "--json").json
    assert (state["patents"], state["sheets"], state["figures"]) == (3, 6, 6)
    assert state["encoder"]["name"] == "builtin"


@pytest.mark.parametrize("command", [("status",), ("search", "x"), ("delete", "US1")])
def test_without_an_index_the_way_to_one_is_shown(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    said = run(*command, "--data", tmp_path / "[bold]none[" / "]")
    assert said.status == 1
    assert "[bold]none[" in said.err
    assert "ipatent ingest" in said.err
    assert run(*command, "--data", tmp_path / "none", "--json").json["advice"]


def test_a_patent_is_deleted_by_its_number_as_printed(run: Run, filled: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(filled, tmp_path / "data")
    said = run("delete", "US D900,001 S", "--data", tmp_path / "data")
    assert (said.status, said.out) == (0, "Deleted USD900001S1 with 2 figures.\n")
    said = run("delete", "US D900,001 S", "--data", tmp_path / "data")
    assert (said.status, said.out) == (1, "")
    assert "holds no patent US D900,001 S" in said.err
    said = run("delete", "USD900000S1", "d900002", "d900,000", "--data", tmp_path / "data", "--json")
    assert said.json == {"deleted": {"USD900000S1": 2, "USD900002S1": 2}}


def test_of_several_to_delete_none_goes_when_one_is_unknown(run: Run, filled: Path) -> None:
    said = run("delete", "USD900000S1", "[/]x", "--data", filled)
    assert said.status == 1
    assert "[/]x" in said.err
    assert run("status", "--data", filled, "--json").json["patents"] == 3


# -- ingest


def test_an_ingest_ends_with_a_table_and_names_what_was_skipped(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "[red]in[" / "]put"
    folder.mkdir(parents=True)
    write_patent(folder / "a.pdf")
    (folder / "new\nline [bold].pdf").write_bytes(b"%PDF-1.4 broken")
    (folder / os.fsdecode(b"raw\xff.png")).touch()
    said = run("ingest", tmp_path, "--data", tmp_path / "data", "--encoder", "builtin")
    assert said.status == 0
    assert "patents  sheets  figures  new  unchanged  replaced  skipped" in said.out
    assert "[red]in[/]put/new\\nline [bold].pdf: it is damaged or truncated" in said.out
    assert "raw\\xff.png: is empty (0 bytes)" in said.out
    again = run("ingest", tmp_path, "--data", tmp_path / "data", "--json").json
    assert (again["patents"], again["unchanged"], again["files"], len(again["skipped"])) == (1, 1, 2, 2)
    found = run("search", "opener", "--data", tmp_path / "data", "--json").json
    assert found["hits"][0]["source"].endswith("[red]in[/]put/a.pdf")


def test_names_that_are_no_text_reach_the_terminal_escaped(run: Run, tmp_path: Path) -> None:
    write_patent(tmp_path / "a.pdf", number="").rename(tmp_path / os.fsdecode(b"raw\xff [x].pdf"))
    data = ("--data", tmp_path / "data", "--encoder", "builtin")
    assert run("ingest", tmp_path / os.fsdecode(b"raw\xff [x].pdf"), *data).status == 0
    assert "raw\\xff [x]/1/1" in run("search", "opener", *data).out
    assert run("search", "opener", *data, "--json").json["hits"][0]["publication"] == "raw\\xff [x]"
    assert run("delete", "raw\\xff [x]", *data[:2]).status == 0


def test_an_ingest_of_nothing_readable_fails(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "notes.txt").write_text("hello")
    said = run("ingest", tmp_path / "in", "--data", tmp_path / "data", "--encoder", "builtin")
    assert said.status == 1
    assert "is neither a PDF nor a picture" in said.out
    assert run("ingest", "--data", tmp_path / "data").status == 1
    said = run("ingest", tmp_path / "miss[/]ing", "--data", tmp_path / "data")
    assert (said.status, said.out) == (1, "")
    assert "miss[/]ing does not exist" in said.err


def test_another_encoder_than_that_of_the_index_is_refused_with_the_way_out(
    run: Run, filled: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from dataclasses import replace

    from ipatent.encode.builtin import BuiltinEncoder

    genuine = BuiltinEncoder.load(1)
    other = replace(genuine, spec=replace(genuine.spec, weights="0" * 64))
    monkeypatch.setattr(encode.choice.BuiltinEncoder, "load", lambda *_, **__: other)
    said = run("search", "chair", "--data", filled, "--encoder", "builtin")
    assert said.status == 1
    assert "0000" in said.err
    assert "--re-encode" in said.err


def test_re_encoding_prints_json_only_when_asked(run: Run, filled: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(filled, tmp_path / "data")
    said = run("ingest", "--re-encode", "--encoder", "builtin", "--data", tmp_path / "data", "--json")
    assert said.json == {"encoded": 6}
    said = run("ingest", "--re-encode", "--encoder", "builtin", "--data", tmp_path / "none")
    assert (said.status, said.out) == (1, "")
    assert "There is no index" in said.err


# -- settings


def test_the_data_folder_comes_from_the_flag_then_the_environment_then_the_file(
    run: Run, filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ipatent.toml").write_text(f'data = "{filled}"')
    assert run("status").status == 0
    monkeypatch.setenv("IPATENT_DATA", str(tmp_path / "other"))
    assert f"no index in {tmp_path / 'other'}" in run("status").err
    assert run("status", "--data", filled).status == 0


@pytest.mark.parametrize(
    ("environment", "file", "message"),
    [
        ({"IPATENT_FOO": "1"}, "", "Unknown setting 'foo' in the environment"),
        ({}, "foo = 1", "Unknown setting 'foo' in ipatent.toml"),
        ({"IPATENT_PORT": "x"}, "", "port in the environment is 'x', which is not a whole number"),
        ({"IPATENT_DATA": "~nobody-of-this-name"}, "", "no such user's home folder"),
        ({}, "k = [", "not valid TOML"),
    ],
)
def test_a_wrong_setting_stops_every_command(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    file: str,
    message: str,
) -> None:
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    if file:
        (tmp_path / "ipatent.toml").write_text(file)
    for command in (("status",), ("search", "x"), ("ingest", tmp_path), ("delete", "x")):
        said = run(*command)
        assert said.status == 1
        assert message in said.err
    assert message in run("status", "--json").json["error"]


@pytest.mark.parametrize("in_the_way", ["file", "index"])
def test_a_data_folder_that_cannot_be_one_is_explained(run: Run, tmp_path: Path, in_the_way: str) -> None:
    data = tmp_path / "data"
    if in_the_way == "file":
        data.write_text("hello")
    else:
        data.mkdir()
        (data / "index.sqlite").write_text("hello, this is no index at all")
    write_patent(tmp_path / "a.pdf")
    said = run("ingest", tmp_path / "a.pdf", "--data", data, "--encoder", "builtin")
    assert (said.status, said.out) == (1, "")
    assert str(data) in said.err


def test_a_reader_of_the_output_that_stops_reading_is_no_error(filled: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "search", "view", "--json", "--data", filled],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={key: value for key, value in os.environ.items() if not key.startswith("IPATENT_")},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("where", ["> /dev/full", ">&-"])
def test_output_that_cannot_be_written_is_no_stack_trace(filled: Path, where: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'"$@" {where}', "sh", *COMMAND, "status", "--data", filled],
        capture_output=True,
        text=True,
        timeout=60,
        env={key: value for key, value in os.environ.items() if not key.startswith("IPATENT_")},
    )
    full = where == "> /dev/full"
    assert done.returncode == int(full)
    assert done.stderr == ("Error: The output cannot be written: No space left on device.\n" if full else "")


# -- uploads


def test_uploads_are_counted_and_the_old_ones_swept_but_not_those_of_a_record(
    run: Run, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    assert "There is no data folder" in run("uploads", "--data", data).err
    store = Objects.open(data / "uploads")
    names = [uploads.keep(store, f"picture {n}".encode()) for n in range(3)]
    with open_records(Settings(data=str(data))) as records:
        watching.save(records, "kept", f"/search?img={names[1]}")
    for name in names[:2]:
        os.utime(data / "uploads" / name[:2] / name[2:4] / name, (1.7e9, 1.7e9))
    told = run("uploads", "--data", data, "--json").json
    assert (told["uploads"], told["out_of_date"], told["oldest"][:10]) == (3, 1, "2023-11-14")
    assert told["bytes"] > told["out_of_date_bytes"] > 0
    assert "Delete them with: ipatent uploads --sweep" in run("uploads", "--data", data).out
    assert (
        run("uploads", "--data", data, "--set", "keep_uploads_days=0", "--sweep", "--json").json["deleted"]
        == 0
    )
    assert "1 deleted" in run("uploads", "--data", data, "--sweep").out
    assert [store.exists(name) for name in names] == [False, True, True]
