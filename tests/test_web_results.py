"""What the page of results shows: layouts, filters with counts, reasons, and ways on."""

import gzip
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
import pytest
from starlette.testclient import TestClient

from drawn_patents import fill
from ipatent.facets import BEST
from ipatent.filters import Filters
from ipatent.index import Entry
from ipatent.web import create_app
from ipatent.web.asked import Asked
from ipatent.web.facet_links import chips
from ipatent.web.hit_links import HitLinks
from ipatent.web.language import Language, speaking
from ipatent.web.marking import marked_words
from ipatent.web.results import FacetAnswer, FacetsAnswer, FacetValueAnswer
from tiny_encoder import TinyEncoder

LINKS = re.compile(r'<a class="value" href="([^"]+)"[^>]*>([^<]+)</a>')


def page_of(client: TestClient, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    return answer.text


def facet(page: str, name: str) -> str:
    start = page.index(f'id="facet-{name}"')
    return page[start : page.find('<details class="facet"', start + 10)]


def counts(page: str, name: str) -> dict[str, int]:
    found = re.findall(
        r'<a class="value"[^>]*>([^<]+)</a>.*?<span class="count">(\d+)', facet(page, name), re.DOTALL
    )
    return {unescape(label): int(count) for label, count in found}


def link(page: str, name: str, label: str) -> str:
    links = {unescape(found): unescape(url) for url, found in LINKS.findall(facet(page, name))}
    return links[label]


def hit_ids(page: str) -> list[str]:
    return re.findall(r'id="hit-\d+">.*?href="/figures/([^"]+)"', page, re.DOTALL)


@pytest.fixture(scope="module")
def family(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client over twelve patents, of which the first two are one family and show the same drawings."""
    library = fill(tmp_path_factory.mktemp("family"), TinyEncoder())
    index = library.state.index
    first, second = (index.patent(f"USD90000{place}S1") for place in (0, 1))
    figures = index.figures_of(first.id)
    again = tuple(
        replace(one, id=one.id.replace(first.id, second.id), patent_id=second.id) for one in figures
    )
    for patent, own in ((first, figures), (second, again)):
        index.put(
            Entry(
                patent=replace(patent, family="F1", title="Teething mitten"),
                figures=own,
                image_vectors=np.concatenate([index.image_vector(one.id) for one in figures]),
                caption_vectors=library.state.encoder.encode_captions([one.caption for one in own]),
                fingerprint=f"family-{patent.id}",
                sheets=5,
            )
        )
    with TestClient(create_app(library.state), follow_redirects=False) as client:
        yield client
    index.close()


@pytest.mark.parametrize("show", ["grid", "list"])
def test_each_layout_lists_the_same_hits_in_the_same_order(client: TestClient, show: str) -> None:
    data = client.get("/search.json?q=hinge&k=20").json()
    page = page_of(client, f"/search?q=hinge&k=20&show={show}")
    assert hit_ids(page) == [hit["figure"]["id"] for hit in data["hits"]]


def test_the_layout_is_kept_by_the_links_of_the_page(client: TestClient) -> None:
    page = page_of(client, "/search?q=hinge&show=list&k=20")
    assert "show=list" in link(page, "view", "front")
    assert all("show=list" in url for url in re.findall(r'<a class="tool more" href="([^"]+)"', page))
    assert all("show=list" in url for url in re.findall(r'href="(/explain[^"]+)"', page))
    assert 'name="show" value="list"' in page, "the form asks again in the same layout"
    assert client.get("/search?q=hinge&show=table").status_code == 400


def test_view_names_a_layout_as_well_as_a_view_drawn(client: TestClient) -> None:
    page = page_of(client, "/search?q=hinge&view=list&view=front&k=20")
    assert hit_ids(page) == hit_ids(page_of(client, "/search?q=hinge&show=list&view=front&k=20"))
    assert "show=list" in link(page, "view", "top"), "the layout is no filter and stays"


def test_by_patent_each_publication_stands_once_with_its_best_figure_first(client: TestClient) -> None:
    data = client.get("/search.json?q=hinge").json()
    page = page_of(client, "/search?q=hinge&show=patents")
    articles = re.findall(r'<article class="publication">(.*?)</article>', page, re.DOTALL)
    numbers = [re.findall(r'class="number" href="/patents/([^"]+)"', each) for each in articles]
    assert all(len(own) == 1 for own in numbers)
    assert [own[0] for own in numbers] == list(dict.fromkeys(hit["patent"]["id"] for hit in data["hits"]))
    for article in articles:
        ranks = [int(rank) for rank in re.findall(r'id="hit-(\d+)"', article)]
        assert ranks == sorted(ranks)


def test_publications_of_a_family_stand_together_behind_the_best_of_them(family: TestClient) -> None:
    page = page_of(family, "/search?q=mitten&show=patents&same=all")
    assert "1 more publication of this family" in page
    members = page[page.index('<details class="members">') :]
    members = members[: members.index("</details>\n</li>")]
    assert members.count("<article") == 1


def test_the_same_drawing_is_one_tile_that_names_the_others(family: TestClient) -> None:
    joined = family.get("/search.json?q=mitten&k=10").json()
    assert [len(hit["duplicates"]) for hit in joined["hits"][:5]] == [1] * 5
    page = page_of(family, "/search?q=mitten&k=10")
    assert page.count("2 × same drawing") == 5
    assert joined["hits"][0]["duplicates"][0]["url"] in page
    apart = page_of(family, "/search?q=mitten&k=10&same=all")
    assert "same drawing</summary>" not in apart
    assert "Join same drawings" in apart


def test_counts_are_exact_and_a_choice_does_not_narrow_its_own_facet(client: TestClient) -> None:
    page = page_of(client, "/search?q=hinge")
    assert counts(page, "view") == dict.fromkeys(("perspective", "front", "side", "top", "bottom"), 12)
    narrowed = page_of(client, link(page, "view", "front"))
    assert "of 12 figures" in re.sub("<[^>]+>", "", narrowed)
    assert counts(narrowed, "view") == counts(page, "view")
    assert counts(narrowed, "office") == {"US": 12}
    both = client.get(link(narrowed, "view", "top").replace("/search", "/search.json")).json()
    assert {hit["figure"]["view"] for hit in both["hits"]} == {"front", "top"}
    assert both["matching"] == 24


def test_following_the_link_of_a_chosen_value_takes_the_choice_back(client: TestClient) -> None:
    page = page_of(client, "/search?q=hinge&view=front&view=top")
    assert link(page, "view", "top") == "/search?q=hinge&view=front"
    assert 'aria-current="true">front</a>' in page


def test_a_value_can_be_shut_out_and_let_in_again(client: TestClient) -> None:
    page = page_of(client, "/search?q=hinge")
    shut = unescape(re.findall(r'<a class="not" href="([^"]+)"', facet(page, "view"))[0])
    assert shut.startswith("/search?q=hinge&view.not=")
    name = shut.rpartition("=")[2]
    data = client.get(shut.replace("/search", "/search.json")).json()
    assert data["matching"] == 48
    assert all(hit["figure"]["view"] != name for hit in data["hits"])
    again = facet(page_of(client, shut), "view")
    assert f'aria-current="true" title="None of these" aria-label="Not {name}"' in again


def test_classes_are_a_tree_and_several_applicants_may_all_be_asked_for(client: TestClient) -> None:
    page = page_of(client, "/search?q=hinge")
    assert counts(page, "locarno") == {"07 Household goods": 60, "07-06": 60}
    two = page_of(client, "/search?q=hinge&applicant=example+1+%26+sons&applicant=example+2+%26+sons")
    every = re.search(r'<p class="mode"><b>any of</b> <a href="([^"]+)"', facet(two, "applicant"))
    assert every
    data = client.get(unescape(every[1]).replace("/search", "/search.json")).json()
    assert data["matching"] == 0


def test_classes_are_named_in_the_language_of_the_page() -> None:
    value = FacetValueAnswer(value="06", label="06 Furnishing", count=1, best=1, parent="")
    labels = FacetsAnswer(
        figures=1, best=1, facets=(FacetAnswer(name="locarno", values=(value,), unknown=0, others=0),)
    )
    asked = Asked(filters=Filters.parse([("locarno", "06")]))
    with speaking(Language("de", {"Furnishing": "Möbel"})):
        (chip,) = chips(asked, labels)
    assert chip.text == "06 Möbel"


def test_an_applicant_can_be_found_by_the_beginning_of_a_word(client: TestClient) -> None:
    found = facet(page_of(client, "/search?q=hinge&find=exam+11"), "applicant")
    assert [unescape(label) for _, label in LINKS.findall(found)] == ["Example 11 & Sons <Ltd>"]
    assert "None." in facet(page_of(client, "/search?q=hinge&find=nobody"), "applicant")


def test_every_filter_in_force_can_be_removed_by_itself_or_all_at_once(client: TestClient) -> None:
    url = "/search?q=hinge&view=front&office.not=EP&year=2019..2021&priority_before=2019-12-31&captioned=yes"
    page = page_of(client, url)
    listed = re.search(r'<ul class="chips".*?</ul>', page, re.DOTALL)
    assert listed
    links = [unescape(each) for each in re.findall(r'href="([^"]+)"', listed[0])]
    assert len(links) == 6
    for each in links[:5]:
        assert len(Asked().filters.parse(_pairs(each)).parameters()) == 4
    assert links[5] == "/search?q=hinge"
    text = re.sub(r"<[^>]+>", "", listed[0])
    assert "Office not EP" in text
    assert "2019–2021" in text


def _pairs(url: str) -> list[tuple[str, str]]:
    return parse_qsl(url.partition("?")[2])


def test_the_fields_for_years_become_a_range_in_the_address(client: TestClient) -> None:
    answer = client.get("/search?q=hinge&view=front&year_from=2019&year_to=&after=&captioned=")
    assert (answer.status_code, answer.headers["location"]) == (303, "/search?q=hinge&view=front&year=2019..")
    assert client.get("/search?q=hinge&year_from=abc&year_to=").status_code == 400
    cleared = client.get("/search?year_from=&year_to=&after=&before=")
    assert cleared.headers["location"] == "/search?browse=all"


def test_years_are_drawn_to_scale_and_each_bar_is_a_link(client: TestClient) -> None:
    page = page_of(client, "/search?q=hinge")
    assert "<svg class=" not in facet(page, "dates"), "one year alone is not drawn"
    assert 'name="priority_before"' in facet(page, "dates")


def test_filters_alone_list_the_newest_first_without_scores(client: TestClient) -> None:
    data = client.get("/search.json?view=front").json()
    days = [date.fromisoformat(hit["patent"]["published"]) for hit in data["hits"]]
    assert days == sorted(days, reverse=True)
    page = page_of(client, "/search?view=front")
    assert "newest first" in page
    assert 'class="score"' not in page
    assert 'class="why"' not in page


def test_all_figures_can_be_browsed(client: TestClient) -> None:
    page = page_of(client, "/search?browse=all")
    assert page.count('<li class="card hit"') == 60
    assert "chips" not in page.replace("chips.", "")
    assert "browse" not in link(page, "view", "front")


def test_filters_that_exclude_everything_are_named_with_what_would_match_without(client: TestClient) -> None:
    page = page_of(client, "/search?q=hinge&view=front&type=photograph")
    assert "The filters leave no figure." in page
    found = re.search(r'<li><a href="([^"]+)">12 figures without the filter Type: photograph</a>', page)
    assert found
    assert client.get(unescape(found[1]).replace("/search", "/search.json")).json()["matching"] == 12
    assert "without the filter View" not in page, "nothing would match without that one"


def test_figures_without_a_date_are_told_of_where_dates_are_limited(tmp_path: Path) -> None:
    library = fill(tmp_path, TinyEncoder(), patents=2)
    index = library.state.index
    undated = index.patent("USD900001S1")
    figures = index.figures_of(undated.id)
    encoder = library.state.encoder
    captions = encoder.encode_captions([one.caption for one in figures])
    index.put(
        Entry(
            patent=replace(undated, published=None, filed=None),
            figures=figures,
            image_vectors=np.concatenate([index.image_vector(one.id) for one in figures]),
            caption_vectors=captions,
            fingerprint="undated",
            sheets=5,
        )
    )
    with TestClient(create_app(library.state)) as client:
        assert "5 more figures would match, but their dates are not known." in page_of(
            client, "/search?q=mitten&before=2030-01-01"
        )
    index.close()


def test_why_says_what_each_part_adds_and_the_parts_add_up_to_the_score(client: TestClient) -> None:
    hit = client.get("/search.json?q=door+hinge&like=USD900007S1/1/1&k=1").json()["hits"][0]
    total = sum(found["calibrated"] * found["weight"] for found in hit["evidence"])
    assert total == pytest.approx(hit["score"])
    page = page_of(client, "/search?q=door+hinge&like=USD900007S1/1/1&k=1")
    summary = re.search(r'<a class="why" href="[^"]+"[^>]*>.*?<span>([^<]+)</span>', page)
    assert summary
    said = dict(part.rsplit(" ", 1) for part in summary[1].split(" · "))
    assert sum(map(float, said.values())) == pytest.approx(hit["score"], abs=0.02)
    widths = [
        float(width)
        for width in re.findall(r'<rect class="(?:image|words|caption)"[^>]* width="([^"]+)"', page)
    ]
    assert sum(widths) == pytest.approx(100 * hit["score"], abs=1)


def test_words_are_marked_where_they_occur_and_other_fields_are_named(client: TestClient) -> None:
    page = page_of(client, "/search?q=hinges+handle&k=1&applicant=example+7+%26+sons")
    assert "Door <mark>hinge</mark>" in page
    assert "<mark>handle</mark>: terms" in page


def test_forms_of_a_word_are_marked_and_markup_in_texts_is_not_believed() -> None:
    (pieces,) = marked_words([("Folding <b>chairs</b> of Zoë's", ("chair", "zoe"))])
    assert [text for text, is_marked in pieces if is_marked] == ["chairs", "Zoë"]
    assert "".join(text for text, _ in pieces) == "Folding <b>chairs</b> of Zoë's"
    assert marked_words([("Plain", ())]) == [(("Plain", False),)]


def actions_of(client: TestClient, page: str, place: int) -> dict[str, str]:
    """Where the actions of the hit at `place` lead, as they stand behind the link on it."""
    told = page_of(client, unescape(re.findall(r'<a href="(/explain[^"]+#actions)"', page)[place]))
    return {name: unescape(url) for name, url in re.findall(r'<a class="button (\w+)" href="([^"]+)"', told)}


def test_a_hit_can_be_added_for_and_against_and_taken_out_again(client: TestClient) -> None:
    page = page_of(client, "/search?q=hinge&k=3")
    actions = actions_of(client, page, 1)
    figure = hit_ids(page)[1]
    assert actions["plus"] == f"/search?q=hinge&like={figure}&k=3"
    assert actions["minus"] == f"/search?q=hinge&like.not={figure}&k=3"
    added = page_of(client, actions["plus"])
    own = re.search(rf'id="hit-\d+">\s*<a class="paper" href="/figures/{figure}".*?</li>', added, re.DOTALL)
    assert own
    assert '<a class="tool plus" href="/search?q=hinge&amp;k=3" rel="nofollow" aria-current="true"' in own[0]


def test_a_script_finds_what_all_hits_can_do_once_on_the_page(client: TestClient) -> None:
    page = page_of(client, "/search?q=hinge&k=3")
    assert page.count('class="tool plus"') == 1
    usual = re.search(
        r'<template id="usual-tools" data-figure="([^"]+)" data-patent="([^"]+)">.*?</template>', page
    )
    assert usual
    links = re.findall(r'<a class="tool [a-z ]+" href="([^"]+)"', usual[0])
    figure = hit_ids(page)[0]
    patent = figure.rsplit("/", 2)[0]
    made = {unescape(url).replace(usual[1], figure).replace(usual[2], patent) for url in links}
    actions = actions_of(client, page, 0)
    assert {actions["plus"], actions["minus"], actions["more"], actions["part"]} < made
    shown = client.get("/search.json?q=hinge&k=1").json()["hits"][0]["patent"]
    assert {shown["espacenet_url"], shown["google_url"]} < made


def test_links_of_a_hit_are_those_that_the_query_itself_would_make() -> None:
    asked = Asked(q="figure-here +&", k=7).with_like("a b/1").with_like("c~m", against=True)
    links = HitLinks(asked)
    for figure in ("USD1/1/1", "a b/1", "c~m", "x@1,2,3,4", "ü&=/2"):
        assert links.only(figure) == asked.only_like(figure).url()
        if not asked.sign_of(figure):
            assert links.more(figure) == asked.with_like(figure).url()
            assert links.less(figure) == asked.with_like(figure, against=True).url()
    assert links.more("a b/1") == asked.without_like("a b/1").url()
    assert links.less("a b/1") == asked.with_like("a b/1", against=True).url()


def test_a_full_query_offers_no_further_example() -> None:
    asked = Asked(q="x")
    for place in range(7):
        asked = asked.with_like(f"f{place}")
    assert HitLinks(asked).more("new") == ""
    assert HitLinks(asked).less("new")
    assert HitLinks(asked).more("f3") == asked.without_like("f3").url()


def test_further_results_follow_without_a_gap_and_the_way_back_is_there(client: TestClient) -> None:
    first = page_of(client, "/search?q=hinge&k=20")
    found = re.search(r'id="more-results" rel="next" href="([^"]+)"', first)
    assert found
    second = page_of(client, unescape(found[1]))
    assert "21–40" in second
    third = page_of(client, "/search?q=hinge&k=20&offset=40")
    every = page_of(client, "/search?q=hinge&k=60")
    assert hit_ids(first) + hit_ids(second) + hit_ids(third) == hit_ids(every)
    assert "That is all." in third
    assert 'rel="prev" href="/search?q=hinge&amp;k=20"' in second


def test_what_a_script_adds_is_the_same_as_the_following_page(client: TestClient) -> None:
    for show in ("grid", "list"):
        added = page_of(client, f"/search/more?q=hinge&k=20&offset=20&show={show}")
        assert "<html" not in added
        assert hit_ids(added) == hit_ids(page_of(client, f"/search?q=hinge&k=20&offset=20&show={show}"))


def test_a_page_that_had_grown_comes_back_as_it_was(client: TestClient) -> None:
    page = page_of(client, "/search?q=hinge&k=20&shown=40")
    assert len(hit_ids(page)) == 40
    assert "offset=40" in page
    assert "shown" not in "".join(re.findall(r'href="(/search[^"]+)"', page))


def test_results_end_at_the_limit_with_a_word_on_what_to_do(tmp_path: Path) -> None:
    library = fill(tmp_path, TinyEncoder(), patents=3)
    state = replace(library.state, settings=replace(library.state.settings, k=5, max_k=12))
    with TestClient(create_app(state)) as client:
        near = page_of(client, "/search?q=mitten&offset=5")
        found = re.search(r'rel="next" href="([^"]+)"', near)
        assert found
        last = page_of(client, unescape(found[1]))
        assert len(hit_ids(last)) == 2
        assert "These are the first 12." in last
    library.state.index.close()


def test_after_the_last_result_the_page_leads_back(client: TestClient) -> None:
    assert "Back to the first results" in page_of(client, "/search?q=hinge&k=20&offset=100")


def test_counts_among_the_best_stand_only_where_there_are_more_figures(client: TestClient) -> None:
    data = client.get("/search.json?q=hinge").json()
    assert data["facets"]["best"] <= BEST
    assert 'class="best"' not in page_of(client, "/search?view=front")


def test_a_hundred_results_with_facets_are_small(client: TestClient) -> None:
    page = client.get("/search?q=hinge&k=60").content
    assert len(gzip.compress(page)) < 30_000 * 0.6
