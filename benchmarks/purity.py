"""How pure clusters are: `python -m benchmarks.purity DATA TRUTHS` for an index of generated patents.

    ipatent sample patents --patents 120 && ipatent ingest patents --data data
    python -m benchmarks.purity data patents

Purity is the share of figures that belong to the commonest family (or kind of thing) of their cluster;
NMI is normalised mutual information (Strehl and Ghosh, 2002). k is the true number of groups; the numbers
are means over three seeds of k-means. The columns tell how much captions count and how far the figures of
a patent are drawn together; what all front views, side views and so on have in common is always taken
off, as on the page.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ipatent.cluster import cluster
from ipatent.cluster_vectors import level_views, share_siblings
from ipatent.index.embedded import FILE_NAME, EmbeddedIndex
from ipatent.web.grouping_asked import USUAL

MIXES = (
    (0.0, 0.0),
    (0.0, USUAL.together),
    (USUAL.captions, 0.0),
    (USUAL.captions, USUAL.together),
    (USUAL.captions, 1.0),
)
"""Weights of the captions, and how far the figures of a patent are drawn together."""
SEEDS = (0, 1, 2)


def purity(groups: Sequence[Sequence[str]]) -> float:
    """The share of all members that bear the commonest label of their group."""
    return sum(max(Counter(group).values()) for group in groups) / sum(map(len, groups))


def information(groups: Sequence[Sequence[str]]) -> float:
    """Mutual information of groups and labels over the geometric mean of their entropies."""
    labels = sorted({label for group in groups for label in group})
    table = np.array([[Counter(group)[label] for label in labels] for group in groups], float)
    joint = table / table.sum()
    rows, columns = joint.sum(1), joint.sum(0)
    some = joint > 0
    shared = (joint[some] * np.log((joint / np.outer(rows, columns))[some])).sum()
    own = [-(share[share > 0] * np.log(share[share > 0])).sum() for share in (rows, columns)]
    return float(shared / np.sqrt(own[0] * own[1]))


def main() -> None:
    """Group and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("truths", type=Path)
    given = parser.parse_args()
    told = [json.loads(path.read_text()) for path in sorted(given.truths.glob("*.truth.json"))]
    with EmbeddedIndex.open(given.data / FILE_NAME) as index:
        figures = [(truth, figure) for truth in told for figure in index.figures_of(truth["number"])]
        vectors = index.vectors_of([figure.id for _, figure in figures])
    views = np.array([figure.view for _, figure in figures])
    patents = np.array([figure.patent_id for _, figure in figures])
    print(f"{len(figures)} figures of {len(told)} patents; purity / NMI")
    print("captions, together" + " " * 10 + "".join(f"{f'{c:g}, {t:g}':>13}" for c, t in MIXES))
    for name, key, largest in (
        ("families", "family", None),
        ("kinds", "kind", None),
        ("ten largest families", "family", 10),
        ("ten largest kinds", "kind", 10),
    ):
        labels = np.array([str(truth[key]) for truth, _ in figures])
        kept = {label for label, _ in Counter(labels.tolist()).most_common(largest)}
        rows = np.flatnonzero([label in kept for label in labels])
        line = f"{f'{name}, k = {len(kept)}':28}"
        level = [level_views(own[rows], views[rows].tolist()) for own in vectors]
        for weight, share in MIXES:
            images, captions = (share_siblings(own, patents[rows].tolist(), share) for own in level)
            measured = []
            for seed in SEEDS:
                found = cluster(images, k=len(kept), captions=captions, caption_weight=weight, seed=seed)
                groups = [[labels[rows[place]] for place in group.members] for group in found.groups]
                measured.append((purity(groups), information(groups)))
            pure, told_apart = np.mean(measured, axis=0)
            line += f"{pure:7.2f} /{told_apart:4.2f}"
        print(line, flush=True)


if __name__ == "__main__":
    main()
