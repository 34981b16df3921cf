"""How fast figures are found: an index of 40,000 generated figures, and brute force beside it.

Run with `python -m benchmarks.search`; `--figures N` and `--runs N` change the size. Vectors are
random but clustered as real ones are: patents around topics, figures around their patent. Times
are those of the server without encoding.
"""

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from ipatent.encode import EncoderSpec
from ipatent.index import Entry
from ipatent.index.embedded import EmbeddedIndex
from ipatent.patents import Box, Caption, Figure, Patent, Pixels, Vectors
from ipatent.query import Example, Query, Results
from ipatent.search import search

IMAGE_DIM, CAPTION_DIM = 1280, 256
SPEC = EncoderSpec("benchmark", "0" * 64, "none", IMAGE_DIM, CAPTION_DIM, has_text_tower=False)
TARGET_MS = 40.0
FIGURES_PER_PATENT = 7
THINGS = (
    "chair table lamp bottle pump gear hinge bicycle wheel valve mitten shoe helmet bag clip knife handle "
    "bracket housing motor rotor blade antenna connector cable charger camera lens display keyboard drone "
    "vehicle bumper tire seat mirror brush razor comb faucet shower sink toilet stove oven kettle cup "
    "plate fork spoon tray rack shelf cabinet door window lock key tool wrench drill saw hammer ladder "
    "tent toy doll ball racket ski boat"
).split()
KINDS = (
    "folding portable adjustable electric teething insulated collapsible magnetic rotary hydraulic "
    "wireless decorative modular flexible handheld combined automatic inflatable stackable reversible "
    "sealed vented illuminated washable disposable ergonomic compact telescopic transparent reinforced"
).split()
VIEWS = (
    "perspective view of {} showing my new design",
    "front elevational view of {}",
    "rear elevational view thereof",
    "top plan view of {}",
    "bottom plan view thereof",
    "left side view of {}, the right side being a mirror image",
    "sectional view of {} taken along line 3-3",
)


class FixedEncoder:
    """Gives the vectors that it was made with, so that no encoding is measured."""

    def __init__(self, image: Vectors, caption: Vectors) -> None:
        self._image, self._caption = image, caption

    @property
    def spec(self) -> EncoderSpec:
        return SPEC

    def encode_pictures(self, pictures: Sequence[Pixels]) -> Vectors:
        assert len(pictures) == 1
        return self._image

    def encode_captions(self, texts: Sequence[str]) -> Vectors:
        assert len(texts) == 1
        return self._caption

    def encode_text_as_picture(self, texts: Sequence[str]) -> Vectors:
        raise NotImplementedError


def unit(vectors: Vectors) -> Vectors:
    """Rows scaled to length one."""
    scaled: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return scaled.astype(np.float32)


