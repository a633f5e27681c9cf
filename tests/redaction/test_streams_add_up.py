"""However an answer is streamed, what the official client makes of the stream is what it reads in the whole answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import aclosing
from random import Random
from typing import Any

import httpx2
import openai
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.exchange import Body
from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.protocol.sse import DONE_EVENT, encode_event
from gateway.protocol.wire import JsonObject, Surface
from gateway.redaction.operators import Pseudonyms
from gateway.redaction.placeholders import PlaceholderMint
from gateway.redaction.redactor import Redactor
from gateway.redaction.reply import ReplyRewriter
from gateway.redaction.reply_rules import ReplyRules
from gateway.upstream.answer import DeltaReader
from gateway.upstream.mending import mend_of
from gateway.upstream.servers import SERVERS
from tests.redaction.conftest import KnownValues
from tests.support import spoken

seeds = st.integers(0, 2**32)
reply_rules = pytest.mark.parametrize("reply", ["keep", "mask"])


def rules(surface: Surface, reply: str, *, json_content: bool) -> ReplyRules:
    mint = PlaceholderMint(frozenset())
    for person in spoken.PEOPLE:
        mint.mint("PERSON", person)
    mint.mint("EMAIL_ADDRESS", "a+b@x.org")
    kept = EntityRules(OperatorKind.PLACEHOLDER)
    return ReplyRules(
        surface=surface,
        tenant="t",
        obligations=Obligations(request=kept, reply=EntityRules(OperatorKind(reply)), restore=True),
        pseudonyms=Pseudonyms(mint),
        json_content=json_content,
    )


async def rewritten(body: Body, how: ReplyRules, *, streaming: bool) -> list[JsonObject]:
    rewriter = ReplyRewriter(Redactor(KnownValues({"Bob": "PERSON"}), b"k" * 32), how)
    async with aclosing(rewriter.rewritten(body, streaming=streaming)) as out:
        return [delta async for delta in out]


async def upstream(random: Random, surface: Surface, events: list[JsonObject]) -> Body:
    """The events as an adapter reads them off the wire of some server."""
    server = SERVERS[random.choice(list(SERVERS))]
    reader = DeltaReader(surface, 2**20, mend=mend_of(server, surface, stream=True))
    for chunk in spoken.reads(random, events, done=surface is Surface.CHAT):
        for delta in reader.feed(chunk):
            yield delta
    if not reader.ended:
        for delta in reader.finish():
            yield delta


async def both(random: Random, surface: Surface, told: spoken.Told, reply: str) -> tuple[JsonObject, list[JsonObject]]:
    """The answer as its client sees it, whole and streamed."""
    json_content = random.random() < 0.2

    async def whole() -> Body:
        yield told.whole

    (plain,) = await rewritten(whole(), rules(surface, reply, json_content=json_content), streaming=False)
    events = upstream(random, surface, told.events)
    return plain, await rewritten(events, rules(surface, reply, json_content=json_content), streaming=True)


class Line:
    """A client, and what it will read next."""

    def __init__(self) -> None:
        self._wire = b""
        self.client = openai.OpenAI(
            api_key="k", base_url="http://test", http_client=httpx2.Client(transport=httpx2.MockTransport(self._answer))
        )

    def tell(self, events: list[JsonObject], *, end: bytes = b"") -> None:
        self._wire = b"".join(encode_event(orjson.dumps(event)) for event in events) + end

    def _answer(self, _: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, content=self._wire, headers={"content-type": "text/event-stream"})


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    line = Line()
    with line.client:
        yield line


def said(message: JsonObject) -> JsonObject:
    """What a message says, however empty fields are written."""
    told = {key: value for key, value in message.items() if value not in (None, "", []) and key not in ("role", "parsed")}
    if "audio" in told:
        told["audio"] = {"transcript": "", **{key: value for key, value in told["audio"].items() if value is not None}}
    if "tool_calls" in told:
        told["tool_calls"] = [
            (call["id"], call["function"]["name"], call["function"]["arguments"]) for call in told["tool_calls"]
        ]
    return told


@reply_rules
@settings(max_examples=50, deadline=None)
@given(seed=seeds)
async def test_a_chat(seed: int, reply: str, line: Line) -> None:
    random = Random(seed)
    told = spoken.chat(random)
    plain, streamed = await both(random, Surface.CHAT, told, reply)
    line.tell(streamed, end=DONE_EVENT)
    with line.client.chat.completions.stream(model="m", messages=[]) as stream:
        events = list(stream)
        final: Any = stream.current_completion_snapshot.model_dump()
    messages = [choice["message"] for choice in plain["choices"]]
    assert [said(choice["message"]) for choice in final["choices"]] == [said(message) for message in messages]
    assert [choice["finish_reason"] for choice in final["choices"]] == [one["finish_reason"] for one in plain["choices"]]
    assert final["usage"]["total_tokens"] == 4
    if told.in_turn:  # else the client takes a text for complete before the model does
        texts = {message.get("content") for message in messages}
        arguments = {call["function"]["arguments"] for message in messages for call in message.get("tool_calls", ())}
        assert {event.content for event in events if event.type == "content.done"} <= texts
        assert {one.arguments for one in events if one.type == "tool_calls.function.arguments.done"} <= arguments


PLACES = ("item_id", "output_index", "content_index", "summary_index")


@reply_rules
@settings(max_examples=50, deadline=None)
@given(seed=seeds)
async def test_a_response(seed: int, reply: str, line: Line) -> None:
    random = Random(seed)
    told = spoken.response(random)
    plain, streamed = await both(random, Surface.RESPONSES, told, reply)
    line.tell(streamed)
    with line.client.responses.stream(model="m", input="hi") as stream:
        assert [event.sequence_number for event in stream] == list(range(len(streamed)))
        assert stream.get_final_response().output_text == openai.types.responses.Response.construct(**plain).output_text
    assert streamed[-1]["response"] == plain
    adding_up: dict[tuple[Any, ...], str] = {}
    for event in streamed:
        name, _, step = event["type"].rpartition(".")
        text = (name, *(event.get(place) for place in PLACES))
        if step == "delta":
            adding_up[text] = adding_up.get(text, "") + event["delta"]
        elif step == "done" and text in adding_up:  # nothing comes after it
            (whole,) = (event[field] for field in ("text", "refusal", "arguments", "input", "code") if field in event)
            assert adding_up.pop(text) == whole
        elif event["type"] == "response.output_item.done":
            assert event["item"] == plain["output"][event["output_index"]]
    assert not adding_up
