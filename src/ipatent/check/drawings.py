"""Drawings: objects that are missing, damaged, or that nobody shows; thumbnails are made anew."""

import hashlib
import shlex
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

from ipatent.check.findings import Finding, Options, found
from ipatent.check.mending import change_figures, read_again, sources_of
from ipatent.check.names import Names
from ipatent.errors import NotFound, PictureError
from ipatent.index import Index
from ipatent.objects import Objects
from ipatent.patents import Figure
from ipatent.pictures import encode_thumbnail, open_picture
from ipatent.settings import Settings

_AT_ONCE = 8
_BLOCK = 500
Show = Callable[[int], None]


def drawing_faults(
    index: Index,
    figures: Callable[[], Iterable[Figure]],
    objects: Objects,
    settings: Settings,
    options: Options,
    progress: Show,
) -> Iterator[Finding]:
    """What is wrong between figures and objects."""
    with Names() as names:
        names.store(objects.each())
        names.name(_counted(figures(), progress))
        broken = [name for name in names.missing() if not objects.exists(name)]
        if options.deep:
            names.spoil(_damaged(names.there(), objects))
        damaged = names.bad()
        showing = names.showing([*broken, *damaged])
        orphans = _orphans(names, index, options)
    thumbnails = sorted({figure for figure, part, _ in showing if part == "thumbnail"})
    originals = {(figure, name) for figure, part, name in showing if part != "thumbnail"}
    lost = {name for _, name in originals}
    yield from found(
        "missing-drawings",
        "Drawings or sheets that figures show are missing or damaged.",
        sorted({figure for figure, _ in originals}),
        "takes damaged bytes away and lets the next ingest read these documents again",
        lambda: _read_again(index, objects, originals, damaged),
        _ingest_command(index, {figure for figure, _ in originals}),
    )
    yield from found(
        "missing-thumbnails",
        "Thumbnails are missing or damaged.",
        thumbnails,
        "makes them anew from the drawings",
        lambda: _make_thumbnails(index, objects, settings, thumbnails, set(damaged), lost),
    )
    yield from found(
        "orphaned-objects",
        "Objects lie in the store that no figure shows.",
        orphans,
        "deletes them",
        lambda: _delete(index, objects, orphans),
    )


def _counted(figures: Iterable[Figure], progress: Show) -> Iterator[Figure]:
    for number, figure in enumerate(figures, 1):
        yield figure
        if number % _BLOCK == 0:
            progress(number)


def _damaged(names: Iterator[str], objects: Objects) -> Iterator[str]:
    """Those whose bytes do not have the sum that is their name."""

    def whole(name: str) -> bool:
        try:
            return hashlib.sha256(objects.get(name)).hexdigest() == name
        except NotFound:
            return True  # deleted meanwhile

    waiting: deque[tuple[str, Future[bool]]] = deque()
    with ThreadPoolExecutor(_AT_ONCE, "ipatent-check") as threads:
        for name in list(names):
            waiting.append((name, threads.submit(whole, name)))
            while len(waiting) > 2 * _AT_ONCE:
                first, answer = waiting.popleft()
                if not answer.result():
                    yield first
        for first, answer in waiting:
            if not answer.result():
                yield first


def _orphans(names: Names, index: Index, options: Options) -> list[str]:
    nameless = names.nameless(time.time() - options.older_than)
    blocks = (nameless[at : at + _BLOCK] for at in range(0, len(nameless), _BLOCK))
    return [name for block in blocks for name in sorted(set(block) - index.objects_in_use(block))]


def _delete(index: Index, objects: Objects, names: list[str]) -> None:
    for at in range(0, len(names), _BLOCK):
        block = names[at : at + _BLOCK]
        for name in set(block) - index.objects_in_use(block):  # since then, an ingest may show it again
            with suppress(NotFound):
                objects.delete(name)


def _make_thumbnails(
    index: Index,
    objects: Objects,
    settings: Settings,
    figure_ids: list[str],
    damaged: set[str],
    lost: set[str],
) -> None:
    changed: dict[str, dict[str, Figure]] = {}
    for figure_id in figure_ids:
        with suppress(NotFound, PictureError):
            figure = index.figure(figure_id)
            if figure.image in lost:
                continue  # made anew when its document is read again
            if figure.thumbnail in damaged:
                with suppress(NotFound):
                    objects.delete(figure.thumbnail)
            pixels = open_picture(objects.get(figure.image), settings.max_sheet_pixels)
            name = objects.put(encode_thumbnail(pixels, settings.thumbnail))
            if name != figure.thumbnail:  # another version of the picture library, or another size
                new = replace(figure, thumbnail=name)
                changed.setdefault(figure.patent_id, {})[figure.id] = new
    for patent_id, figures in changed.items():
        change_figures(index, patent_id, figures)


def _read_again(
    index: Index, objects: Objects, originals: set[tuple[str, str]], damaged: Iterable[str]
) -> None:
    bad = set(damaged)
    for _, name in originals:
        if name in bad:  # else it would count as stored when the document is read again
            with suppress(NotFound):
                objects.delete(name)
    for patent_id in sorted({figure.rsplit("/", 2)[0] for figure, _ in originals}):
        read_again(index, patent_id)


def _ingest_command(index: Index, figures: set[str]) -> str:
    patents = sorted({figure.rsplit("/", 2)[0] for figure in figures})
    return "ipatent ingest " + " ".join(map(shlex.quote, sources_of(index, patents)))
