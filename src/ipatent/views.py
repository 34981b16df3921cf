"""Views: from which side, and as what kind of picture, a caption says that a figure shows its object."""

import re
from collections.abc import Sequence

from ipatent.patents import Caption

VIEWS = (
    "perspective",
    "front",
    "rear",
    "left side",
    "right side",
    "side",
    "top",
    "bottom",
    "plan",
    "elevation",
    "sectional",
    "exploded",
    "enlarged",
    "fragmentary",
    "schematic",
    "flowchart",
    "block diagram",
    "circuit",
    "graph",
    "table",
    "chemical structure",
    "screen",
    "photograph",
)
"""The closed vocabulary of `view_of`."""

# The first that fits is the dominant one: a sectional front view is sectional, an enlarged front
# view is a front view.
_PICTURES = (
    ("flowchart", r"flow\s?-?\s?(?:chart|diagram)s?|flow\s+sheet|process\s+diagram"),
    ("block diagram", r"block\s?-?\s?diagrams?|functional\s+diagram"),
    ("circuit", r"circuit\s+(?:diagram|schematic)s?|circuit\s+layout|wiring\s+diagram"),
    ("chemical structure", r"structural\s+formulae?|chemical\s+(?:structure|formula)e?s?"),
    (
        "graph",
        r"graphs?|plots?|(?:bar|line|pie|timing)\s?-?\s?(?:chart|diagram)s?|histograms?|spectr(?:um|a)",
    ),
    ("table", r"tables?\s+(?:of|with|showing|listing)|table$"),
    ("screen", r"screen\s?-?\s?(?:shots?|views?|displays?)|user\s+interface"),
    ("photograph", r"photo(?:graph|micrograph)?s?|micrographs?"),
)
_ASPECTS = (
    ("sectional", r"cross\s?-?\s?section(?:al|s)?|sectional|section"),
    ("exploded", r"exploded"),
    ("perspective", r"per\s?spective|isometric|three\s?-?\s?quarter|oblique"),
    ("left side", r"left(?:\s?-?\s?(?:hand\s)?sides?)?"),
    ("right side", r"right(?:\s?-?\s?(?:hand\s)?sides?)?"),
    ("top", r"top|upper|overhead"),
    ("bottom", r"bottom|underside|lower"),
    ("rear", r"rear|back"),
    ("front", r"front"),
    ("side", r"side|lateral|end"),
    ("plan", r"plan"),
    ("elevation", r"elevation\s?(?:al)?"),
    ("fragmentary", r"fragmentary|partial|broken\s?-?\s?away|cut\s?-?\s?away"),
    ("enlarged", r"enlarged|magnified|close\s?-?\s?up|detail(?:ed)?"),
    ("schematic", r"schematic(?:al|ally)?s?|diagrammatic(?:al|ally)?|diagrams?"),
)
_PICTURE = [(view, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for view, words in _PICTURES]
_ASPECT = [(view, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for view, words in _ASPECTS]
_VIEW_WORD = re.compile(
    r"\b(?:views?|elevations?|sections?|perspectives?|illustrations?|representations?|diagrams?|drawings?)\b"
    r"(?!\s+view)",
    re.IGNORECASE,
)
_SIDES = frozenset(("left side", "right side", "top", "bottom", "rear", "front", "side"))

_LEAD = re.compile(
    r"(?:\b(?:views?|elevations?|perspectives?|sections?|illustrations?|representations?|photographs?"
    r"|drawings?|diagrams?|charts?|flow\s?-?charts?|graphs?|plots?|tables?|schematics?|formulae?|images?"
    r"|screen\s?-?shots?)\s+(?:(?:thereof|schematically)\s+)?"
    r"(?:of|for|illustrating|showing|depicting|explaining|representing)\s+)",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"[,;:.]|\s(?:show\s?ing|according|in accordance|taken|along|as (?:shown|seen|viewed|indicated)|shown"
    r"|seen|viewed|wherein|where|which|that|with (?:the|a|an)\b|without|in (?:an?|the|its|use|one|different)"
    r"|from|when|while|during|embodying|incorporating|having|illustrating|depicting|indicated|labell?ed|in"
    r"|after|before|constructed|arranged|mounted|installed|connected|at|on a|designated|is|are|being|and in"
    r"|there)\b",
    re.IGNORECASE,
)
_SAME = re.compile(
    r"(?:there\s?of|there|thereto|(?:the\s+)?same|it|(?:the|my|our|this|present|said|another|new|claimed|first"
    r"|second|third|ornamental|one|an|a|article|\s)*"
    r"(?:invention|design|embodiment|article|object|product|device shown|subject matter)s?(?:\s+thereof)?)",
    re.IGNORECASE,
)
_EMBODIMENT = re.compile(
    r"^(?:(?:an?|the|one|another|other|further|first|second|third|fourth|fifth|preferred|exemplary"
    r"|alternative|alternate|possible|present|new|our|my)\s+)*"
    r"(?:embo\s?\w*\s?ment|example|version|variation|variant|modification|implementation)s?\s+(?:of\s+)?"
    r"(?=\S)",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"^(?:(?:an?|the|said|my|our|this|one|another|exemplary|illustrative|example)\s+)+", re.IGNORECASE
)
_GENERIC = frozenset(
    "portion part area region section detail details portions parts encircled circled view one end".split()
)
_REFERENCE = re.compile(
    r"\b(?:of|in|from)?\s*(?:FIGS?|[Ff]igures?|[Ff]igs?)\s?\.?\s*(\d{1,3}\s?[A-Za-z]?)\b.*"
)
_NUMERAL = re.compile(r"\s*\(?\b\d{1,4}[a-z]?\b\)?$")
_LIKE_ANOTHER = re.compile(r"view\s+of\s+FIG\w*\s?\.?\s*\d+[A-Z]?(?!\s+of)\b", re.IGNORECASE)
_THEREOF = re.compile(r"(?:\bof\s+)?(?:\bthere\s?of\b|\bthere$|\bof\s+the\s+same\b)", re.IGNORECASE)
_MIRROR = re.compile(r",?\s+(?:the|a)\s+[^,;]{1,60}\bmirror\s+image.*", re.IGNORECASE)
_LONGEST = 600
_MOST_WORDS = 10


def view_of(caption: str) -> str:
    """The dominant view that a caption names, one of VIEWS, or empty.

    `top plan view` is `top`, `front, right side, top perspective view` is `perspective`.
    """
    text = _plain(caption)
    head = text[:200]
    lead = _VIEW_WORD.search(head)
    zone = head[: lead.end()] if lead else head
    for view, pattern in _PICTURE:
        if pattern.search(zone) or (lead is None and pattern.search(head)):
            return view
    if lead is None and "section" not in head and "perspective" not in head:
        # `the pump, with its cover removed at the top` names no view.
        return "schematic" if re.search(r"\bschematic", head) else ""
    fitting = [view for view, pattern in _ASPECT if pattern.search(zone)]
    if not fitting and lead:
        tail = re.match(r"[^,;.]{0,80}?\bin\s+([\w -]{3,30})$", head[lead.end() :])
        fitting = [view for view, pattern in _ASPECT if tail and pattern.search(tail.group(1))]
    sides = [view for view in fitting if view in _SIDES]
    if len(sides) > 1 and fitting[0] in _SIDES:
        # `front side plan`, `rear side elevational`: the side that is named first.
        return min(sides, key=lambda view: _place(view, zone))
    return fitting[0] if fitting else ""


def depicted(captions: Sequence[Caption], title: str = "") -> dict[str, str]:
    """What each figure shows, by its label, e.g. `napkin holder`.

    `thereof`, `the same`, `of FIG. 1` and the like are resolved through the captions before and
    the title; captions that name no object show what the one before did.
    """
    current = _title_object(title)
    shown: dict[str, str] = {}
    for caption in captions:
        text = _plain(caption.text)
        found, reference = _object(text)
        if not found:
            found = shown.get(reference, "") or shown.get(re.sub(r"\D", "", reference), "") or current
        for label in caption.labels:
            shown[label] = found
        if not reference or reference in shown:
            current = found or current
    return shown


def views(captions: Sequence[Caption]) -> dict[str, str]:
    """The view of each figure by its label; `a view of FIG. 5 in another position` has that of FIG. 5."""
    seen: dict[str, str] = {}
    for caption in captions:
        view = view_of(caption.text)
        if not view and _LIKE_ANOTHER.match(caption.text):
            found = _REFERENCE.search(caption.text)
            view = seen.get(_label(found.group(1)), "") if found else ""
        for label in caption.labels:
            seen[label] = view
    return seen


def spelled_out(caption: str, depicts: str) -> str:
    """The caption with its first `thereof` replaced: `front view of the napkin holder`."""
    if not depicts:
        return caption
    lower = caption.lower()
    if depicts.lower() in lower:
        return re.sub(r"\s+there\s?of\b", "", caption, count=1)
    plural = depicts.split()[-1].lower().endswith("s") and " " not in depicts
    return _THEREOF.sub(lambda _: f"of {'' if plural else 'the '}{depicts}", caption, count=1)


def _plain(caption: str) -> str:
    text = " ".join(caption[:_LONGEST].split())
    text = re.sub(r"\s?-\s?(?=\w)", "-", text)
    text = re.sub(r"\belevation al\b", "elevational", text)
    text = re.sub(r"\bshow ing|\bshowing(?=my|our)", "showing ", text)
    return _MIRROR.sub("", text)


def _place(view: str, zone: str) -> int:
    pattern = next(pattern for name, pattern in _ASPECT if name == view)
    found = pattern.search(zone)
    return found.start() if found else len(zone)


def _label(text: str) -> str:
    return re.sub(r"\s", "", text).upper()


def _object(text: str) -> tuple[str, str]:
    """The object that a caption names, and the figure it refers to; either may be empty."""
    referred = _REFERENCE.search(text)
    reference = _label(referred.group(1)) if referred else ""
    text = _ARTICLE.sub("", text)
    lead = _LEAD.search(text[:160])
    if lead:
        rest = text[lead.end() :]
    elif _VIEW_WORD.search(text[:80]) or re.match(r"(?:flow|block|schematic)", text, re.IGNORECASE):
        return "", reference
    else:
        rest = text
    for _ in range(3):  # `a view of a graph showing the torque`
        again = _LEAD.match(_ARTICLE.sub("", rest))
        if not again:
            break
        rest = _ARTICLE.sub("", rest)[again.end() :]
    rest = re.sub(r"^FIGS?\s?\.?\s*\d+[A-Za-z]?\s+(?:of|shows)\s+", "", rest, flags=re.IGNORECASE)
    rest = _REFERENCE.sub("", rest)
    # A stop at the very beginning, `the in-use state`, is part of the name.
    stop = _STOP.search(rest, 2)
    noun = rest[: stop.start()] if stop else rest
    noun = re.sub(r"\s*\((?:\d{1,4}[a-z]?)\)", "", noun)
    noun = re.sub(r"\s+thereof$", "", noun)
    noun = _EMBODIMENT.sub("", noun.strip())
    noun = _NUMERAL.sub("", _ARTICLE.sub("", noun)).strip(" -'“”\"")
    noun = re.sub(r"\s+of (?:the )?(?:present )?(?:invention|disclosure)$", "", noun)
    words = noun.split()
    if (
        not words
        or words[0].lower() == "how"
        or _SAME.fullmatch(noun)
        or all(word.lower() in _GENERIC for word in words)
    ):
        return "", reference
    return " ".join(words[:_MOST_WORDS]), reference


def _title_object(title: str) -> str:
    words = " ".join(title.split())
    words = words.lower() if words.isupper() else words[:1].lower() + words[1:]
    words = re.split(r"\s+(?:and method|and process|and system)\b", words, maxsplit=1)[0]
    return " ".join(words.split()[:_MOST_WORDS])
