"""The shape of feedback, and what is wrong with others."""

from __future__ import annotations

import pytest

from gateway.dp.feedback.given import Feedback, Thumb, read_feedback
from gateway.errors import InvalidRequest, MalformedBody


def test_what_is_well_formed_is_read() -> None:
    raw = b'{"call_id": "req_1", "thumb": "down", "correction": "It opens at nine."}'
    assert read_feedback(raw) == Feedback(thumb=Thumb.DOWN, call_id="req_1", correction="It opens at nine.")
    assert read_feedback(b'{"response_id": "chatcmpl-1", "thumb": "up"}').response_id == "chatcmpl-1"


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"{", MalformedBody),
        (b"[]", MalformedBody),
        (b'{"thumb": "up"}', InvalidRequest),
        (b'{"thumb": "up", "call_id": "a", "response_id": "b"}', InvalidRequest),
        (b'{"thumb": "sideways", "call_id": "a"}', InvalidRequest),
        (b'{"thumb": ["up"], "call_id": "a"}', InvalidRequest),
        (b'{"thumb": "up", "call_id": 7}', MalformedBody),
        (b'{"thumb": "up", "call_id": "a\\u0000"}', MalformedBody),
        (b'{"thumb": "up", "call_id": "a", "correction": " "}', MalformedBody),
        (b'{"thumb": "up", "call_id": "a", "note": "secret"}', InvalidRequest),
        (b'{"thumb": "up", "call_id": "a", "correction": "' + b"x" * 20_001 + b'"}', InvalidRequest),
    ],
)
def test_all_else_is_refused_without_a_quote(raw: bytes, error: type[InvalidRequest]) -> None:
    with pytest.raises(error) as caught:
        read_feedback(raw)
    assert "secret" not in caught.value.message
