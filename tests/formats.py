"""A data folder that tests of formats ingest into, and what an ingest said."""

from pathlib import Path

from ipatent.index.embedded import EmbeddedIndex
from ipatent.ingest import IngestSummary, ingest
from ipatent.patents import Figure, Patent
from ipatent.settings import Settings
from tiny_encoder import SPEC, TinyEncoder

SETTINGS = Settings(processes=1)


class Shelf:
    """A data folder with an index that the tiny encoder fills."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = EmbeddedIndex.open(folder / "index.sqlite", SPEC, create=True)

    def close(self) -> None:
        self.index.close()

    def ingest(self, *paths: Path) -> IngestSummary:
        return ingest(paths, self.index, TinyEncoder(), self.folder / "objects", SETTINGS)

    def patents(self) -> dict[str, Patent]:
        return {patent.id: patent for patent in self.index.patents()}

    def figures(self) -> dict[str, list[str]]:
        """The figures of each patent."""
        return {
            patent.id: [figure.id.removeprefix(patent.id) for figure in self.index.figures_of(patent.id)]
            for patent in self.index.patents()
        }

    def figure(self, figure_id: str) -> Figure:
        found = {one.id: one for one in self.index.figures_of(figure_id.rsplit("/", 2)[0])}
        return found[figure_id]


def reasons(summary: IngestSummary) -> list[str]:
    return [f"{Path(skip.path).name}: {skip.reason}" for skip in summary.skipped]
