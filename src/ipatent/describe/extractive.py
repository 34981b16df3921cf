"""Extractive titles: made of nothing but the group's own keywords, captions and counts."""

from collections import Counter

from ipatent.describe import Group, Title

_PARTS = 3
_MOSTLY = 0.5


def extractive_title(group: Group, reason: str = "") -> Title:
    """`Folding chair: leg lock, hinge, seat — 14 figures of 6 patents, mostly perspective views`.

    `reason` says why it is not a generated one, where that was asked for.
    """
    words = group.keywords.main
    name = next((one.text for one in words if one.kind == "object"), "")
    parts = [one.text for one in words if one.text != name and one.kind == "component"][:_PARTS]
    others = [one.text for one in words if one.text != name and one.kind == "object"][: _PARTS - 1]
    if name and not parts and others:
        # Several different things, not a thing and its parts.
        name = "; ".join((name, *others))
    name = name or _title(group)
    head = ": ".join(filter(None, (name, ", ".join(parts)))) or "Figures without text"
    text = f"{head[:1].upper()}{head[1:]} — {_counts(group)}"
    return Title(text, _description(group), "extractive", support=1.0, reason=reason)


def _counts(group: Group) -> str:
    patents = len({patent.id for _, patent in group.figures})
    counts = f"{_number(len(group.figures), 'figure')} of {_number(patents, 'patent')}"
    views = Counter(figure.view or figure.type for figure, _ in group.figures)
    views.pop("", None)
    if views:
        view, count = views.most_common(1)[0]
        if count > _MOSTLY * len(group.figures):
            counts += f", mostly {_plural(view)}" if count < len(group.figures) else f", {_plural(view)}"
    return counts


def _plural(view: str) -> str:
    whole = ("flowchart", "graph", "circuit", "table", "screen", "photograph", "diagram", "drawing")
    return f"{view}s" if view.endswith(whole) else f"{view} views"


def _title(group: Group) -> str:
    titles = Counter(patent.title.lower() for _, patent in group.figures if patent.title)
    return titles.most_common(1)[0][0] if titles else ""


def _description(group: Group) -> str:
    first = next((figure.caption for figure, _ in group.figures if figure.caption), "")
    return f"The most typical figure shows: {first}" if first else ""


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
