"""Language: which one a patent's captions and terms are written in, told by script and small words."""

import re
from collections.abc import Mapping
from typing import Final

from ipatent.patents import Patent

ENGLISH: Final = "en"

SMALL_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "en": frozenset(
        "the of a an and is in to with for showing view from which by on are thereof new our design".split()
    ),
    "de": frozenset(
        "der die das den dem des ein eine einer eines einem und von mit für im zur nach auf ist in bei"
        " ansicht schnitt zeigt gemäß".split()
    ),
    "fr": frozenset(
        "le la les un une des du de et en avec pour dans sur selon vue coupe au aux est montrant".split()
    ),
    "es": frozenset("el la los las un una de del y en con para por según vista muestra al que es".split()),
    "it": frozenset("il lo la gli le un una di del della e con per in vista secondo mostra che è".split()),
    "nl": frozenset("de het een van en met voor in aanzicht volgens toont op is zijn".split()),
}
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
)
_ENGLISH_OFFICES = frozenset(("US", "GB", "AU", "IN", "NZ"))
_OFFICES: Final[Mapping[str, str]] = {
    "DE": "de", "AT": "de", "FR": "fr", "ES": "es", "MX": "es", "IT": "it", "NL": "nl",
    "JP": "ja", "CN": "zh", "TW": "zh", "KR": "ko", "RU": "ru",
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")
_READ = 2000


def language_of(patent: Patent) -> str:
    """The language code (`en`, `de`, `fr` …) of the patent's captions and description.

    Told by the office where that publishes in English only, else by script and small words.
    """
    office = patent.number.office if patent.number else ""
    if office in _ENGLISH_OFFICES:
        return ENGLISH
    captions = " ".join(caption.text for caption in patent.captions)
    found = language_of_text(f"{captions[:_READ]} {patent.description[:_READ]}")
    return found or language_of_text(patent.title) or _OFFICES.get(office, ENGLISH)


def language_of_text(text: str) -> str:
    """The language code of `text`, or empty where too few small words tell."""
    text = text[: 2 * _READ]
    letters = sum(map(str.isalpha, text))
    for language, script in _SCRIPTS:
        if letters and len(script.findall(text)) > 0.2 * letters:
            return language
    words = [word.lower() for word in _WORD.findall(text)]
    counts = {language: sum(map(small.__contains__, words)) for language, small in SMALL_WORDS.items()}
    best = max(counts, key=lambda language: (counts[language], language == ENGLISH))
    others = [count for language, count in counts.items() if language != best]
    return best if counts[best] >= 2 and counts[best] > max(others) else ""
