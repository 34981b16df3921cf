"""What addresses ask for: several pictures with parts and turns, words against, weights, named figures."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from drawn_patents import Library, draw
from ipatent.errors import QueryError
from ipatent.patents import Box
from ipatent.pictures import encode_png, open_picture
from ipatent.web.asked import Asked, like_figure
from ipatent.web.picture_asked import PICTURE_NAMES, PictureAsked

SHA = "ab" * 32
FIGURE = "USD900003S1/2/1"

ODD = ["a@1,2,3,4", "b~m", "c~~", "d~~~r90", "~", "@", "e~~@1,2,3,4~c", "x~m~~", "~~~", "a b&c=d%", FIGURE]
SOME = [
    {},
    {"box": Box(1, 2, 3, 4)},
    {"turn": 270, "clean": True},
    {"box": Box(0, 0, 9, 9), "turn": 90, "mirror": True, "clean": True, "against": True},
]


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("changes", SOME)
def test_any_figure_id_is_read_back_with_its_box_and_flags(name: str, changes: dict[str, Any]) -> None:
    asked = PictureAsked(name, is_figure=True, **changes)
    assert PictureAsked.parse(asked.parameter, str(asked)) == asked


def test_a_value_reads_as_documented() -> None:
    assert PictureAsked.parse("img", f"{SHA}@1,2,30,40~r90~m~c") == PictureAsked(
        SHA, box=Box(1, 2, 30, 40), turn=90, mirror=True, clean=True
    )
    assert PictureAsked.parse("like.not", FIGURE) == PictureAsked(FIGURE, is_figure=True, against=True)


@pytest.mark.parametrize("value", [f"{SHA}@1,2,3", f"{SHA}@1,2,0,4", "x" * 64, f"{SHA}~r45"])
def test_what_cannot_be_a_picture_is_refused(value: str) -> None:
    with pytest.raises(QueryError):
        PictureAsked.parse("img", value)


def test_a_hit_is_added_changes_sides_and_is_taken_out() -> None:
    asked = Asked(q="lamp", offset=100).with_like(FIGURE)
    assert (asked.sign_of(FIGURE), asked.q, asked.offset) == ("+", "lamp", 0)
    against = asked.with_like(FIGURE, against=True)
    assert against.sign_of(FIGURE) == "-"
    assert len(against.pictures) == 1
    assert against.without_like(FIGURE).pictures == ()
    assert against.url() == "/search?q=lamp&like.not=USD900003S1/2/1"


def test_old_addresses_mean_what_they_meant(client: TestClient) -> None:
    sha = client.post("/upload.json", files={"file": encode_png(draw(5, 1))}).json()["sha256"]
    old = client.get("/search.json", params={"img": sha, "box": "100,80,400,300", "like": FIGURE}).json()
    new = client.get("/search.json", params={"img": f"{sha}@100,80,400,300", "like": FIGURE}).json()
    assert old["hits"] == new["hits"]


def test_a_turned_and_mirrored_part_is_shown_as_it_is_searched(client: TestClient) -> None:
    sha = client.post("/upload.json", files={"file": encode_png(draw(5, 1))}).json()["sha256"]
    shown = client.get("/preview", params={"img": f"{sha}@100,80,300,200~r90~m"})
    pixels = open_picture(shown.content, 1_000_000)
    cut = draw(5, 1)[80:280, 100:400]
    assert (pixels == cut[::-1].T[:, ::-1]).mean() > 0.99


def test_a_turned_figure_still_finds_itself_when_turned_back(client: TestClient, library: Library) -> None:
    figure = library.state.index.figure(FIGURE)
    data = client.get("/search.json", params={"img": f"{figure.image}~r90"}).json()
    assert data["pictures"][0]["turn"] == 90
    part = client.get("/search.json", params={"like": f"{FIGURE}@0,0,{figure.width},{figure.height}"}).json()
    assert part["hits"][0]["figure"]["id"] == FIGURE


def test_all_must_match_where_all_is_asked(client: TestClient) -> None:
    both = {"like": [FIGURE, "USD900003S1/1/1"], "combine": "all"}
    hits = client.get("/search.json", params=both).json()["hits"]
    assert {hit["patent"]["id"] for hit in hits[:2]} == {"USD900003S1"}


def test_what_is_against_ranks_lower(client: TestClient) -> None:
    def rank(**more: str) -> int:
        hits = client.get("/search.json", params={"like": FIGURE, **more}).json()["hits"]
        return next(hit["rank"] for hit in hits if hit["figure"]["id"] == "USD900003S1/1/1")

    assert rank(**{"like.not": "USD900003S1/1/1"}) > rank()


BAD = {
    "like.not=USD900003S1/2/1": "only says what hits should not be like",
    "less=wheel": "only says what hits should not be like",
    "&".join(f"like=USD90000{place}S1/1/1" for place in range(8)): "at most 7",
    f"img={SHA}&img={SHA}&box=1,2,3,4": "only for a single picture",
    "q=lamp&w.image=-1": "between 0 and 100",
    "q=lamp&w.words=nan": "between 0 and 100",
    "q=lamp&w.words=many": "cannot be",
    "q=lamp&combine=some": "cannot be",
    "figure=nothing at all": "does not name a figure",
    "figure=USD900003S1 FIG. 77": "has no FIG. 77",
    "figure=USD123456S1 FIG. 1": "does not hold",
}


@pytest.mark.parametrize("query", BAD)
def test_what_cannot_be_asked_is_explained(client: TestClient, query: str) -> None:
    for page in ("/search", "/search.json"):
        answer = client.get(f"{page}?{query}")
        assert 400 <= answer.status_code < 500
        assert BAD[query] in answer.text.replace("&#39;", "'")


@pytest.mark.parametrize("text", ["USD900003S1 FIG. 2", "us d900,003 s1, fig 2", "US D900003 Fig. 2", FIGURE])
def test_a_figure_is_found_by_publication_and_label(client: TestClient, text: str) -> None:
    answer = client.get("/search", params={"figure": text, "q": "lamp"})
    assert answer.headers["location"] == "/search?q=lamp&like=USD900003S1/2/1"
    data = client.get("/search.json", params={"figure": text}).json()
    assert data["hits"][0]["figure"]["id"] == FIGURE


def test_a_wrong_expression_is_marked_and_nothing_typed_is_lost(client: TestClient) -> None:
    page = client.get("/search", params={"q": "chair AND (leg", "less": "wheel", "like": FIGURE, "k": "50"})
    assert page.status_code == 400
    assert "chair AND <mark>(</mark>leg" in page.text
    assert 'value="wheel"' in page.text
    assert f'name="like" value="{FIGURE}"' in page.text
    page = client.get("/search", params={"q": "chair", "less": 'wheel AND "tyre'})
    assert 'id="less-wrong"' in page.text


def test_a_box_set_by_four_numbers_is_kept_inside_the_picture(client: TestClient) -> None:
    sha = client.post("/upload.json", files={"file": encode_png(draw(5, 1))}).json()["sha256"]
    numbers = {"place": 0, "x": 600, "y": 500, "width": 5000, "height": 20}
    answer = client.get("/part", params={"img": sha, "q": "lamp", **numbers})
    assert answer.headers["location"] == f"/search?q=lamp&img={sha}@600,500,100,20"
    whole = {"place": 0, "x": 0, "y": 0, "width": 700, "height": 560}
    assert "@" not in client.get("/part", params={"img": sha, **whole}).headers["location"]
    assert client.get("/part", params={"img": sha, **numbers, "place": 3}).status_code == 400


def test_more_like_this_keeps_the_filters(client: TestClient) -> None:
    asked = Asked(q="lamp", less="wheel", k=20).with_like(FIGURE).only_like("X/1/1")
    assert asked.parameters == (("like", "X/1/1"), ("k", "20"))
    assert like_figure("X/1/1").url() == "/search?like=X/1/1"
    assert set(PICTURE_NAMES) == {"img", "like", "img.not", "like.not"}


def test_second_looks_are_asked_for_in_the_address_and_change_the_ranking(client: TestClient) -> None:
    asked = {"like": FIGURE, "k": "30"}
    plain = client.get("/search.json", params=asked).json()
    looked = client.get("/search.json", params={**asked, "rerank": "siblings,kreciprocal"}).json()
    assert [hit["figure"]["id"] for hit in looked["hits"]] != [hit["figure"]["id"] for hit in plain["hits"]]
    none = client.get("/search.json", params={**asked, "rerank": "none"}).json()
    assert [hit["figure"]["id"] for hit in none["hits"]] == [hit["figure"]["id"] for hit in plain["hits"]]
    assert Asked(rerank=("kreciprocal", "siblings")).url() == "/search?rerank=kreciprocal,siblings"
    assert Asked(rerank=()).url() == "/search?rerank=none"
    assert Asked().url() == "/search"


def test_an_unknown_second_look_is_explained(client: TestClient) -> None:
    answer = client.get("/search.json", params={"like": FIGURE, "rerank": "magic"})
    assert answer.status_code == 400
    assert "magic" in answer.text
    assert "kreciprocal" in answer.text
