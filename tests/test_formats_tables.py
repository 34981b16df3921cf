"""Pictures with a table of metadata: what becomes of its columns, and what is told where it does not fit."""

import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from formats import Shelf, reasons
from ipatent.sources.discovery import discover
from ipatent.sources.tables import read_rows, table_kind
from patent_files import LIMITS, drawing


def picture(path: Path, seed: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    drawing(seed, 200, 150).save(path, "PNG")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


ROWS: list[dict[str, Any]] = [
    {
        "Image": "a1.png",
        "Publication Number": "US D900,001 S",
        "Title": "Bottle opener",
        "Caption": "FIG. 1 is a front view of a bottle opener;",
        "Terms": "handle;blade",
        "CPC": "B67B 7/44",
        "Assignee": "Example Works",
        "Published": "2020-01-07",
    },
    {
        "Image": "a2.png",
        "Publication Number": "US D900,001 S",
        "Title": "Bottle opener",
        "Caption": "FIG. 2 is a rear view thereof;",
        "Terms": "",
        "CPC": "",
        "Assignee": "",
        "Published": "",
    },
]


def write_table(path: Path, rows: list[dict[str, Any]]) -> Path:
    if path.suffix == ".parquet":
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    elif path.suffix == ".json":
        path.write_text(json.dumps(rows, indent=1))
    elif path.suffix == ".jsonl":
        path.write_text("\n".join(json.dumps(row) for row in rows))
    else:
        mark = "\t" if path.suffix == ".tsv" else ","
        lines = [mark.join(rows[0]), *(mark.join(f'"{cell}"' for cell in row.values()) for row in rows)]
        path.write_text("\n".join(lines), "utf-8")
    return path


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".json", ".jsonl", ".parquet"])
def test_a_table_beside_pictures_gives_their_patent_its_fields(
    folder: Path, shelf: Shelf, suffix: str
) -> None:
    picture(folder / "a1.png", 1)
    picture(folder / "a2.png", 2)
    write_table(folder / f"table{suffix}", ROWS)
    summary = shelf.ingest(folder)
    assert not summary.skipped
    assert shelf.figures() == {"USD900001S1": ["/1/1", "/2/1"]}
    patent = shelf.patents()["USD900001S1"]
    assert (patent.title, patent.published) == ("Bottle opener", date(2020, 1, 7))
    assert patent.applicants == ("Example Works",)
    assert [one.symbol for one in patent.classifications] == ["B67B 7/44"]
    one, two = shelf.figure("USD900001S1/1/1"), shelf.figure("USD900001S1/2/1")
    assert (one.labels, one.caption, one.view) == (("1",), "front view of a bottle opener", "front")
    assert one.terms == ("handle", "blade")
    assert (two.labels, two.caption, two.view) == (("2",), "rear view thereof", "rear")
    again = shelf.ingest(folder)
    assert (again.new, again.unchanged) == (0, 1)


def test_the_metadata_of_deeppatent2_give_object_view_caption_and_title(folder: Path, shelf: Shelf) -> None:
    stem = "USD0836880-20190101"
    picture(folder / "original" / f"{stem}-D00001.png", 1)
    for count in (1, 2):
        picture(folder / "segmented" / f"{stem}-D00001_{count}.png", 1 + count)
    rows = [
        {
            "id": count,
            "patentID": stem,
            "patentdate": "2019-01-01",
            "figid": str(count),
            "caption": f"Fig. {count} is a front, top, and left side perspective view of a pet treat;",
            "object": "Pet treat",
            "aspect": "front, top, and left side perspective view",
            "figure_file": f"{stem}-D00001.png",
            "subfigure_file": f"{stem}-D00001_{count}.png",
            "object_title": "Pet treat",
            "x_figure": 5,
            "y_figure": 5,
            "w_figure": 50,
            "h_figure": 50,
        }
        for count in (1, 2)
    ]
    (folder / "design2019.json").write_text(json.dumps(rows))
    summary = shelf.ingest(folder)
    assert not summary.skipped
    assert shelf.figures() == {"USD836880S1": ["/1/1", "/2/1"]}, "cut figures only, not their page again"
    figure = shelf.figure("USD836880S1/2/1")
    assert (figure.labels, figure.view, figure.depicts) == (("2",), "perspective", "pet treat")
    patent = shelf.patents()["USD836880S1"]
    assert (patent.title, patent.published) == ("Pet treat", date(2019, 1, 1))


