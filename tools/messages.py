"""Bring `locale/*.po` up to date with what the pages say: `python -m tools.messages`.

Adds the sentences that are new, marks as obsolete those that are gone, and tells what is left to
translate. With `--check` nothing is written. Ends with 1 where a translation is missing or wrong.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeGuard

import polib

from ipatent.web.language import NAMES
from ipatent.web.message_patterns import placeholders
from ipatent.web.rendering import template_environment

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "ipatent"
WEB = PACKAGE / "web"
LOCALE = WEB / "locale"

TELLING = (
    "cluster.py",
    "encode/matching.py",
    "exports/paper.py",
    "exports/report.py",
    "filters.py",
    "patents.py",
    "pictures.py",
    "search.py",
    "wording.py",
)
"""Modules beside those of `web/` and `records/` whose errors reach a page, or that print reports."""
VOCABULARIES = (
    ("views.py", "VIEWS"),
    ("figure_type.py", "TYPES"),
    ("facets.py", "CPC_SECTIONS"),
    ("facets.py", "LOCARNO_CLASSES"),
)
"""Closed lists of words, or of names by their symbols, that pages show in their own language."""
APART = (
    "web/formats.py",
    "web/health.py",
    "web/metrics.py",
    "web/server.py",
    "web/supervising.py",
    "records/changes.py",
    "records/database.py",
    "records/postgresql.py",
    "records/search_record.py",
    "records/upgrading.py",
)
"""Modules whose sentences are for whoever runs the server, or for the file of a case: those stay English."""

_BRACES = "python-brace-format"
_PERCENT = "python-format"
_VALUE = re.compile(r"%\((\w+)\)s")
_TAG = re.compile(r"</?[a-z]+[^>]*>")
_SAID_BY_SCRIPT = re.compile(r'\b(say|sayCount)\(\s*("(?:[^"\\]|\\.)*")(?:,\s*("(?:[^"\\]|\\.)*"))?')
_NOT_SHOWN = frozenset({"description", "help", "title", "summary", "pattern", "alias"})
_SENTENCE = re.compile(r"^(?![A-Z]{2}\w* )[A-Z{0-9].*\s.*[.!?…]$", re.DOTALL)
_ERROR = re.compile(r"^(?!Assertion).*Error|NotFound|Problem|Picture|EmptyIndex|Mismatch")
_KIND = re.compile(r"^an? [\w ,]{1,60}$")


@dataclass(frozen=True, slots=True)
class Message:
    """An English sentence of the pages; `plural` is empty where nothing is counted."""

    text: str
    plural: str = ""
    flag: str = ""
    places: tuple[str, ...] = ()


def messages() -> dict[str, Message]:
    """All sentences of the pages by their English text, with the files that say them."""
    found: dict[str, Message] = {}
    for message in _all_found():
        before = found.get(message.text, message)
        found[message.text] = replace(
            before,
            plural=before.plural or message.plural,
            flag=before.flag or message.flag,
            places=tuple(sorted({*before.places, *message.places})),
        )
    return found


def update(path: Path, wanted: dict[str, Message]) -> None:
    """Write the translations of `wanted` back to `path`; what is no longer said becomes obsolete."""
    file = polib.pofile(str(path), wrapwidth=100)
    known = {entry.msgid: entry for entry in file}
    fresh = polib.POFile(wrapwidth=100)
    fresh.metadata = file.metadata
    for text in sorted(wanted, key=lambda text: (wanted[text].places, text)):
        message = wanted[text]
        entry = known.pop(text, None) or polib.POEntry(msgid=text)
        entry.obsolete = False
        entry.occurrences = [(place, "") for place in message.places]
        entry.flags = [message.flag] if message.flag else []
        entry.msgid_plural = message.plural
        if message.plural and not entry.msgstr_plural:
            entry.msgstr, entry.msgstr_plural = "", {0: "", 1: ""}
        fresh.append(entry)
    for entry in known.values():
        if entry.msgstr or entry.msgstr_plural:
            entry.obsolete = True
            fresh.append(entry)
    fresh.save(str(path))


def faults(path: Path, wanted: dict[str, Message]) -> list[str]:
    """What is wrong with the translations in `path`, one line each."""
    entries = {entry.msgid: entry for entry in polib.pofile(str(path)) if not entry.obsolete}
    found = [f"no longer said: {text}" for text in entries.keys() - wanted.keys()]
    for text, message in wanted.items():
        entry = entries.get(text)
        forms = list(entry.msgstr_plural.values()) if entry and message.plural else []
        given = forms or ([entry.msgstr] if entry and not message.plural else [])
        if not given or not all(given):
            found.append(f"not translated: {text}")
        elif entry and "fuzzy" in entry.flags:
            found.append(f"not sure: {text}")
        else:
            found += [
                f"{fault}: {form}" for form in given for fault in _faults_of(form, message, len(forms) > 1)
            ]
    return sorted(found)


def _faults_of(form: str, message: Message, is_counted: bool) -> Iterator[str]:
    read = placeholders if message.flag == _BRACES else lambda text: set(_VALUE.findall(text))
    wanted, given = read(message.text) | read(message.plural), read(form)
    # The singular may do without the number.
    if given != wanted and not (is_counted and given <= wanted and given >= read(message.text) - {"number"}):
        yield "other placeholders than the English"
    if message.flag != _BRACES and "%" in re.sub(r"%%|%\(\w+\)s", "", form) and "%" in message.text:
        yield "a bare %"
    if sorted(_TAG.findall(form)) != sorted(_TAG.findall(message.text)):
        yield "other tags than the English"
    # Sentences stand in attributes too, and are not escaped there.
    if re.search(r'[<>"]', _TAG.sub("", form)) and not re.search(r'[<>"]', _TAG.sub("", message.text)):
        yield "a sign that would have to be escaped"


def _all_found() -> Iterator[Message]:
    environment: Any = template_environment()  # the extension adds a method
    for path in sorted((WEB / "templates").rglob("*.html")):
        place = _place(path)
        for _, function, given in environment.extract_translations(path.read_text("utf-8")):
            texts = [given] if isinstance(given, str) else list(given)
            yield _percent(texts[0], texts[1] if function == "ngettext" else "", place)
    for path in sorted((WEB / "static").glob("*.js")):
        for function, one, many in _SAID_BY_SCRIPT.findall(path.read_text("utf-8")):
            # Strings of these scripts are written so that they are Python's as well.
            plural = ast.literal_eval(many) if function == "sayCount" else ""
            yield _percent(ast.literal_eval(one), plural, _place(path))
    for path in _python_files():
        yield from _in_python(ast.parse(path.read_text("utf-8")), _place(path))
    for place, name in VOCABULARIES:
        for word in _vocabulary(PACKAGE / place, name):
            yield Message(word, places=(place,))


def _vocabulary(path: Path, name: str) -> tuple[str, ...]:
    for node in ast.parse(path.read_text("utf-8")).body if path.exists() else ():
        match node:
            case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                return tuple(ast.literal_eval(value))
            case ast.AnnAssign(target=ast.Name(id=found), value=ast.Dict() as value) if found == name:
                return tuple(ast.literal_eval(value).values())
    return ()


def _python_files() -> list[Path]:
    files = {path for folder in ("web", "records") for path in (PACKAGE / folder).rglob("*.py")}
    files |= {PACKAGE / name for name in TELLING}
    return sorted(path for path in files if path.exists() and _place(path) not in APART)


def _place(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def _percent(text: str, plural: str, place: str) -> Message:
    return Message(text, plural, _PERCENT if _VALUE.search(text + plural) else "", (place,))


def _in_python(tree: ast.AST, place: str) -> Iterator[Message]:
    unseen: list[ast.AST] = [tree]
    while unseen:
        node = unseen.pop()
        if _is_marked(node):
            texts = [text for text in map(_text_of, node.args) if text]
            if texts:
                is_counted = _name_of(node.func) == "ngettext"
                yield _percent(texts[0], texts[1] if is_counted else "", place)
                continue
        text = _text_of(node)
        if text is not None:
            # One that is nearly all placeholder would fit any other.
            if (_SENTENCE.match(text) or _KIND.match(text)) and len(_letters(text)) > 5:
                yield _braces(text, place)
            continue
        unseen += _shown_children(node)
        for text in _texts_raised(node):
            yield _braces(text, place)


def _is_marked(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and _name_of(node.func) in ("_", "gettext", "noted", "ngettext")


def _letters(text: str) -> str:
    return re.sub(r"\{\w+\}|\W", "", text)


def _braces(text: str, place: str) -> Message:
    return Message(text, flag=_BRACES if placeholders(text) else "", places=(place,))


def _texts_raised(node: ast.AST) -> Iterable[str]:
    """The texts of an error, which need not be sentences; those of the framework get a full stop."""
    if isinstance(node, ast.Call) and _name_of(node.func) == "HTTPException":
        texts = [text for text in map(_text_of, node.args) if text]
        return [text if text.endswith(".") else f"{text}." for text in texts]
    match node:
        case ast.Raise(exc=ast.Call(func=kind, args=said)) if _ERROR.search(_name_of(kind)):
            given = [part for one in said for part in _alternatives(one)]
            return [text for text in map(_text_of, given) if text]
    return []


def _alternatives(node: ast.expr) -> list[ast.expr]:
    return [*_alternatives(node.body), *_alternatives(node.orelse)] if isinstance(node, ast.IfExp) else [node]


def _shown_children(node: ast.AST) -> Iterator[ast.AST]:
    # A string that stands alone is documentation; an assertion, a log line and a schema are not shown.
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.Call) and _name_of(node.func) in (
        "AssertionError",
        "RuntimeError",
        "HTTPException",
    ):
        return
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and _name_of(node.func.value) == "log"
    ):
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.keyword) and child.arg in _NOT_SHOWN and not _is_marked(child.value):
            continue
        if isinstance(node, ast.Dict) and child in node.values:
            key = node.keys[node.values.index(child)]
            if isinstance(key, ast.Constant) and key.value in _NOT_SHOWN:
                continue
        yield child


def _text_of(node: ast.AST) -> str | None:
    """The text of a string, with `{name}` in the places of an f-string's values."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    pieces: list[str] = []
    used: set[str] = set()
    for part in node.values:
        if isinstance(part, ast.Constant):
            pieces.append(str(part.value))
        elif isinstance(part, ast.FormattedValue):
            name = base = _name_of(part.value) or "value"
            number = 1
            while name in used:
                number += 1
                name = f"{base}{number}"
            used.add(name)
            pieces.append(f"{{{name}}}")
    return "".join(pieces)


def _name_of(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_") or name
        case ast.Call(func=inner) | ast.Subscript(value=inner):
            return _name_of(inner)
        case ast.BinOp(left=inner) | ast.BoolOp(values=[inner, *_]):
            return _name_of(inner)
    return ""


def main(arguments: list[str]) -> int:
    """Update the files, or only check them; returns the exit status."""
    wanted = messages()
    left = 0
    for code in NAMES:
        path = LOCALE / f"{code}.po"
        if not path.exists():
            continue
        if "--check" not in arguments:
            update(path, wanted)
        for fault in faults(path, wanted):
            left += 1
            print(f"{code}: {fault}")
    print(f"{len(wanted)} sentences, {left} faults")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
