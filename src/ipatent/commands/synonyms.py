"""The command that lists other words for a word, as the indexed patents use them."""

from dataclasses import asdict
from typing import Annotated

import typer

from ipatent.commands.options import Data, Json, Set, print_json, settings_from


def synonyms(
    term: Annotated[str, typer.Argument(metavar="TERM", help="A word, or several.")],
    data: Data = None,
    more: Set = None,
    as_json: Json = False,
) -> None:
    """List other words for a word: those that keep the same company in the indexed patents."""
    from contextlib import closing

    from rich.console import Console

    from ipatent.opening import open_index
    from ipatent.synonyms import of_index
    from ipatent.wording import query_words

    with closing(open_index(settings_from(data, more))) as index:
        known = of_index(index)
    found = {word: known.of(word, 10) for word in query_words(term)}
    if as_json:
        print_json({word: [asdict(one) for one in others] for word, others in found.items()})
        return
    out = Console(highlight=False, soft_wrap=True)
    for word, others in found.items():
        told = ", ".join(f"{one.word} ({one.alike:.2f}, {one.patents} patents)" for one in others)
        out.print(f"{word}: {told or 'none'}")
