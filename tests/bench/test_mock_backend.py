"""The mock backend's answers are those of an OpenAI backend."""

from __future__ import annotations

import orjson

from bench import mock_backend


def test_a_streamed_answer_is_one_event_for_each_piece_and_the_end_mark() -> None:
    events = mock_backend.chunks(["Dear", " <", "PER"])
    assert len(events) == 3
    assert events[-1].endswith(b"\n\ndata: [DONE]\n\n")
    first, *_, last = [orjson.loads(event.split(b"\n\n")[0][6:])["choices"][0] for event in events]
    assert first == {"index": 0, "delta": {"role": "assistant", "content": "Dear"}, "finish_reason": None}
    assert last == {"index": 0, "delta": {"content": "PER"}, "finish_reason": "stop"}


def test_a_plain_answer_is_a_whole_response() -> None:
    head, _, body = mock_backend.plain(mock_backend.answer("Hello")).partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head
    assert orjson.loads(body)["choices"][0]["message"]["content"] == "Hello"