def test_a_figure_is_cut_from_its_page_where_only_its_box_is_told(folder: Path, shelf: Shelf) -> None:
    picture(folder / "p.png")
    (folder / "t.csv").write_text(
        "file,patent,x,y,w,h\np.png,D900001,10,10,90,80\np.png,D900001,100,10,90,80\n"
    )
    shelf.ingest(folder)
    figures = shelf.index.figures_of("USD900001S1")
    assert len(figures) == 2
    assert all(figure.width <= 90 for figure in figures)


def test_the_folder_and_lists_of_deeppatent_are_patents_by_their_names(folder: Path, shelf: Shelf) -> None:
    for year, number in (("2018", "0871717"), ("2019", "0871718")):
        for sheet in (1, 2):
            picture(folder / year / f"USD{number}-20200107-D0000{sheet}.png", sheet + int(number))
    (folder / "train.txt").write_text("2018/USD0871717-20200107-D00001.png\nUSD0871718-20200107-D00002\n")
    summary = shelf.ingest(folder)
    assert shelf.figures() == {"USD871717S1": ["/1/1", "/2/1"], "USD871718S1": ["/1/1", "/2/1"]}
    assert reasons(summary) == [
        "train.txt: is a list of pictures, as benchmarks bring it; the pictures themselves are read"
    ]


def test_one_row_may_list_the_pictures_and_captions_of_a_whole_patent(folder: Path, shelf: Shelf) -> None:
    for name in ("f1.png", "f2.png"):
        picture(folder / name, int(name[1]))
    (folder / "impact.csv").write_text(
        "id,patent_id,title,class,file_names,fig_desc\n"
        "1,D900005,Lamp,D26/24,\"['f1.png', 'f2.png']\",\"['front view of a lamp', 'top view of a lamp']\"\n"
    )
    shelf.ingest(folder)
    assert [figure.view for figure in shelf.index.figures_of("USD900005S1")] == ["front", "top"]
    assert [one.symbol for one in shelf.patents()["USD900005S1"].classifications] == ["D26/24"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "latin-1"])
def test_a_table_is_read_in_the_encodings_that_spreadsheets_write(
    folder: Path, shelf: Shelf, encoding: str
) -> None:
    picture(folder / "é.png")
    text = "Image;Publication;Titel;Title\r\né.png;D900001;x;Öffner für Flaschen\r\n"
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    (folder / "t.csv").write_bytes(mark + text.encode(encoding))
    summary = shelf.ingest(folder)
    assert not summary.skipped
    assert shelf.patents()["USD900001S1"].title == "Öffner für Flaschen"


def test_json_in_utf_16_and_objects_of_objects_are_read(folder: Path, shelf: Shelf) -> None:
    picture(folder / "a.png", 1)
    picture(folder / "b.png", 2)
    rows = {"a.png": {"patent": "D900001", "title": 'A "quoted" {brace'}, "b.png": {"patent": "D900001"}}
    (folder / "t.json").write_bytes(json.dumps(rows).encode("utf-16"))
    shelf.ingest(folder)
    assert shelf.patents()["USD900001S1"].title == 'A "quoted" {brace'
    assert len(shelf.figures()["USD900001S1"]) == 2


def test_columns_that_do_not_fit_are_listed_with_those_expected(folder: Path) -> None:
    (folder / "t.csv").write_text("colour,price\nred,3\n")
    (skip,) = discover([folder], LIMITS).skipped
    assert "columns ('colour', 'price') do not say which picture" in skip.reason
    assert "file, figure_file, file_name, image" in skip.reason
    assert "publication, title, caption" in skip.reason


