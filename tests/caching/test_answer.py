from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.caching.answer import CachedAnswer, read_event

EVENTS = st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=20) | st.integers(0, 9)), max_size=5)


@given(EVENTS, st.booleans())
def test_what_is_packed_is_what_is_unpacked(events: list[dict[str, object]], streaming: bool) -> None:
    packed = [orjson.dumps(event) for event in events]
    answer = CachedAnswer(made_by="c", made_at=12.5, streaming=streaming, events=packed, gaps_ms=[1] * len(events))
    again = CachedAnswer.unpacked(answer.packed())
    assert (again.made_by, again.made_at, again.streaming, again.gaps_ms) == ("c", 12.5, streaming, [1] * len(events))
    assert [read_event(event) for event in again.events] == events


@pytest.mark.parametrize("odd", [b"", b"{}", b"[]", b"1\n{}", b"oops"])
def test_what_is_no_answer(odd: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        CachedAnswer.unpacked(odd)


def test_no_text_is_shown() -> None:
    assert "secret" not in repr(CachedAnswer(made_by="c", made_at=0, streaming=False, events=[b'"secret"'], gaps_ms=[0]))
