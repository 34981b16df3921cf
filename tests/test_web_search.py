"""Searching by address: words, pictures, boxes and known figures, and what is said when it cannot be."""

import html
import io
import re

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from drawn_patents import Library, draw
from ipatent.pictures import encode_png


def upload(client: TestClient, data: bytes) -> str:
    answer = client.post("/upload.json", files={"file": ("q.png", data)})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["sha256"])


@pytest.fixture(scope="module")
def wrench(client: TestClient) -> str:
    """The stored front view of the adjustable wrench."""
    return upload(client, encode_png(draw(5, 1)))


def test_words_find_the_patent_and_the_grid_is_in_order(client: TestClient) -> None:
    data = client.get("/search.json", params={"q": "door hinge", "k": "10"}).json()
    assert data["hits"][0]["patent"]["title"] == "Door hinge"
    assert [hit["rank"] for hit in data["hits"]] == list(range(1, data["count"] + 1))
    scores = [hit["score"] for hit in data["hits"]]
    assert scores == sorted(scores, reverse=True)
    page = client.get("/search", params={"q": "door hinge", "k": "10"}).text
    shown = re.findall(r'<a class="paper" href="/figures/([^"]+)"', page)
    assert shown == [hit["figure"]["id"] for hit in data["hits"]]


def test_a_hit_shows_label_caption_number_links_title_score_and_reasons(client: TestClient) -> None:
    page = client.get("/search", params={"q": "door hinge", "k": "1"}).text
    hit = client.get("/search.json", params={"q": "door hinge", "k": "1"}).json()["hits"][0]
    page = re.sub("</?mark>", "", page)
    assert hit["figure"]["label"] in page
    assert hit["figure"]["caption"] in page
    assert f"{hit['score']:.3f}" in page
    for said in (
        "US D900,007 S1",
        "Door hinge",
        "Espacenet",
        "patents.google.com",
        "More like this",
        "words 0.",
    ):
        assert said in page
    assert f'src="{hit["figure"]["thumbnail_url"]}"' in page


def test_the_result_line_tells_count_time_and_encoder(client: TestClient) -> None:
    page = client.get("/search?q=hinge&k=7").text
    line = re.search(r'<p class="result-line".*?</p>', page, re.DOTALL)
    assert line
    text = re.sub(r"<[^>]+>", "", line.group())
    assert re.search(r"7 of 60 figures, best first · \d+ ms .*encoder tiny", text)


def test_an_uploaded_drawing_finds_its_figure_first(client: TestClient, wrench: str) -> None:
    data = client.get("/search.json", params={"img": wrench}).json()
    assert data["hits"][0]["figure"]["id"] == "USD900005S1/2/1"
    (picture,) = data["pictures"]
    assert (picture["sha256"], picture["width"], picture["height"]) == (wrench, 700, 560)
    assert (picture["box"], picture["turn"], picture["mirror"], picture["against"]) == ("", 0, False, False)
    assert client.get(picture["preview_url"]).headers["content-type"] == "image/png"


def test_a_box_is_cut_from_the_original_before_searching(client: TestClient) -> None:
    two = np.concatenate([draw(5, 1), draw(10, 0)], axis=1)
    sha = upload(client, encode_png(two))
    left = client.get("/search.json", params={"img": sha, "box": "0,0,700,560"}).json()
    right = client.get("/search.json", params={"img": sha, "box": "700,0,700,560"}).json()
    assert left["hits"][0]["figure"]["id"] == "USD900005S1/2/1"
    assert right["hits"][0]["figure"]["id"] == "USD900010S1/1/1"
    assert (
        'data-box="700,0,700,560"' in client.get("/search", params={"img": sha, "box": "700,0,700,560"}).text
    )


def test_more_like_this_finds_the_other_views(client: TestClient) -> None:
    data = client.get("/search.json", params={"like": "USD900008S1/3/1", "k": "5"}).json()
    assert data["pictures"][0]["figure"]["id"] == "USD900008S1/3/1"
    assert data["hits"][0]["figure"]["id"] == "USD900008S1/3/1"
    page = client.get("/search", params={"like": "USD900008S1/3/1"}).text
    assert "Remove the drawing" in page


def test_a_part_of_an_indexed_drawing_can_be_searched_with(client: TestClient, library: Library) -> None:
    figure = library.state.index.figure("USD900002S1/4/1")
    data = client.get(
        "/search.json", params={"img": figure.image, "box": f"3,3,{figure.width - 6},{figure.height - 6}"}
    ).json()
    assert data["hits"][0]["figure"]["id"] == "USD900002S1/4/1"


