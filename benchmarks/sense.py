"""How fast results are made sense of: `python -m benchmarks.sense DATA`, an index with at least 100 figures.

Clusters page, patch re-ranking, region evidence and projection, each the median of five on the clock and,
in brackets, of the processor: on a machine that does other work the latter says more. Patches must have
been prepared (`ipatent patches --data DATA`). The pages are asked for without a network between.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from starlette.testclient import TestClient

from benchmarks.cluster import median_ms, topics
from ipatent.cluster import cluster
from ipatent.errors import IPatentError
from ipatent.opening import open_existing
from ipatent.project import neighbours, principal
from ipatent.settings import Settings, load_settings
from ipatent.web import create_app

RUNS = 5
Do = Callable[[], object]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", default=Path("data"))
    parser.add_argument("--query", default="holder with a handle")
    given = parser.parse_args()
    if "OPENBLAS_NUM_THREADS" not in os.environ:
        # As `ipatent serve` does, before numpy is loaded: threads that wait for each other cost more.
        os.environ["OPENBLAS_NUM_THREADS"] = "1"
        os.execv(sys.executable, [sys.executable, "-m", "benchmarks.sense", *sys.argv[1:]])
    settings = replace(load_settings(), data=str(given.data), lvlm_url="")
    with _client(settings) as (client, figures):
        first, second = figures
        plain, close = (f"/search.json?like={first}&k=100&rerank={look}" for look in ("none", "patches"))
        measured: list[tuple[str, float, Do]] = [
            ("clusters page, 100 in 5", 500, lambda: _got(client, _page(given.query, "clusters"))),
            ("  the same as a grid", 0, lambda: _got(client, _page(given.query, "grid"))),
            ("map page, 500", 0, lambda: _got(client, f"/search?q={given.query}&show=map&of=500")),
            ("picture search, 100", 0, lambda: _got(client, plain)),
            ("  and patches of the 100", 300, lambda: _got(client, close)),
            ("region evidence", 200, lambda: _got(client, f"/evidence.json?like={first}&hit={second}")),
        ]
        for name, limit, do in measured:
            _tell(name, limit, do)
    some = topics(1000)
    _tell("projection of 1,000, at once", 0, lambda: principal(some, 2))
    for dimensions in (2, 3):
        _tell(f"neighbours of 1,000, {dimensions}-D", 2000, lambda d=dimensions: neighbours(some, d))
    for figures_, limit in ((500, 150.0), (5000, 1500.0)):
        rows = topics(figures_)
        _tell(f"k-means of {figures_:,}", limit, lambda v=rows: cluster(v))


@contextmanager
def _client(settings: Settings) -> Iterator[tuple[TestClient, list[str]]]:
    """A client, and the ids of two figures of one patent."""
    with open_existing(settings, print) as opened, TestClient(create_app(opened.web_state())) as client:
        for patent in opened.index.patents(0, 1000):
            own = [figure.id for figure in opened.index.figures_of(patent.id)]
            if len(own) > 1:
                yield client, own[:2]
                return
        raise IPatentError("No patent of this index has two figures.", "Ingest others.")


def _page(words: str, layout: str) -> str:
    return f"/search?q={words}&show={layout}&k=100"


def _got(client: TestClient, url: str) -> str:
    answer = client.get(url)
    if answer.status_code != 200:
        raise IPatentError(f"{url} answered {answer.status_code}: {answer.text[:300]}")
    return answer.text


def _tell(name: str, limit: float, do: Do) -> None:
    clock, processor = median_ms(do, RUNS)
    verdict = "" if not limit else "ok" if clock <= limit else f"OVER {limit:.0f} ms"
    print(f"{name:32}{clock:8.0f} ms ({processor:.0f})  {verdict}", flush=True)


if __name__ == "__main__":
    main()
