"""The identity of a query: the same for two addresses that look for the same thing."""

import hashlib
import json
import unicodedata
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

from ipatent.records.tables import KEY_LENGTH

Parameters = tuple[tuple[str, str], ...]
"""Names and values of a query string, in their order; a name may stand several times."""

PRESENTATION = frozenset(
    {"k", "show", "tiles", "reasons", "offset", "shown", "lang", "theme", "same"}
    | {"of", "method", "clusters", "captions", "together", "seed"}
    | {"dims", "by", "project"}
)
"""Parameters that say how much is shown and how, not what is looked for."""


def parameters_of(url: str) -> Parameters:
    """The parameters in the query string of `url`, those with a value."""
    return tuple(parse_qsl(urlsplit(url).query))


def identifying(parameters: Iterable[tuple[str, str]]) -> Parameters:
    """The parameters that say what is looked for, in their normal form.

    Left out are those of `PRESENTATION`, the weights (`w`, `w.words` …), `rerank` and `synonyms`, which
    change how a query is ranked and not what is relevant to it: judgements hold while a slider moves.
    Blanks are collapsed and characters composed (NFC); names stand in the order of the alphabet, values
    of one name in the order given, because a box belongs to the picture beside it.
    """
    normal = (
        (name.strip(), " ".join(unicodedata.normalize("NFC", value).split())) for name, value in parameters
    )
    kept = (pair for pair in normal if pair[1] and pair[0] not in PRESENTATION and not is_weight(pair[0]))
    return tuple(sorted(kept, key=lambda pair: pair[0]))


def is_weight(name: str) -> bool:
    """Whether a parameter only says how much a part of the query counts, or how it is ranked."""
    return name in ("w", "rerank", "synonyms") or name.startswith("w.")


def query_key(parameters: Iterable[tuple[str, str]]) -> str:
    """16 hexadecimal digits that stand for the information need; usable as a TREC topic."""
    text = json.dumps(identifying(parameters))
    return hashlib.sha256(text.encode()).hexdigest()[:KEY_LENGTH]
