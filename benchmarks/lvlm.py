"""What re-ranking by a vision model gains: `python -m benchmarks.lvlm DATA TRUTHS [--queries 20] [--best 5]`.

    ipatent sample patents --patents 120 && ipatent ingest patents --data data
    IPATENT_LVLM_URL=http://localhost:8080/v1 IPATENT_LVLM_MODEL=... python -m benchmarks.lvlm data patents

Figures of generated patents ask for those of other patents of their family, their own patent being left
out; only those are asked of which something relevant lies among the best, as the others cannot gain.
Their best are put before the model of the settings as on a page of results, without the cache. Printed
are the measures before and after, the gain with its 95 % interval and the chance of so large a one
(`ipatent.evaluate.statistics`), the time, and how many questions failed. `--tests-model` starts the small
model of the tests, which sees noise: it shows what a model does that knows nothing.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ipatent.describe.endpoint import Endpoint, endpoint_of
from ipatent.describe.prompt import drawing
from ipatent.describe.ranking import Step, re_ranked
from ipatent.describe.ranking_prompt import Sought
from ipatent.describe.titling import Limits
from ipatent.evaluate import Answer, Outcome
from ipatent.evaluate.collection import Collection, open_collection
from ipatent.evaluate.likeness import chosen, family
from ipatent.evaluate.measures import score
from ipatent.evaluate.statistics import differences
from ipatent.opening import open_existing
from ipatent.settings import Settings, load_settings

SHOWN = ("mAP", "nDCG@10", "R@1")


@dataclass(frozen=True, slots=True)
class Run:
    """A query before and after the model looked at it."""

    before: Answer
    after: Answer
    seconds: float
    step: Step


def main() -> None:
    """Re-rank and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("truths", type=Path)
    parser.add_argument("--queries", type=int, default=20)
    parser.add_argument("--best", type=int, default=0, help="how many are re-ranked; else lvlm_reranked")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tests-model", action="store_true")
    given = parser.parse_args()
    settings = replace(load_settings(), data=str(given.data))
    best = given.best or settings.lvlm_reranked
    with _model(settings, given.tests_model) as endpoint, open_existing(settings, print) as opened:
        collection = open_collection(
            "generated",
            opened.index,
            opened.encoder,
            opened.open_objects(),
            settings.max_upload_pixels,
            given.truths,
        )
        answers = [
            answer
            for answer in family(collection, collection.vectors)
            if set(answer.topic.relevant).intersection(answer.ranked[:best])
        ]
        asked = [answers[place] for place in chosen(len(answers), given.queries, given.seed)]
        runs = []
        for number, answer in enumerate(asked, 1):
            runs.append(asyncio.run(_run(answer, collection, endpoint, settings, best)))
            step = runs[-1].step
            print(
                f"{number:4} {runs[-1].seconds:6.1f} s  {step.done} of {step.of} questions,"
                f" {step.unanswered} without usable answer {step.failed}",
                flush=True,
            )
    _tell(runs, endpoint.model, best)


async def _run(
    answer: Answer, collection: Collection, endpoint: Endpoint, settings: Settings, best: int
) -> Run:
    by_id = {figure.id: figure for figure in collection.figures}
    hits = [by_id[name] for name in answer.ranked[:best]]
    query = collection.objects.get(by_id[answer.topic.figure].image)
    step = Step(0, 0, tuple(range(len(hits))), ())
    started = time.perf_counter()
    async for found in re_ranked(
        Sought(pictures=(drawing(query, settings.lvlm_pixels),)),
        [(figure, collection.patents[figure.patent_id]) for figure in hits],
        endpoint,
        None,
        collection.objects.get,
        limits=Limits(
            settings.lvlm_seconds,
            settings.lvlm_page_seconds,
            1,
            settings.lvlm_figures,
            settings.lvlm_pixels,
        ),
    ):
        step = found
    seconds = time.perf_counter() - started
    order = tuple(hits[place].id for place in step.order)
    return Run(answer, replace(answer, ranked=order + answer.ranked[best:]), seconds, step)


def _tell(runs: list[Run], model: str, best: int) -> None:
    before, after = (
        Outcome("family", name, "generated", score(answers))
        for name, answers in (
            ("as searched", [run.before for run in runs]),
            ("re-ranked", [run.after for run in runs]),
        )
    )
    print(f"{len(runs)} queries, the best {best} of each re-ranked by {model}")
    print(f"{'':10}{'before':>8}{'after':>8}{'gain, 95 % interval':>28}{'p':>8}")
    for each in differences(before, after):
        if each.measure in SHOWN:
            gain = f"{each.gain.mean:+.3f} ({each.gain.low:+.3f} to {each.gain.high:+.3f})"
            print(f"{each.measure:10}{each.first:8.3f}{each.second:8.3f}{gain:>28}{each.p:8.3f}")
    questions = sum(run.step.of for run in runs)
    failed = sum(run.step.of - run.step.done + run.step.unanswered for run in runs)
    moved = sum(run.before.ranked != run.after.ranked for run in runs)
    reasons, dropped = (
        sum(len(run.step.reasons) for run in runs),
        sum(run.step.dropped for run in runs),
    )
    print(f"{sum(run.seconds for run in runs) / len(runs):.1f} s a query; {moved} orders changed")
    print(f"{failed} of {questions} questions failed; {reasons} reasons could be shown, {dropped} not")


@contextmanager
def _model(settings: Settings, of_tests: bool) -> Iterator[Endpoint]:
    """The endpoint of the settings, or the tests' server, which runs as long as this is open."""
    if of_tests:
        sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
        from llama_server import llama  # type: ignore[import-not-found]

        with TemporaryDirectory() as folder, llama(Path(folder)) as server:
            yield Endpoint(server.url, "the tests' small model behind a projector of noise", "")
        return
    endpoint = endpoint_of(settings)
    if endpoint is None:
        sys.exit("There is no model to ask. Set IPATENT_LVLM_URL and IPATENT_LVLM_MODEL.")
    yield endpoint


if __name__ == "__main__":
    main()
