"""The examples: each runs as its first line says, against a real server."""

import json
import re
import subprocess
import sys
from pathlib import Path

from drawn_patents import draw
from ipatent.pictures import encode_png

EXAMPLES = Path(__file__).parents[1] / "examples"


def run(name: str, site: str, folder: Path, *arguments: str) -> str:
    """What an example prints; it must say nothing else."""
    done = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / f"{name}.py"), site, *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def picture(folder: Path, patent: int, view: int) -> str:
    name = f"{patent}-{view}.png"
    (folder / name).write_bytes(encode_png(draw(patent, view)))
    return name


def test_search_by_words_lists_hits_with_reasons_and_views(site: str, tmp_path: Path) -> None:
    said = run("search_by_words", site, tmp_path, "door hinge")
    assert re.search(r"^  1 \d\.\d{3} US D900,007 S1, FIG\. \d: door in the caption", said, re.MULTILINE)
    assert "perspective (20)" in said
    assert "100 figures of 100" in said
    limited = run("search_by_words", site, tmp_path, "door hinge", "2018-03-31")
    assert "30 figures of 100" in limited
    assert "US D900,007 S1" not in limited


def test_search_by_part_finds_and_saves_drawings(site: str, tmp_path: Path) -> None:
    file = picture(tmp_path, 5, 1)
    said = run("search_by_part", site, tmp_path, file, "120", "90", "460", "380")
    assert said.startswith("1 ")
    assert said.splitlines()[0].endswith("US D900,005 S1, FIG. 2: Adjustable wrench")
    assert (tmp_path / "USD900005S1-2-1.png").read_bytes().startswith(b"\x89PNG")
    assert len(list(tmp_path.glob("USD*.png"))) == 5


def test_several_views_put_the_patent_that_shows_all_first(site: str, tmp_path: Path) -> None:
    views = [picture(tmp_path, 5, 0), picture(tmp_path, 5, 1), "-" + picture(tmp_path, 7, 0)]
    said = run("several_views", site, tmp_path, *views)
    assert re.search(r"^Patents, best first: USD900005S1", said, re.MULTILINE)
    assert "nearest to view 2" in said


def test_a_record_is_exported_and_asked_again(site: str, tmp_path: Path) -> None:
    said = run("export_record", site, tmp_path, str(tmp_path), "garden hose")
    (report,) = tmp_path.glob("*.pdf")
    (proof,) = tmp_path.glob("*.json")
    assert report.read_bytes().startswith(b"%PDF")
    assert len(json.loads(proof.read_text())["figures"]) == 25
    assert json.loads(proof.read_text())["subject_sha256"] in said
    assert "Asked again: " in said


def test_judgements_become_qrels_topics_and_a_run(site: str, tmp_path: Path) -> None:
    said = run("judge_to_qrels", site, tmp_path, str(tmp_path), "luggage handle", "2", "1", "0")
    assert "3 of 20 figures judged" in said
    qrels = (tmp_path / "judgements.qrels").read_text().splitlines()
    assert sorted(line.split()[3] for line in qrels) == ["0", "1", "2"]
    topic = qrels[0].split()[0]
    assert f"{topic}\tq=luggage+handle" in (tmp_path / "judgements.topics").read_text()
    assert len((tmp_path / "search.run").read_text().splitlines()) == 20


def test_every_example_is_tried_here_and_told_of_in_the_documentation() -> None:
    names = {file.stem for file in EXAMPLES.glob("*.py")}
    tried = set(re.findall(r'run\("(\w+)"', Path(__file__).read_text()))
    assert names == tried
    told = (EXAMPLES.parent / "docs" / "api.md").read_text()
    for name in names:
        assert f"examples/{name}.py" in told
