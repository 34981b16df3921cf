"""Titles from a real llama.cpp server with a real model, which sees noise: what is tested is the way."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from ipatent.describe.answers import WrongAnswer, read_answer, read_object
from ipatent.describe.cache import Cache
from ipatent.describe.endpoint import RUNGS, Endpoint, EndpointFailed, Form, Refused
from ipatent.describe.prompt import drawing, messages
from ipatent.describe.ranking import Step, re_ranked
from ipatent.describe.ranking_prompt import Sought
from ipatent.describe.titling import Limits, all_titles
from llama_server import Llama, llama
from test_describe import finished, group, png
from test_ranking import hits

PATIENT = Limits(seconds=240, page_seconds=480, at_once=1, pixels=128)
SHORT = Form(
    "short",
    {
        "type": "object",
        "properties": {"part": {"enum": ["hinge", "seat"]}},
        "required": ["part"],
        "additionalProperties": False,
    },
)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Llama]:
    with llama(tmp_path_factory.mktemp("llama")) as served:
        yield served


def chat(real: Llama, asked: list[dict[str, Any]], rung: int = 0, **more: Any) -> Any:
    async def ask() -> Any:
        endpoint = Endpoint(real.url, "smollm2", "", more.pop("tokens", 120))
        async with httpx2.AsyncClient(timeout=240) as client:
            return await endpoint.chat(client, asked, rung, 0.0, **more)

    return finished(ask())


def words(text: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text}]


def test_a_real_server_answers_in_the_schema(real: Llama) -> None:
    body = chat(real, words("Name one part of a chair as JSON."), form=SHORT)
    assert body["choices"][0]["finish_reason"] == "stop"
    assert read_object(body)["part"] in ("hinge", "seat")


def test_a_real_server_takes_every_way_of_asking_for_json(real: Llama) -> None:
    for rung in range(len(RUNGS)):
        body = chat(
            real, words('Answer with {"part": "seat"} and nothing else.'), rung, form=SHORT, tokens=40
        )
        assert body["choices"][0]["message"]["content"]


def test_a_real_server_streams(real: Llama) -> None:
    request = {"model": "m", "messages": words("Count to five."), "stream": True, "max_tokens": 16}
    with httpx2.stream("POST", f"{real.url}/chat/completions", json=request, timeout=120) as answer:
        lines = [line for line in answer.iter_lines() if line.startswith("data: ")]
    assert lines[-1] == "data: [DONE]"
    pieces = [json.loads(line[6:])["choices"] for line in lines[:-1]]
    assert sum(bool(one and one[0]["delta"].get("content")) for one in pieces) > 3


def test_five_pictures_and_the_schema_give_a_title_or_say_why_not(real: Llama, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "titles.sqlite")
    endpoint = Endpoint(real.url, "smollm2", "")

    def ask() -> Any:
        return finished(all_titles([group()], endpoint, cache, lambda name: png(), limits=PATIENT))[0]

    found = ask()
    if found.source == "extractive":
        # A model of this size may run into its limit; that must be told, and be all that can be wrong.
        assert "model" in found.reason
    else:
        assert found.model == "smollm2"
        assert 3 <= len(found.text) <= 80
        assert 0 <= found.support <= 1
        started = time.monotonic()
        assert ask() == found
        assert time.monotonic() - started < 1


def test_a_real_model_ranks_drawings_or_leaves_their_order(real: Llama, tmp_path: Path) -> None:
    async def ask() -> list[Step]:
        endpoint, cache = Endpoint(real.url, "smollm2", ""), Cache(tmp_path / "titles.sqlite")
        sought = Sought("a lamp", (drawing(png(), 128),))
        steps = re_ranked(sought, hits(3), endpoint, cache, lambda name: png(), limits=PATIENT)
        return [step async for step in steps]

    (step,) = finished(ask())
    assert sorted(step.order) == [0, 1, 2]
    assert step.failed == ""
    if not step.unanswered:
        assert finished(ask()) == [step]


def test_pictures_are_part_of_a_real_prompt(real: Llama) -> None:
    few, many = (
        chat(real, messages(group(), [drawing(png(), 128)] * count, "en"), form=SHORT, tokens=20)["usage"][
            "prompt_tokens"
        ]
        for count in (1, 5)
    )
    assert many - few >= 4 * 16


def test_a_real_server_refuses_a_broken_picture(real: Llama) -> None:
    with pytest.raises(Refused, match="400") as refusal:
        chat(real, messages(group(), [b"\x89PNG no picture"], "en"))
    assert not refusal.value.too_long


def test_a_real_server_says_that_a_prompt_is_too_long(real: Llama) -> None:
    with pytest.raises(Refused, match="context") as refusal:
        chat(real, words("hinge " * 4000))
    assert refusal.value.too_long


def test_an_answer_that_a_real_model_does_not_finish_is_not_read(real: Llama) -> None:
    body = chat(real, messages(group(), [], "en"), tokens=8)
    assert body["choices"][0]["finish_reason"] == "length"
    with pytest.raises(WrongAnswer, match="cut off"):
        read_answer(body)


def test_a_server_that_dies_while_it_writes_leaves_a_title_and_a_reason(tmp_path: Path) -> None:
    with llama(tmp_path) as mortal:

        async def interrupted() -> Any:
            endpoint = Endpoint(mortal.url, "smollm2", "", 1000)
            asking = asyncio.create_task(
                all_titles([group(), group("pump")], endpoint, None, lambda name: png(), limits=PATIENT)
            )
            await asyncio.sleep(1.5)
            await asyncio.to_thread(mortal.kill)
            return await asking

        started = time.monotonic()
        found = finished(interrupted())
    assert time.monotonic() - started < 60
    assert [one.source for one in found] == ["extractive"] * 2
    assert all("cannot be reached" in one.reason or "connection broke" in one.reason for one in found)


def test_a_server_that_is_gone_is_a_passing_failure(tmp_path: Path) -> None:
    with llama(tmp_path) as mortal:
        mortal.kill()
        with pytest.raises(EndpointFailed, match="cannot be reached") as failure:
            chat(mortal, words("hello"))
    assert failure.value.passing
