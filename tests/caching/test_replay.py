from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import orjson
import pytest

from gateway.caching.answer import CachedAnswer
from gateway.caching.replay import Renewal, recorded, renewed
from gateway.protocol.wire import JsonObject

CHUNK = {"id": "chatcmpl-abc", "created": 100, "model": "m", "choices": [{"index": 0, "delta": {"content": "hi"}}]}


async def body(*events: JsonObject) -> AsyncGenerator[JsonObject, None]:
    for event in events:
        yield event


async def given_anew(*events: JsonObject, now: float = 500.9) -> list[JsonObject]:
    return [event async for event in renewed(body(*events), now)]


async def test_a_stream_gets_one_new_id_and_keeps_its_words() -> None:
    usage = {"id": "chatcmpl-abc", "created": 100, "choices": [], "usage": {"prompt_tokens": 3}}
    first, last = await given_anew(CHUNK, usage)
    assert first["id"] == last["id"]
    assert first["id"].startswith("chatcmpl-")
    assert len(first["id"]) > 30
    assert first["id"] != CHUNK["id"]
    assert {**first, "id": "chatcmpl-abc", "created": 100} == CHUNK
    assert (first["created"], last["created"], last["usage"]) == (500, 500, {"prompt_tokens": 3})
    assert CHUNK["id"] == "chatcmpl-abc"


async def test_two_replies_are_never_the_same() -> None:
    (one,), (other,) = await given_anew(CHUNK), await given_anew(CHUNK)
    assert one["id"] != other["id"]


async def test_a_response_is_renewed_wherever_it_is_named() -> None:
    events = await given_anew(
        {"type": "response.created", "response": {"id": "resp_1", "created_at": 100.0, "completed_at": None}},
        {"type": "response.output_text.delta", "item_id": "msg_1", "delta": "hi", "response_id": "resp_1"},
        {"type": "response.completed", "response": {"id": "resp_1", "created_at": 100, "completed_at": 104}},
    )
    first, said, last = events
    new = first["response"]["id"]
    assert new.startswith("resp_")
    assert new != "resp_1"
    assert (said["response_id"], said["item_id"], last["response"]["id"]) == (new, "msg_1", new)
    assert first["response"] == {"id": new, "created_at": 500, "completed_at": None}
    assert (last["response"]["created_at"], last["response"]["completed_at"]) == (500, 504)


@pytest.mark.parametrize(
    ("old", "kind"), [("cmpl-1", "cmpl-"), ("resp_68-a", "resp_"), ("3f2a-77", ""), ("", ""), ("x" * 40 + "-1", "")]
)
def test_what_stays_of_an_id(old: str, kind: str) -> None:
    new = Renewal(0).renewed({"id": old})["id"]
    assert new.startswith(kind)
    assert len(new) == len(kind) + 32


def test_what_has_no_identity_stays_as_it_is() -> None:
    event = {"object": "list", "data": [{"id": "x"}], "created": None}
    assert Renewal(0).renewed(event) == event


def kept(gaps_ms: list[int], *, streaming: bool = True) -> CachedAnswer:
    events = [orjson.dumps({"at": at}) for at in range(len(gaps_ms))]
    return CachedAnswer(made_by="c", made_at=0, streaming=streaming, events=events, gaps_ms=gaps_ms)


@pytest.mark.parametrize(("paced", "pauses"), [(False, []), (True, [0.03, 0.05])])
async def test_pauses_are_those_of_the_record_and_bounded(
    monkeypatch: pytest.MonkeyPatch, paced: bool, pauses: list[float]
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    assert [event async for event in recorded(kept([900, 30, 0, 4_000]), paced=paced)] == [{"at": at} for at in range(4)]
    assert slept == pauses