def entries(figures: int, seed: int = 0) -> Iterator[Entry]:
    """Generated patents with at least `figures` figures together."""
    rng = np.random.default_rng(seed)
    topics_image = rng.standard_normal((200, IMAGE_DIM), dtype=np.float32)
    topics_caption = rng.standard_normal((200, CAPTION_DIM), dtype=np.float32)
    vocabulary = [
        f"{kind[:4]}{thing[:4]}{ending}" for kind in KINDS for thing in THINGS for ending in ("or", "er")
    ]
    for number in range(-(-figures // FIGURES_PER_PATENT)):
        topic = int(rng.integers(200))
        thing = " ".join([*rng.choice(KINDS, int(rng.integers(1, 3))), str(rng.choice(THINGS))])
        terms = tuple(str(word) for word in rng.choice(vocabulary, 20))
        patent_id = f"USD{700000 + number}S1"
        captions = tuple(f"FIG. {n + 1} is a {view.format('a ' + thing)}" for n, view in enumerate(VIEWS))
        own = topics_image[topic] + rng.standard_normal(IMAGE_DIM, dtype=np.float32)
        images = own + 0.7 * rng.standard_normal((FIGURES_PER_PATENT, IMAGE_DIM), dtype=np.float32)
        said = topics_caption[topic] + 0.7 * rng.standard_normal(CAPTION_DIM, dtype=np.float32)
        texts = said + 0.5 * rng.standard_normal((FIGURES_PER_PATENT, CAPTION_DIM), dtype=np.float32)
        yield Entry(
            patent=Patent(
                id=patent_id,
                title=thing.capitalize(),
                applicants=(f"{rng.choice(vocabulary)} Corporation",),
                abstract=" ".join(str(word) for word in rng.choice(vocabulary, 80)),
                captions=tuple(Caption((str(n + 1),), text) for n, text in enumerate(captions)),
            ),
            figures=tuple(
                Figure(
                    id=f"{patent_id}/{n + 1}/1",
                    patent_id=patent_id,
                    sheet=n + 1,
                    box=Box(300, 400, 1800, 2200),
                    image=rng.bytes(32).hex(),
                    sheet_image=rng.bytes(32).hex(),
                    thumbnail=rng.bytes(32).hex(),
                    width=1800,
                    height=2200,
                    labels=(str(n + 1),),
                    caption=caption,
                    terms=terms,
                )
                for n, caption in enumerate(captions)
            ),
            image_vectors=unit(images),
            caption_vectors=unit(texts),
            fingerprint=str(number),
            sheets=FIGURES_PER_PATENT,
        )


def milliseconds(run: Callable[[], Results | None], runs: int) -> tuple[float, float]:
    """Median and 95th percentile of several runs, in ms; what a search says of encoding is left out."""
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        results = run()
        seconds = time.perf_counter() - started
        taken.append(1000 * (seconds - (results.seconds_encoding if results else 0.0)))
    return statistics.median(taken), float(np.percentile(taken, 95))


def resident_mb() -> float:
    """Resident memory of this process, in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def build(path: Path, figures: int) -> None:
    """Fill an index and print the rate."""
    spent = 0.0
    stored = 0
    with EmbeddedIndex.open(path, SPEC, create=True) as index:
        for entry in entries(figures):
            started = time.perf_counter()
            index.put(entry)
            spent += time.perf_counter() - started
            stored += len(entry.figures)
        size = index.status().bytes
    print(f"build           {stored / spent:9,.0f} figures/s   ({stored:,} figures, one commit per patent)")
    print(f"file            {size / 1e6:9,.0f} MB")


def main() -> None:
    """Build, search, compare, print."""
    parser = argparse.ArgumentParser(description="Measure search over generated figures.")
    parser.add_argument("--figures", type=int, default=40_000)
    parser.add_argument("--runs", type=int, default=60)
    options, _ = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.sqlite"
        build(path, options.figures)
        before = resident_mb()
        with EmbeddedIndex.open(path) as index:
            started = time.perf_counter()
            index.nearest_images(np.ones((1, IMAGE_DIM), np.float32), 1)
            print(f"first search    {(time.perf_counter() - started) * 1000:9,.0f} ms  (reads all vectors)")
            print(f"memory          {resident_mb() - before:9,.0f} MB for the vectors of the open index")
            measure(index, options.runs)


def measure(index: EmbeddedIndex, runs: int) -> None:
    """Search by words, by picture and by both; then scan with numpy in float32."""
    rng = np.random.default_rng(1)
    ids = [figure.id for patent in index.patents(limit=10_000_000) for figure in index.figures_of(patent.id)]
    texts = [
        f"{rng.choice(KINDS)} {rng.choice(THINGS)}"
        + rng.choice(["", " perspective view", f" with {rng.choice(THINGS)}"])
        for _ in range(runs)
    ]
    vectors = [
        unit(
            index.image_vector(str(rng.choice(ids))) + 0.01 * rng.standard_normal((1, IMAGE_DIM), np.float32)
        )
        for _ in range(runs)
    ]
    captions = [unit(rng.standard_normal((1, CAPTION_DIM), np.float32)) for _ in range(runs)]
    blank = np.full((8, 8), 255, np.uint8)
    long_text = " ".join(texts)[:2000]
    medians = {}
    for name, query in {
        "text": lambda n: Query(text=texts[n]),
        "image": lambda _: Query(examples=(Example(blank),)),
        "image + text": lambda n: Query(text=texts[n], examples=(Example(blank),)),
        "more like this": lambda n: Query(examples=(Example(like=str(ids[n * 13])),)),
        "2,000 characters": lambda n: Query(text=long_text[n:]),
    }.items():
        turn = iter(range(10 * runs))

        def once(query: Callable[[int], Query] = query, turn: Iterator[int] = turn) -> Results:
            n = next(turn) % runs
            return search(query(n), index, FixedEncoder(vectors[n], captions[n]))

        once()
        median, tail = milliseconds(once, runs)
        medians[name] = median
        verdict = (
            ""
            if name.startswith("2,000")
            else "  ok"
            if median <= TARGET_MS
            else f"  OVER {TARGET_MS:.0f} ms"
        )
        print(f"{name:16}{median:9.1f} ms median, {tail:.1f} ms p95{verdict}")
    compare(index, ids, vectors, runs)


def compare(index: EmbeddedIndex, ids: list[str], vectors: list[Vectors], runs: int) -> None:
    """The scan alone against numpy's product over the same vectors in float32, in memory."""
    everything = np.concatenate([index.image_vector(figure_id) for figure_id in ids])

    def brute(n: int) -> None:
        scores = everything @ vectors[n][0]
        best = np.argpartition(-scores, 100)[:100]
        best[np.argsort(-scores[best])]

    def scan_once(n: int) -> None:
        index.nearest_images(vectors[n], 100)

    turn = iter(range(10 * runs))
    scan, _ = milliseconds(lambda: scan_once(next(turn) % runs), runs)
    numpy, _ = milliseconds(lambda: brute(next(turn) % runs), runs)
    print(f"scan alone      {scan:9.1f} ms median for the best 100")
    print(f"numpy, float32  {numpy:9.1f} ms median; the scan takes {scan / numpy:.2f} of that")


if __name__ == "__main__":
    main()
