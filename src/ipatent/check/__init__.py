"""Checks: whether index, objects and records fit together, and mending where they do not.

Each kind of fault is one `Finding`. Mending goes by whole patents and single objects, so a run that
breaks off leaves less to mend and nothing new; the next one goes on.
"""

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from functools import partial

import numpy as np

from ipatent.check.drawings import drawing_faults
from ipatent.check.findings import Finding, Options, found
from ipatent.check.kept import record_faults, source_faults
from ipatent.encode import Encoder
from ipatent.encode.choice import choose
from ipatent.errors import EncoderError, EncoderMismatch, NotFound, PictureError
from ipatent.index import Index
from ipatent.index.embedded import EmbeddedIndex
from ipatent.ingest import caption_text
from ipatent.objects import Objects
from ipatent.opening import open_index, open_objects, open_uploads
from ipatent.patents import Figure, Patent, Vectors
from ipatent.pictures import open_picture
from ipatent.records import open_records
from ipatent.settings import Settings

_SAMPLE = 8
_ALIKE = 0.99
_ROUNDS = 3

Show = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found, and what it mended before."""

    patents: int
    figures: int
    findings: tuple[Finding, ...]
    """What is wrong now."""
    mended: tuple[Finding, ...] = ()
    """What was wrong and is no more."""

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong but what is harmless."""
        return all(one.harmless for one in self.findings)


def check(
    settings: Settings,
    options: Options | None = None,
    mend: bool = False,
    progress: Show | None = None,
    encoder: Encoder | None = None,
) -> Checked:
    """Compare index, objects and records as the settings name them, and mend what can be mended.

    Others may search and ingest meanwhile. `encoder` is that of the settings where none is given.
    Raises IndexProblem and RecordsProblem where something cannot be read at all.
    """
    options = options or Options()
    with closing(open_index(settings)) as index:
        look = partial(_look, settings, index, options, progress, encoder)
        findings = look()
        mended: list[Finding] = []
        for _ in range(_ROUNDS if mend else 0):
            able = [one for one in findings if one.mend]
            if not able:
                break
            for one in able:
                assert one.mend
                one.mend()
            left = look()
            kinds = {one.kind for one in left}
            mended += [one for one in able if one.kind not in kinds]
            if [(one.kind, one.count) for one in left] == [(one.kind, one.count) for one in findings]:
                break
            findings = left
        status = index.status()
    return Checked(status.patents, status.figures, tuple(findings), tuple(mended))


def _look(
    settings: Settings, index: Index, options: Options, progress: Show | None, encoder: Encoder | None
) -> list[Finding]:
    objects = open_objects(settings)
    encoding = _Encoding(settings, index, objects, encoder)
    figures: Callable[[], Iterable[Figure]]
    if isinstance(index, EmbeddedIndex):
        from ipatent.check import file_rows

        findings = file_rows.row_faults(index.path, options, encoding)
        figures = partial(file_rows.figures, index.path)
    else:
        from ipatent.check import server_points
        from ipatent.index.qdrant import QdrantIndex

        assert isinstance(index, QdrantIndex)
        findings = server_points.point_faults(index, options, encoding)
        figures = partial(server_points.figures, index)
    total = index.status().figures

    def show(done: int) -> None:
        if progress:
            progress("Checking", done, max(done, total))

    findings += drawing_faults(index, figures, objects, settings, options, show)
    findings += source_faults(index)
    if options.deep and not any(one.kind == "wrong-vectors" for one in findings):
        findings += _encoder_faults(index, encoding)
    with closing(open_records(settings)) as records:
        findings += record_faults(records, index, open_uploads(settings))
    show(total)
    return findings


class _Encoding:
    """Encodes figures' drawings and captions; the encoder is opened when first needed."""

    def __init__(self, settings: Settings, index: Index, objects: Objects, encoder: Encoder | None) -> None:
        self._settings = settings
        self._index = index
        self._objects = objects
        self._encoder = encoder

    def __call__(self, figure: Figure, patent_id: str) -> tuple[Vectors, Vectors]:
        """Image (1, image_dim) and caption (1, caption_dim) vectors. Raises NotFound without its drawing."""
        if self._encoder is None:
            self._encoder = choose(self._settings, self._index.status().encoder)
        try:
            patent = self._index.patent(patent_id)
        except NotFound:
            patent = Patent(patent_id)
        try:
            pixels = open_picture(self._objects.get(figure.image), self._settings.max_sheet_pixels)
        except (NotFound, PictureError):
            raise NotFound(
                f"The drawing of {figure.id} is missing, so it cannot be encoded anew.",
                f"Delete {patent_id} with: ipatent delete {patent_id}; then ingest {patent.source} again.",
            ) from None
        image = self._encoder.encode_pictures([pixels])
        return image, self._encoder.encode_captions([caption_text(figure, patent)])


def _encoder_faults(index: Index, encoding: _Encoding) -> list[Finding]:
    """Whether the encoder that the index names gives the vectors that it holds, by some of its figures."""
    wrong: list[str] = []
    try:
        for patent in index.patents(0, _SAMPLE):
            for figure in index.figures_of(patent.id)[:1]:
                made, held = encoding(figure, patent.id)[0], index.image_vector(figure.id)
                if float(np.sum(made * held)) < _ALIKE:
                    wrong.append(figure.id)
    except NotFound:
        pass  # told as a missing drawing
    except (EncoderError, EncoderMismatch) as error:
        return found(
            "encoder-missing",
            f"The encoder that filled the index cannot be used: {error.message}",
            [index.status().path],
            f"cannot mend it. {error.advice}",
        )
    return found(
        "vectors-of-another-encoder",
        "Figures have other vectors than the encoder gives that the index names.",
        wrong,
        "cannot mend it; encode everything anew",
        command="ipatent ingest --re-encode",
    )


__all__ = ["Checked", "Finding", "Options", "check"]
