from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import UpstreamError, UpstreamProtocolError, UpstreamTruncated
from gateway.protocol.wire import JsonObject, Surface
from gateway.upstream.answer import DeltaReader, check_kind, check_status, read_answer, retry_seconds
from tests.support.response_shapes import response, response_deltas
from tests.support.script import deltas
from tests.support.shapes import chat_deltas

LIMIT = 10_000


def nested(levels: int, bracket: bytes) -> bytes:
    """An object with this many containers in each other."""
    opening, closing = (b'{"a":', b"}") if bracket == b"{" else (b"[", b"]")
    return b'{"a":' + opening * (levels - 1) + b"1" + closing * (levels - 1) + b"}"


CHAT = chat_deltas({"model": "m", "stream_options": {"include_usage": True}}, ["hello", "world"])
EVENTS = response_deltas({"model": "m"}, "hello")


@pytest.mark.parametrize("status", [200, 400, 404, 409, 413, 422, 429])
def test_success_and_what_the_client_can_act_on_pass(status: int) -> None:
    check_status(status, None)


@pytest.mark.parametrize("status", [401, 402, 403, 405, 408, 415, 500, 502, 503, 504, 599])
def test_other_failures_are_the_backends(status: int) -> None:
    with pytest.raises(UpstreamError) as failure:
        check_status(status, "7")
    assert failure.value.status == 502
    assert failure.value.retry_after == (None if status in (401, 403) else 7)


@pytest.mark.parametrize("status", [201, 204, 206, 301, 302, 307, 308])
def test_redirects_and_odd_successes_are_not_followed(status: int) -> None:
    with pytest.raises(UpstreamProtocolError):
        check_status(status, None)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0", 0), ("7", 7), ("999999", 86_400), (None, None), ("", None), ("-1", None), ("1.5", None), ("٣", None)],
)
def test_retry_after(value: str | None, seconds: int | None) -> None:
    assert retry_seconds(value) == seconds


