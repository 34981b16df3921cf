"""What a head learned from one collection gains there, and what it does to another.

    python -m benchmarks.adapting DATA_DIR OTHER_DATA_DIR

Both indexes must be filled by the same encoder and not be adapted. Rows "held back" are those of
`ipatent adapt --trial`; in rows "learned elsewhere" every figure of one collection asks among all of it
under the head that the whole other one gives.
"""

import sys
from pathlib import Path

import numpy as np

from ipatent.adapt import Examples, Gain, learn, measured, validate
from ipatent.index.embedded import FILE_NAME, EmbeddedIndex

_EVERY = 1_000_000_000


def examples(folder: Path) -> Examples:
    """All figures of an index."""
    with EmbeddedIndex.open(folder / FILE_NAME) as index:
        rows = index.newest(_EVERY).rows
        pairs, vectors = index.figures_at(rows), index.image_vectors_at(rows)
    patents = np.unique([patent.id for _, patent in pairs], return_inverse=True)[1]
    families = np.unique([patent.family or patent.id for _, patent in pairs], return_inverse=True)[1]
    return Examples(vectors, patents, families)


def main() -> None:
    """Measure both directions and print a table."""
    folders = [Path(name) for name in sys.argv[1:3]]
    both = [examples(folder) for folder in folders]
    for own, other, folder in ((both[0], both[1], folders[0]), (both[1], both[0], folders[1])):
        verdict = validate(own)
        _say(
            folder, "held back", verdict.average_precision, verdict.first, f"shrinkage {verdict.shrinkage:g}"
        )
        before = measured(own.vectors, own.patents)
        for shrinkage in (0.5, 0.85):
            after = measured(learn(other, shrinkage).apply(own.vectors), own.patents)
            print(
                f"{folder.name}, learned elsewhere (shrinkage {shrinkage:g}):"
                f" mAP {before[0]:.3f} -> {after[0]:.3f}, R@1 {before[1]:.3f} -> {after[1]:.3f}",
                flush=True,
            )


def _say(folder: Path, what: str, precision: Gain, first: Gain, more: str) -> None:
    print(
        f"{folder.name}, {what}: "
        + ", ".join(
            f"{name} {each.before:.3f} -> {each.after:.3f}"
            f" ({each.gain.mean:+.3f} [{each.gain.low:+.3f}, {each.gain.high:+.3f}])"
            for name, each in (("mAP", precision), ("R@1", first))
        )
        + f", {more}",
        flush=True,
    )


if __name__ == "__main__":
    main()
