"""A data folder with drawn patents, uploads and records, and all that it holds to compare it with."""

from pathlib import Path

from drawn_patents import fill
from ipatent.index import Index
from ipatent.index.embedded import EmbeddedIndex
from ipatent.objects import Objects
from ipatent.records import Database, Grade, collections, judgements, searches, watching
from ipatent.records.tables import metadata
from ipatent.settings import Settings
from ipatent.uploads import keep
from search_records import STATE, ranked, search_record
from tiny_encoder import SPEC, TinyEncoder

PICTURE = b"\x89PNG a picture that somebody looked for"


def made(folder: Path, patents: int = 3) -> Settings:
    """A data folder with drawn patents and one row or more in every table of its records."""
    library = fill(folder, TinyEncoder(), patents=patents)
    state = library.state
    state.index.mark_source("3.x:aa", '{"patent": "USD900000S1", "place": ""}')
    name = keep(state.uploads, PICTURE)
    keep(state.uploads, b"nobody refers to this one")
    figures = [figure.id for figure in library.figures]
    record = searches.store(
        state.records, search_record(*figures[:3], url=f"/search?q=folding+chair&img={name}")
    )
    collection = collections.create(state.records, "Chairs \u2028 \N{GREEK SMALL LETTER ALPHA}", "for later")
    collections.add(state.records, collection, figures[0], "a note", record=record, rank=1)
    collections.add(state.records, collection, figures[4])
    parameters = (("q", "folding chair"), ("img", name))
    for figure in figures[:2]:
        judgements.judge(state.records, parameters, figure, Grade.RELEVANT)
    saved = watching.save(state.records, "Every week", "/search?q=folding+chair")
    watching.take_in(state.records, saved, watching.Found(ranked(*figures[:4]), STATE, SPEC))
    state.index.close()
    state.records.close()
    return Settings(data=str(folder))


def of_index(index: Index) -> list[object]:
    """All that an index holds, vectors to the last bit."""
    held: list[object] = [index.status().encoder, index.sources()]
    for entry in index.each_entry():
        vectors = entry.image_vectors.tobytes(), entry.caption_vectors.tobytes()
        held.append((entry.patent, entry.figures, entry.fingerprint, entry.sheets, vectors))
    return held


def of_folder(folder: Path) -> dict[str, object]:
    """All that lies in a data folder: index, objects, and rows of records by table."""
    with EmbeddedIndex.open(folder / "index.sqlite") as index:
        return {"index": of_index(index), **of_objects(folder), **of_records(folder)}


def of_objects(folder: Path) -> dict[str, object]:
    """The objects with their bytes, and the uploads that records name."""
    drawings, uploads = Objects.open(folder / "objects"), Objects.open(folder / "uploads")
    return {
        "objects": {one.name: drawings.get(one.name) for one in drawings.each()},
        "uploads": {one.name for one in uploads.each() if PICTURE in uploads.get(one.name)},
    }


def of_records(folder: Path) -> dict[str, object]:
    """The rows of all tables."""
    with Database.open(folder / "records.sqlite") as records, records.reading() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(table.select())]
            for table in metadata.sorted_tables
        }
