"""Labels that only refer to a figure of another sheet, as beside a circle that is shown enlarged there."""

from collections import Counter
from collections.abc import Sequence

Labels = tuple[str, ...]


def own_labels(figures: Sequence[Labels]) -> tuple[Labels, ...]:
    """The labels of each figure of a patent without those of others.

    A label that is one of several on a figure, and the only one of another, belongs to the other:
    `FIG. 9` stands beside a circle in figure 8, and under the drawing that shows it enlarged.
    """
    alone = Counter(labels[0] for labels in figures if len(labels) == 1)
    kept = (tuple(label for label in labels if not alone[label]) for labels in figures)
    return tuple(
        own if len(labels) > 1 and own else labels for labels, own in zip(figures, kept, strict=True)
    )
