"""How fast figures are grouped and mapped: `python -m benchmarks.cluster`.

Vectors are random around 40 topics, 1,280 numbers each. Each time is a median of several runs; the
ratio compares it with scikit-learn's k-means on the vectors as they are, without reduction. On a
machine that does other work, the processor time in brackets says more than the time on the clock.
"""

import statistics
import time
from collections.abc import Callable

import numpy as np

from ipatent.cluster import METHODS, cluster
from ipatent.patents import Vectors
from ipatent.project import neighbours, principal

LIMITS_MS = {500: 150.0, 5000: 1500.0}
RUNS = {500: 7, 5000: 3}


def topics(figures: int, dimension: int = 1280, seed: int = 0) -> Vectors:
    """Unit vectors around 40 topics, as (figures, dimension) float32."""
    rng = np.random.default_rng(seed)
    middles = rng.standard_normal((40, dimension), dtype=np.float32)
    rows = middles[rng.integers(40, size=figures)] + rng.standard_normal((figures, dimension), np.float32)
    scaled: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return scaled


def median_ms(do: Callable[[], object], runs: int) -> tuple[float, float]:
    """The median time on the clock and of the processor of `runs` calls after one that is not counted."""
    do()
    clock, processor = [], []
    for _ in range(runs):
        started, used = time.perf_counter(), time.process_time()
        do()
        clock.append((time.perf_counter() - started) * 1000)
        processor.append((time.process_time() - used) * 1000)
    return statistics.median(clock), statistics.median(processor)


def main() -> None:
    """Measure and print."""
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    for figures, limit in LIMITS_MS.items():
        vectors, runs = topics(figures), RUNS[figures]
        with threadpool_limits(1, user_api="openmp"):
            clock, plain = median_ms(lambda v=vectors: KMeans(5, n_init=3, random_state=0).fit(v), 1)
        print(f"{figures:5} figures: k-means on all numbers {clock:7.0f} ms ({plain:.0f})")
        for method in METHODS:
            took, used = median_ms(lambda v=vectors, m=method: cluster(v, m), runs)
            verdict = "ok" if took <= limit else f"OVER {limit:.0f} ms"
            print(
                f"{figures:5} figures: {method:14}{took:7.0f} ms ({used:.0f}), {used / plain:.2f}  {verdict}"
            )
    vectors = topics(1000)
    for dimensions in (2, 3):
        quick, _ = median_ms(lambda d=dimensions: principal(vectors, d), 3)
        slow, used = median_ms(lambda d=dimensions: neighbours(vectors, d), 1)
        print(
            f" 1000 figures, {dimensions}-D: principal {quick:.0f} ms, neighbours {slow:.0f} ms ({used:.0f})"
        )


if __name__ == "__main__":
    main()
