"""Judgements (qrels) and runs in TREC's formats, as `ipatent qrels` and `ipatent export` write them."""

from collections.abc import Iterator
from pathlib import Path

from ipatent.errors import QueryError, SourceError
from ipatent.evaluate import Answer, Topic


def judged_runs(qrels: Path, run: Path) -> tuple[Answer, ...]:
    """Each judged topic of `qrels` that has something relevant, with its ranking in `run`.

    A topic that the run does not answer counts with an empty ranking; what was not judged counts as
    not relevant. Raises SourceError for a file that cannot be read as what it should be, QueryError
    when no topic of the run was judged.
    """
    grades: dict[str, dict[str, int]] = {}
    for topic, _, name, grade in _rows(qrels, 4, "qrels: topic, 0, figure, grade"):
        grades.setdefault(topic, {})[name] = _whole(grade, qrels)
    ranked: dict[str, list[tuple[float, int, str]]] = {}
    for topic, _, name, rank, score, _ in _rows(run, 6, "a run: topic, Q0, figure, rank, score, tag"):
        ranked.setdefault(topic, []).append((-_number(score, run), _whole(rank, run), name))
    answers = []
    for topic, judged in sorted(grades.items()):
        relevant = {name: grade for name, grade in judged.items() if grade > 0}
        if relevant:
            names = tuple(dict.fromkeys(name for _, _, name in sorted(ranked.get(topic, []))))
            answers.append(Answer(Topic(topic, topic, relevant), names))
    if not any(answer.ranked for answer in answers):
        raise QueryError(
            f"No topic of {run} has a relevant figure in {qrels}.",
            "Judge results of the search first, and export the run of the same search.",
        )
    return tuple(answers)


def _rows(path: Path, columns: int, what: str) -> Iterator[list[str]]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} cannot be read: {error}.", "Check its path.") from None
    for number, line in enumerate(lines, 1):
        parts = line.split()
        if not parts:
            continue
        if len(parts) != columns:
            raise SourceError(
                f"Line {number} of {path} has {len(parts)} columns instead of {columns}.",
                f"It should be {what}.",
            )
        yield parts


def _whole(text: str, path: Path) -> int:
    try:
        return int(text)
    except ValueError:
        raise SourceError(f"{path}: {text!r} is not a whole number.", "Export it anew.") from None


def _number(text: str, path: Path) -> float:
    try:
        return float(text)
    except ValueError:
        raise SourceError(f"{path}: {text!r} is not a number.", "Export it anew.") from None
