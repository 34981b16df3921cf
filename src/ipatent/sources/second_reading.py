"""A second reading of a cover: what its text layer garbled is filled in from what OCR reads."""

import re
from collections.abc import Sequence
from dataclasses import replace

from ipatent.patents import Caption
from ipatent.sources.cover import Cover


def is_doubtful(cover: Cover, captions: Sequence[Caption], lines: Sequence[str]) -> bool:
    """Whether the lines of a cover print something that could not be read from them.

    That is a title, date or class that is empty though its INID code stands there, or a figure
    without a caption between others that have one.
    """
    codes = {found[1] for line in lines if (found := re.match(r"^\(\s?(\d\d)\s?\)", line))}
    if not cover.title or cover.published is None or ("22" in codes and cover.filed is None):
        return True
    schemes = {one.scheme for one in cover.classifications}
    text = "\n".join(lines)
    if "51" in codes and not schemes & ({"LOC"} if re.search(r"\bLOC\b", text) else {"IPC", "CPC"}):
        return True
    if "52" in codes and not schemes & {"USPC", "CPC"}:
        return True
    return bool(missing_labels(captions))


def missing_labels(captions: Sequence[Caption]) -> tuple[str, ...]:
    """The numbers between 1 and the highest one that no caption is for."""
    numbers = {int(re.sub(r"\D.*", "", label)) for one in captions for label in one.labels}
    return tuple(str(n) for n in range(1, max(numbers, default=0)) if n not in numbers)


def filled_in(cover: Cover, second: Cover) -> Cover:
    """The cover with what only the second reading has; classes by scheme."""
    schemes = {one.scheme for one in cover.classifications}
    more = tuple(one for one in second.classifications if one.scheme not in schemes)
    return replace(
        cover,
        number=cover.number or second.number,
        title=cover.title or second.title,
        published=cover.published or second.published,
        filed=cover.filed or second.filed,
        priority=cover.priority or second.priority,
        applicants=cover.applicants or second.applicants,
        inventors=cover.inventors or second.inventors,
        classifications=cover.classifications + more,
        abstract=cover.abstract or second.abstract,
        sheets=cover.sheets or second.sheets,
    )


def with_missing(captions: Sequence[Caption], second: Sequence[Caption]) -> tuple[Caption, ...]:
    """The captions with those of figures that only the second reading has, in order of their figures."""
    had = {label for one in captions for label in one.labels}
    more = [one for one in second if not had.intersection(one.labels)]
    if not more:
        return tuple(captions)
    return tuple(sorted((*captions, *more), key=lambda one: int(re.sub(r"\D.*", "", one.labels[0]))))