def test_the_weight_divides_the_say_between_words_and_picture(client: TestClient, wrench: str) -> None:
    def first(weight: str) -> str:
        asked = {"q": "table lamp", "img": wrench, "w": weight}
        return str(client.get("/search.json", params=asked).json()["hits"][0]["patent"]["title"])

    assert first("0") == "Adjustable wrench"
    assert first("1") == "Table lamp"
    slider = 'type="range" id="w" name="w"'
    assert slider in client.get("/search", params={"q": "lamp", "img": wrench}).text
    assert slider not in client.get("/search", params={"q": "lamp"}).text


def test_fields_left_empty_in_the_form_count_as_not_given(client: TestClient) -> None:
    plain = client.get("/search.json?q=hinge").json()
    form = client.get("/search.json?q=hinge&img=&box=&like=&w=&k=&file=").json()
    assert form["hits"] == plain["hits"]


def test_the_form_shows_again_what_was_asked(client: TestClient, wrench: str) -> None:
    asked = {"q": 'a "hinge" & more', "img": wrench, "box": "150,100,400,300", "k": "37", "w": "0.25"}
    page = client.get("/search", params=asked).text
    assert 'value="a &#34;hinge&#34; &amp; more"' in page
    assert f'name="img" value="{wrench}@150,100,400,300"' in page
    assert "<option selected>37</option>" in page
    assert 'value="0.25"' in page


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "AND OR NOT", '"', "a*b(c", "日本語", "x" * 2000, "\ud7ff\uffff"]
)
def test_any_text_is_answered_without_a_fault(client: TestClient, text: str) -> None:
    for page in ("/search", "/search.json"):
        assert client.get(page, params={"q": text}).status_code in (200, 400)


def test_words_that_occur_nowhere_still_answer_a_page(client: TestClient) -> None:
    assert client.get("/search?q=xyzzyqwertz").status_code == 200


NOWHERE = "0" * 64

BAD = {
    "q=lamp&k=0": (400, "k is 0", "max_k"),
    "q=lamp&k=1000000000": (400, "between 1 and 500", "max_k"),
    "q=lamp&k=abc": (400, "'abc' cannot be the number of results", "whole number"),
    "q=lamp&k=1.5": (400, "'1.5' cannot be the number of results", "whole number"),
    "q=lamp&k=" + "9" * 5000: (400, "cannot be the number of results", "whole number"),
    "q=lamp&w=2": (400, "w is 2", "0 counts the picture alone"),
    "q=lamp&w=nan": (400, "w is nan", "0 counts the picture alone"),
    "q=lamp&w=much": (400, "'much' cannot be the weight", "0 to 1"),
    "q=lamp&box=1,2,3": (400, "is not a box", "whole picture"),
    "q=lamp&box=1,2,0,4": (400, "is not a box", "whole picture"),
    "q=lamp&box=-1,2,3,4": (400, "is not a box", "whole picture"),
    "q=lamp&box=1,2,3,4": (400, "no picture to cut it from", "Add a picture"),
    "img=zzz": (400, "name in this address is not valid", "Upload the picture again"),
    "img=../../etc/passwd": (400, "name in this address is not valid", "Upload the picture again"),
    f"img={NOWHERE}": (404, "not on this server", "Upload the picture again"),
    "like=USD1/1/1": (404, "no figure USD1/1/1", "deleted"),
    "q=": (400, "nothing to search for", "example"),
    "": (400, "nothing to search for", "example"),
    "k=5&w=0.5": (400, "nothing to search for", "example"),
    "q=" + "long+" * 1000: (400, "characters; the limit is 2,000", "max_query_chars"),
}


@pytest.mark.parametrize("asked", BAD, ids=[key[:40] for key in BAD])
def test_what_cannot_be_answered_is_explained_in_both_forms(client: TestClient, asked: str) -> None:
    status, error, advice = BAD[asked]
    data = client.get(f"/search.json?{asked}")
    assert data.status_code == status
    assert error in data.json()["error"]
    assert advice in data.json()["advice"]
    page = client.get(f"/search?{asked}")
    assert page.status_code == status
    text = page.text.replace("&#39;", "'")
    assert error in text
    assert advice in text
    assert 'id="search-form"' in text


def test_a_box_outside_the_picture_names_both(client: TestClient, wrench: str) -> None:
    response = client.get("/search.json", params={"img": wrench, "box": "600,500,200,200"})
    assert response.status_code == 400
    assert response.json()["error"] == (
        "The box 600,500,200,200 reaches outside the picture, which is 700 × 560 pixels."
    )