@pytest.mark.parametrize("value", ["9" * 5000, "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_retry_after_in_another_form_is_ignored(value: str) -> None:
    assert retry_seconds(value) is None


def test_a_stream_comes_as_events_and_nothing_else_does() -> None:
    check_kind(200, "text/event-stream", stream=True)
    check_kind(200, "application/json", stream=False)
    check_kind(429, "application/json", stream=True)
    check_kind(429, "text/event-stream", stream=True)  # a refusal may come as anything
    for status, kind, stream in [(200, "application/json", True), (200, "text/event-stream", False)]:
        with pytest.raises(UpstreamProtocolError):
            check_kind(status, kind, stream=stream)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[1]", b'"Alice"', b"null", b'{"a":"\xff"}', b"<html>", b"[" * 5000, b'{"a":NaN}']
)
def test_an_answer_that_is_no_json_object_is_refused(data: bytes) -> None:
    with pytest.raises(UpstreamProtocolError) as failure:
        read_answer(200, data)
    assert failure.value.__suppress_context__ or failure.value.__context__ is None


@pytest.mark.parametrize("data", [nested(101, b"{"), nested(101, b"["), nested(300, b"["), nested(900, b"{")])
def test_an_answer_that_is_nested_too_deep_is_refused(data: bytes) -> None:
    with pytest.raises(UpstreamProtocolError):
        read_answer(200, data)
    with pytest.raises(UpstreamProtocolError):
        DeltaReader(Surface.CHAT, LIMIT).feed(b"data: " + data + b"\n\n")


@pytest.mark.parametrize(
    "data", [nested(100, b"{"), nested(100, b"["), orjson.dumps({"a": "[{" * 900}), orjson.dumps({"a": [[]] * 900})]
)
def test_an_answer_with_many_brackets_need_not_be_deep(data: bytes) -> None:
    assert read_answer(200, data) == orjson.loads(data)


REASONS = [
    (b'{"object":"error","message":"too long","type":"BadRequestError","code":400}', "too long"),  # older vLLM
    (b'{"error":"too long","error_type":"validation"}', "too long"),  # TGI
    (b'{"detail":"too long"}', "too long"),  # FastAPI
    (b'{"detail":[{"loc":["body"],"msg":"too long"}]}', None),
    (b'{"error":null,"message":7}', None),
    (b"<html>too long</html>", None),
    (b"[]", None),
    (b"", None),
    (nested(300, b"{"), None),
]


@pytest.mark.parametrize(("data", "reason"), REASONS)
def test_a_refusal_in_another_shape_is_put_into_openais(data: bytes, reason: str | None) -> None:
    expected = reason or "The backend refused the request without a reason."
    error = {"message": expected, "type": "invalid_request_error", "param": None, "code": None}
    assert read_answer(400, data) == {"error": error}


def test_a_refusal_in_openais_shape_is_an_answer() -> None:
    body = {"error": {"message": "too long", "type": "invalid_request_error", "param": "messages", "code": None}}
    assert read_answer(400, orjson.dumps(body)) == body


@pytest.mark.parametrize(
    "body", [{"error": {"message": "Alice"}}, {"error": "Alice"}, {"type": "error", "code": "x"}, {"object": "error"}]
)
def test_an_error_that_calls_itself_a_success_is_a_failure(body: JsonObject) -> None:
    with pytest.raises(UpstreamError) as failure:
        read_answer(200, orjson.dumps(body))
    assert "Alice" not in str(failure.value)
    with pytest.raises(UpstreamError):
        DeltaReader(Surface.CHAT, LIMIT).feed(b"data: " + orjson.dumps(body) + b"\n\n")


def test_a_failed_response_is_an_answer_with_its_error() -> None:
    failed = {**response({"model": "m"}, ""), "status": "failed", "error": {"code": "server_error", "message": "no"}}
    assert read_answer(200, orjson.dumps(failed)) == failed
    event = {"type": "response.failed", "response": failed, "error": None}
    reader = DeltaReader(Surface.RESPONSES, LIMIT)
    assert reader.feed(deltas([event], surface="responses").body) == [event]
    assert reader.ended


@given(st.sampled_from([(Surface.CHAT, CHAT), (Surface.RESPONSES, EVENTS)]), st.integers(1, 50))
def test_the_deltas_are_what_was_sent_however_it_is_cut(sent: tuple[Surface, list[JsonObject]], size: int) -> None:
    surface, objects = sent
    stream, reader = deltas(objects, surface=surface).body, DeltaReader(surface, LIMIT)
    read = [delta for start in range(0, len(stream), size) for delta in reader.feed(stream[start : start + size])]
    assert read == objects
    assert reader.ended


def test_what_follows_the_end_is_ignored() -> None:
    reader = DeltaReader(Surface.CHAT, LIMIT)
    assert reader.feed(deltas(CHAT).body + b"data: junk\n\n") == CHAT
    assert reader.feed(b"data: more junk\n\n") == []


def test_done_alone_is_an_end() -> None:
    reader = DeltaReader(Surface.COMPLETIONS, LIMIT)
    assert reader.feed(b": hello\n\ndata: [DONE]\n\n") == []
    assert reader.ended


def finishes(surface: Surface, stream: bytes) -> bool:
    reader = DeltaReader(surface, LIMIT)
    reader.feed(stream)
    try:
        reader.finish()
    except UpstreamTruncated:
        return False
    return reader.ended


def test_a_stream_without_done_is_whole_if_every_choice_ended() -> None:
    stream = deltas(CHAT, done=False).body
    assert finishes(Surface.CHAT, stream)
    assert finishes(Surface.CHAT, stream + b"data: [DONE]")
    assert finishes(Surface.CHAT, stream + b"data: [DONE]\n")
    assert finishes(Surface.CHAT, deltas(CHAT[:-1], done=False).body)  # the usage is a bonus
    assert not finishes(Surface.CHAT, stream + b'data: {"id"')
    for size in range(len(CHAT) - 1):
        assert not finishes(Surface.CHAT, deltas(CHAT[:size], done=False).body)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_the_last_event_may_spare_its_blank_line(end: bytes) -> None:
    for objects in (CHAT, CHAT[:-1]):  # with the usage, and without
        reader, stream = DeltaReader(Surface.CHAT, LIMIT), deltas(objects, done=False).body.removesuffix(b"\n\n") + end
        assert reader.feed(stream) + reader.finish() == objects
        assert reader.ended
    reader = DeltaReader(Surface.RESPONSES, LIMIT)
    stream = deltas(EVENTS, surface="responses").body.removesuffix(b"\n\n") + end
    assert reader.feed(stream) + reader.finish() == EVENTS


def test_an_error_that_spares_it_is_one() -> None:
    reader = DeltaReader(Surface.CHAT, LIMIT)
    reader.feed(deltas(CHAT, done=False).body + b'data: {"error": {"message": "Alice"}}')
    with pytest.raises(UpstreamError, match="failed while it answered"):
        reader.finish()


def test_a_response_stream_without_its_last_event_is_cut_off() -> None:
    for size in range(len(EVENTS)):
        assert not finishes(Surface.RESPONSES, deltas(EVENTS[:size], surface="responses").body)
