from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.types import Message

from gateway.api.answers import Answer
from gateway.errors import DetectionUnavailable, GatewayError, InternalFault, UpstreamTruncated
from gateway.exchange import Body, Reply
from gateway.protocol.wire import Surface


class Wire:
    """What was sent."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def send(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def status(self) -> int:
        status: int = self.messages[0]["status"]
        return status

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.messages[0]["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self.messages[1:])


async def body(*objects: dict[str, Any], error: GatewayError | None = None) -> Body:
    for each in objects:
        yield each
    if error:
        raise error


async def answered(reply: Reply, surface: Surface = Surface.CHAT) -> Wire:
    wire = Wire()
    answer = Answer(wire.send, surface, "req_1")
    try:
        await answer.reply(reply)
    except GatewayError as error:
        await answer.error(error)
    return wire


async def test_a_document() -> None:
    wire = await answered(Reply(status=429, streaming=False, body=body({"a": "é"}), retry_after=7))
    assert (wire.status, json.loads(wire.body)) == (429, {"a": "é"})
    assert wire.headers["content-type"] == "application/json"
    assert wire.headers["x-request-id"] == "req_1"
    assert wire.headers["retry-after"] == "7"
    assert wire.headers["content-length"] == str(len(wire.body))


async def test_a_stream_ends_with_done() -> None:
    wire = await answered(Reply(status=200, streaming=True, body=body({"a": 1}, {"a": 2})))
    assert wire.body == b'data: {"a":1}\n\ndata: {"a":2}\n\ndata: [DONE]\n\n'
    assert wire.headers["content-type"].startswith("text/event-stream")
    assert [message["more_body"] for message in wire.messages[1:]] == [True, True, False]


async def test_events_of_responses_are_named_and_have_no_done() -> None:
    wire = await answered(Reply(status=200, streaming=True, body=body({"type": "response.created"})), Surface.RESPONSES)
    assert wire.body == b'event: response.created\ndata: {"type":"response.created"}\n\n'


async def test_a_failure_before_the_first_delta_keeps_its_status() -> None:
    wire = await answered(Reply(status=200, streaming=True, body=body(error=DetectionUnavailable("no", retry_after=3))))
    assert (wire.status, wire.headers["retry-after"]) == (503, "3")
    assert json.loads(wire.body)["error"]["code"] == "detection_unavailable"


@pytest.mark.parametrize(("surface", "named"), [(Surface.CHAT, False), (Surface.RESPONSES, True)])
async def test_a_failure_after_it_is_the_last_event(surface: Surface, named: bool) -> None:
    wire = await answered(Reply(status=200, streaming=True, body=body({"a": 1}, error=UpstreamTruncated("cut"))), surface)
    assert wire.status == 200
    last = wire.body.decode().strip().split("\n\n")[-1]
    assert ("event: error\n" in last) is named
    assert "upstream_truncated" in last
    assert b"[DONE]" not in wire.body
    assert wire.messages[-1]["more_body"] is False


async def test_a_stream_without_an_event_is_an_error() -> None:
    assert (await answered(Reply(status=200, streaming=True, body=body()))).status == 502


async def test_a_plain_answer_is_one_object() -> None:
    wire = Wire()
    with pytest.raises(InternalFault):
        await Answer(wire.send, Surface.CHAT, "r").reply(Reply(status=200, streaming=False, body=body({}, {})))
    assert wire.messages == []


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [([0, 1, 7], 8), ([None], 0), (["1", 4, -5, 2.5], 5), ([3, 2**64 - 1], 4), ([2**53 - 2], 2**53 - 1)],
)
async def test_an_error_event_of_responses_carries_the_next_number(numbers: list[Any], expected: int) -> None:
    events = [{"type": "response.output_text.delta", "sequence_number": number} for number in numbers]
    reply = Reply(status=200, streaming=True, body=body(*events, error=UpstreamTruncated("cut")))
    wire = await answered(reply, Surface.RESPONSES)
    last = json.loads(wire.body.decode().strip().split("\n\n")[-1].split("data: ")[1])
    assert last == {
        "type": "error",
        "code": "upstream_truncated",
        "message": "cut",
        "param": None,
        "sequence_number": expected,
    }
