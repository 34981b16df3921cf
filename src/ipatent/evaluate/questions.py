"""Tasks that go through the whole search: words to figures and patents, and words with a picture."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from ipatent.evaluate import Answer, Topic
from ipatent.evaluate.collection import Collection
from ipatent.evaluate.likeness import chosen
from ipatent.patents import Figure, Patent
from ipatent.query import Example, Query
from ipatent.sample.objects import KINDS
from ipatent.search import search
from ipatent.views import spelled_out

DEPTH = 100
"""How many figures are looked at; what comes later counts as not found."""
_PARTS = 3


def captions(collection: Collection, queries: int, seed: int) -> Iterator[Answer]:
    """Captions, spelled out, ask for their figures. Figures without a caption are passed over."""
    captioned = [figure for figure in collection.figures if figure.caption]
    for place in chosen(len(captioned), queries, seed):
        figure = captioned[place]
        text = spelled_out(figure.caption, figure.depicts)
        topic = Topic(figure.id, figure.patent_id, {figure.id: 1}, text=text)
        yield Answer(topic, _figures(collection, Query(text, k=DEPTH)))


def titles(collection: Collection, queries: int, seed: int) -> Iterator[Answer]:
    """Titles ask for their patents; those without a title are passed over.

    Where several patents have the same title, the one that is asked for can be found by luck alone.
    """
    titled = [patent for _, patent in sorted(collection.patents.items()) if patent.title]
    for place in chosen(len(titled), queries, seed):
        patent = titled[place]
        topic = Topic(patent.id, patent.id, {patent.id: 1}, text=patent.title)
        yield Answer(topic, _patents(collection, Query(patent.title, k=DEPTH)))


def descriptions(collection: Collection, queries: int, seed: int) -> Iterator[Answer]:
    """Descriptions in other words than the title ask for generated patents (see `paraphrase`)."""
    told = [patent for name, patent in sorted(collection.patents.items()) if name in collection.truths]
    for place in chosen(len(told), queries, seed):
        patent = told[place]
        text = paraphrase(collection, patent, seed)
        topic = Topic(patent.id, patent.id, {patent.id: 1}, text=text)
        yield Answer(topic, _patents(collection, Query(text, k=DEPTH)))


def paraphrase(collection: Collection, patent: Patent, seed: int) -> str:
    """A generated patent told by another name of its kind, its purpose and three of its parts.

    A kind with a single name is called a device. Design patents name no parts.
    """
    truth = collection.truths[patent.id]
    dice = Random(f"paraphrase/{seed}/{patent.id}")
    kind = KINDS[truth["kind"]]
    title = patent.title.lower()
    others = [noun for noun in kind.nouns if noun.lower() not in title]
    parts = sorted(set(truth["terms"].values()))
    some = dice.sample(parts, min(_PARTS, len(parts)))
    name = dice.choice(others) if others else "device"
    told = f"{name} for {kind.purpose}"
    return f"{told}, with {', '.join(some)}" if some else told


def with_words(collection: Collection, queries: int, seed: int, text_weight: float) -> Iterator[Answer]:
    """A figure with the name of what it shows asks for figures of the same thing elsewhere.

    Relevant are figures of other patents of its family where families are known, and its own patent
    does not count then; else the other figures of its patent. Figures whose object no text names, and
    those without anything relevant, are passed over. `text_weight` 0 asks with the picture alone, 1
    with the words alone.
    """
    named = [figure for figure in collection.figures if _named(collection, figure)]
    families = any(collection.family(figure.patent_id) for figure in named)
    every = [(figure, *_relevant(collection, figure, families)) for figure in named]
    every = [one for one in every if one[1]]
    for place in chosen(len(every), queries, seed):
        figure, relevant, left_out = every[place]
        text = _named(collection, figure)
        query = Query(text, (Example(like=figure.id),), text_weight=text_weight, k=DEPTH + len(left_out))
        found = tuple(name for name in _figures(collection, query) if name not in left_out)
        topic = Topic(
            figure.id,
            collection.family(figure.patent_id) or figure.patent_id,
            relevant,
            figure=figure.id,
            text=text,
        )
        yield Answer(topic, found[:DEPTH])


def _relevant(
    collection: Collection, figure: Figure, families: bool
) -> tuple[dict[str, int], frozenset[str]]:
    """What is relevant to a figure, and what is taken out of its ranking."""
    family = collection.family(figure.patent_id)
    own = frozenset(one.id for one in collection.figures if one.patent_id == figure.patent_id)
    if not families:
        return dict.fromkeys(sorted(own - {figure.id}), 1), frozenset({figure.id})
    kin = [
        one.id
        for one in collection.figures
        if one.id not in own and collection.family(one.patent_id) == family
    ]
    return (dict.fromkeys(kin, 1) if family else {}), own


def _named(collection: Collection, figure: Figure) -> str:
    return figure.depicts or collection.patents[figure.patent_id].title.lower()


def _figures(collection: Collection, query: Query) -> tuple[str, ...]:
    query = replace(query, synonyms=collection.synonyms)
    return tuple(hit.figure.id for hit in search(query, collection.index, collection.encoder).hits)


def _patents(collection: Collection, query: Query) -> tuple[str, ...]:
    query = replace(query, synonyms=collection.synonyms)
    hits = search(query, collection.index, collection.encoder).hits
    return tuple(dict.fromkeys(hit.patent.id for hit in hits))
