"""Judged groups: figures that somebody called relevant to one and the same query."""

from ipatent.records.database import Database
from ipatent.records.judgements import Grade, judged_parameters, judgements_of_all

_ENDINGS = ("@", "~")
"""What stands behind a figure's id where a part of it is asked with, or it is turned."""


def judged_groups(database: Database) -> tuple[tuple[str, ...], ...]:
    """Ids of figures that show the same kind of thing, in somebody's judgement; two or more each.

    For each query the figures judged relevant (not only partly), with the figure that was asked with
    where that was a single whole one.
    """
    asked = judged_parameters(database)
    groups = []
    for key, grades in sorted(judgements_of_all(database).items()):
        relevant = [figure for figure, grade in grades.items() if grade == Grade.RELEVANT]
        pictures = [(name, value) for name, value in asked.get(key, ()) if name in ("img", "like")]
        if len(pictures) == 1 and pictures[0][0] == "like":
            figure = pictures[0][1]
            if not any(sign in figure.rpartition("/")[2] for sign in _ENDINGS):
                relevant.append(figure)
        group = tuple(dict.fromkeys(relevant))
        if relevant and len(group) > 1:
            groups.append(group)
    return tuple(groups)