def test_the_picture_stays_in_the_form_when_only_the_box_was_wrong(client: TestClient, wrench: str) -> None:
    page = client.get("/search", params={"q": "lamp", "img": wrench, "box": "no"}).text
    assert f'name="img" value="{wrench}"' in page


def test_an_empty_query_leads_to_the_page_that_teaches(client: TestClient) -> None:
    page = client.get("/search?q=").text
    assert "There is nothing to search for yet" in page
    assert "Try one of these" in page


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/figures/USD1/1/1", "no figure USD1/1/1"),
        ("/figures/%00", "no figure"),
        ("/figures/..%2f..%2fetc%2fpasswd", "no figure"),
        ("/figures/" + "x" * 5000, "no figure"),
        ("/patents/USD1", "no patent USD1"),
        ("/nowhere", "no such page"),
    ],
)
def test_unknown_addresses_say_what_is_unknown(client: TestClient, path: str, said: str) -> None:
    page, data = client.get(path), client.get(path + ".json")
    assert page.status_code == data.status_code == 404
    assert said in page.text
    assert said in data.json()["error"]
    assert data.json()["advice"]


def test_a_wrong_method_is_refused_politely(client: TestClient) -> None:
    assert client.post("/search").status_code == 405
    assert "GET" in client.delete("/search.json").json()["advice"]


def test_a_stored_picture_of_any_format_is_shown_as_png(client: TestClient) -> None:
    stream = io.BytesIO()
    Image.fromarray(draw(1, 1)).convert("1").save(stream, "TIFF", compression="group4")
    sha = upload(client, stream.getvalue())
    shown = client.get(f"/pictures/{sha}")
    assert shown.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(shown.content)).size == (700, 560)


def test_words_that_no_figure_holds_are_named_above_the_grid(client: TestClient) -> None:
    data = client.get("/search.json", params={"q": "xyzzy umbrella"}).json()
    assert data["matched_words"] is False
    assert data["unknown_number"] == ""
    assert data["hits"]
    page = client.get("/search", params={"q": "xyzzy umbrella"}).text
    assert "No figure holds the words “xyzzy umbrella”" in page
    assert "nearest in meaning" in page
    assert client.get("/search.json", params={"q": "hinge"}).json()["matched_words"] is True
    assert "No figure holds" not in client.get("/search", params={"q": "hinge"}).text


def test_a_publication_number_that_is_not_indexed_is_said_to_be_missing(client: TestClient) -> None:
    said = "The index does not hold US D123,456 S1."
    assert said in client.get("/search", params={"q": "USD123456S"}).text
    assert client.get("/search.json", params={"q": "USD123456S"}).json()["unknown_number"] == "US D123,456 S1"
    held = client.get("/search.json", params={"q": "US D900,003 S1"}).json()
    assert held["unknown_number"] == ""
    assert "does not hold" not in client.get("/search", params={"q": "US D900,003 S1"}).text


def test_a_blank_picture_or_part_is_refused(client: TestClient, wrench: str) -> None:
    blank = upload(client, encode_png(np.full((200, 300), 255, np.uint8)))
    refused = client.get("/search.json", params={"img": blank})
    assert refused.status_code == 400
    assert refused.json()["error"].startswith("The picture is blank")
    corner = client.get("/search", params={"img": wrench, "box": "0,0,20,20"})
    assert corner.status_code == 400
    assert "inside the box is blank" in corner.text


def test_more_like_this_keeps_the_number_of_results_and_the_weight(client: TestClient) -> None:
    page = client.get("/search", params={"q": "hinge", "k": "20", "w": "0.3"}).text
    links = re.findall(r'<a href="(/explain\?[^"]+#actions)"', page)
    assert len(links) == 20, "every hit leads to its actions"
    actions = client.get(html.unescape(links[3])).text
    more = re.search(r'<a class="button more" href="([^"]+)"', actions)
    assert more
    assert re.fullmatch(r"/search\?like=USD\d+S1/\d/1&amp;w=0\.3&amp;k=20", more[1])


def test_a_card_has_few_tab_stops(client: TestClient) -> None:
    page = client.get("/search", params={"q": "hinge", "k": "1"}).text
    card = page[page.index('<li class="card hit"') : page.index("</ol>", page.index('<li class="card hit"'))]
    stops = [tag for tag in re.findall(r"<(?:a|summary)\b[^>]*>", card) if 'tabindex="-1"' not in tag]
    assert len(stops) == 3, "the figure, its actions, and why it was found"