def test_rows_without_their_picture_and_rows_that_lead_out_of_the_folder_are_counted(
    folder: Path, shelf: Shelf
) -> None:
    picture(folder / "a.png")
    secret = picture(folder.parent / "secret.png", 5)
    (folder / "t.csv").write_text(
        "file,patent\na.png,D900001\na.png,D900002\ngone.png,D900001\n,D900001\n"
        f"../secret.png,D900001\n{secret},D900001\nC:\\x.png,D900001\nlost.png,D900001\n"
    )
    summary = shelf.ingest(folder)
    assert shelf.figures() == {"USD900001S1": ["/1/1"]}
    assert reasons(summary) == [
        "t.csv: 2 of its 8 rows name pictures that are not there; the first: gone.png",
        "t.csv: 3 of its 8 rows name files outside the folder of the table, which is refused; the first:"
        " ../secret.png",
        "t.csv: 1 of its 8 rows name a picture that an earlier row named; the first counts; the first: a.png",
        "t.csv: 1 of its 8 rows name no picture",
    ]


def test_pictures_of_a_described_patent_that_no_row_names_belong_to_it(folder: Path, shelf: Shelf) -> None:
    for sheet in (1, 2):
        picture(folder / f"USD0871717-20200107-D0000{sheet}.png", sheet)
    (folder / "t.csv").write_text("file,title\nUSD0871717-20200107-D00002,Lamp\n")
    summary = shelf.ingest(folder)
    assert not summary.skipped
    assert shelf.figures() == {"USD871717S1": ["/1/1", "/2/1"]}
    assert shelf.patents()["USD871717S1"].published == date(2020, 1, 7)


def test_names_of_pictures_that_are_not_utf_8_do_no_harm(folder: Path, shelf: Shelf) -> None:
    picture(folder / "plain.png").rename(folder / os.fsdecode(b"raw\xff.png"))
    picture(folder / "b.png", 2)
    (folder / "t.csv").write_text("file,title\nb.png,Lamp\n")
    shelf.ingest(folder)
    assert len(shelf.figures()) == 2


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.jsonl", b'{"file": "a.png"}\n{"file": "b.p', "is JSON that is cut short"),
        ("b.json", b"[1, 2, 3]", "holds no list of objects"),
        (
            "c.json",
            b'{"file": "a.png", "x": ' + b'{"y":' * 50_000 + b"1" + b"}" * 50_000 + b"}",
            "damaged JSON",
        ),
        ("d.json", b'[{"file": "' + b"x" * 9_000_000 + b'"}]', "row of more than"),
        ("e.csv", b"file,title\na.png," + b"x" * 9_000_000, "line of more than"),
        ("f.csv", b'file,title\n"a.png,' + b"x\n" * 100_000, "is a damaged table"),
        ("g.parquet", b"PAR1" + bytes(100) + b"PAR1", "is a damaged Parquet table"),
        ("h.csv", b"", "is empty"),
    ],
)
def test_a_damaged_or_hostile_table_is_told_in_words(
    folder: Path, shelf: Shelf, name: str, data: bytes, reason: str
) -> None:
    (folder / name).write_bytes(data)
    summary = shelf.ingest(folder)
    assert any(reason in one for one in reasons(summary)), reasons(summary)


def test_parquet_without_its_library_says_how_to_install_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_table(folder / "t.parquet", ROWS)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    (skip,) = discover([folder], LIMITS).skipped
    assert "pip install 'ipatent[parquet]'" in skip.reason


def test_a_long_json_is_read_row_by_row_whatever_its_strings_hold(tmp_path: Path) -> None:
    rows = [{"file": f"{n}.png", "caption": 'x{["\\' * (n % 50), "n": {"deep": [n]}} for n in range(20_000)]
    path = tmp_path / "t.json"
    path.write_text(json.dumps(rows))
    assert table_kind(path.name, path.read_bytes()[:1024]) == "json"
    assert list(read_rows(path, "json")) == rows
