"""Many users at one worker: `python -m benchmarks.users [--users 20] [--seconds 20] [--figures 40000]`.

`ipatent serve` answers over an index of 40,000 figures (see `benchmarks.desk`) as its own process. Each
user asks again and again, one question in four an uploaded picture never seen before (upload and answer
are timed together), the others words; the answer is the whole page of 100. Between answers users look
at the page for five seconds on average, for one, or not at all.
"""

import argparse
import asyncio
import random
import time
from pathlib import Path

import httpx
import numpy as np

from benchmarks.desk import cpu_seconds, data_folder, drawings, questions, resident_mb, served

LIMITS = {"text": 400.0, "image": 1500.0}
PICTURE_SHARE = 0.25
THINKING = (5.0, 1.0, 0.0)
"""Seconds between an answer and the next question, on average."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="a data folder with an index")
    parser.add_argument("--figures", type=int, default=40_000)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    data = options.data or data_folder(options.figures)
    pictures = drawings(data, 200)
    print(f"{'think':>6} {'kind':>6} {'asked':>6} {'p50':>8} {'p95':>8} {'limit':>6}", end="")
    print(f" {'requests/s':>11} {'CPU/search':>11} {'memory':>8}")
    for think in THINKING:
        with served(data) as (url, process):
            asyncio.run(_load(url, pictures, options.users, 3.0, think, seed=1))  # warms up
            cpu = cpu_seconds(process)
            taken, seconds = asyncio.run(_load(url, pictures, options.users, options.seconds, think, seed=2))
            searches = sum(map(len, taken.values()))
            spent = 1000 * (cpu_seconds(process) - cpu) / max(1, searches)
            for kind, limit in LIMITS.items():
                p50, p95 = np.percentile(taken[kind] or [np.nan], [50, 95])
                print(
                    f"{think:4.0f} s {kind:>6} {len(taken[kind]):6} {p50:5.0f} ms {p95:5.0f} ms {limit:6.0f}"
                    f" {searches / seconds:11.1f} {spent:8.0f} ms {resident_mb(process):5.0f} MB",
                    flush=True,
                )


async def _load(
    url: str, pictures: list[bytes], users: int, seconds: float, think: float, seed: int
) -> tuple[dict[str, list[float]], float]:
    """Milliseconds of every answer, by kind of question, and how long it took together."""
    taken: dict[str, list[float]] = {"text": [], "image": []}
    # The server closes a connection that is idle for 5 s; a request must not be sent into that moment.
    limits = httpx.Limits(max_connections=users, max_keepalive_connections=users, keepalive_expiry=2)
    started = time.perf_counter()
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=120, follow_redirects=True) as client:

        async def user(number: int) -> None:
            chance = random.Random(f"{seed} {number}")
            words = iter(questions(2000, seed=1000 * seed + number))
            await asyncio.sleep(chance.random() * think)
            while time.perf_counter() - started < seconds:
                by_picture = chance.random() < PICTURE_SHARE
                begun = time.perf_counter()
                if by_picture:
                    # Bytes behind the end make it a picture that was never uploaded before.
                    content = chance.choice(pictures) + chance.randbytes(8)
                    answer = await client.post("/upload", files={"file": ("drawing.png", content)})
                else:
                    answer = await client.get("/search", params={"q": next(words), "k": 100})
                answer.raise_for_status()
                taken["image" if by_picture else "text"].append(1000 * (time.perf_counter() - begun))
                await asyncio.sleep(think * (0.5 + chance.random()))

        await asyncio.gather(*(user(number) for number in range(users)))
    return taken, time.perf_counter() - started


if __name__ == "__main__":
    main()
