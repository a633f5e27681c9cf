from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.protocol.facts import SPOKEN_IN, Stated, facts_of
from gateway.protocol.wire import Surface

USER = {"role": "user", "content": "hi"}
CHAT = {"model": "m", "messages": [USER]}


def test_a_bare_chat() -> None:
    facts = facts_of(CHAT, Surface.CHAT, size=40)
    assert (facts.model, facts.surface, facts.stream, facts.bytes) == ("m", Surface.CHAT, False, 40)
    assert (facts.purpose, facts.consent) == (None, None)
    assert (facts.messages, facts.tools, facts.max_tokens) == (1, 0, 0)


def test_every_surface_has_a_field_in_which_its_caller_speaks() -> None:
    assert set(SPOKEN_IN) == set(Surface)


@pytest.mark.parametrize(("stream", "streams"), [(True, True), (False, False), (None, False)])
def test_stream(stream: bool | None, streams: bool) -> None:
    assert facts_of({**CHAT, "stream": stream}, Surface.CHAT).stream is streams


@pytest.mark.parametrize(
    ("stated", "metadata", "purpose", "consent"),
    [
        (Stated(), {"purpose": "support", "consent": "c-1"}, "support", "c-1"),
        (Stated(purpose="billing"), {"purpose": "support", "consent": "c-1"}, "billing", "c-1"),
        (Stated(purpose=" billing ", consent="c-2"), None, "billing", "c-2"),
        (Stated(purpose="  "), {"purpose": "support"}, "support", None),
        (Stated(), {"purpose": "", "consent": " "}, None, None),
        (Stated(), {"purpose": ["support"], "consent": 7}, None, None),
        (Stated(), "purpose", None, None),
        (Stated(), ["purpose"], None, None),
    ],
)
def test_headers_go_before_metadata(stated: Stated, metadata: Any, purpose: str | None, consent: str | None) -> None:
    facts = facts_of({**CHAT, "metadata": metadata}, Surface.CHAT, stated)
    assert (facts.purpose, facts.consent) == (purpose, consent)


@pytest.mark.parametrize(
    ("surface", "fields", "messages"),
    [
        (Surface.CHAT, {"messages": [USER, USER, USER]}, 3),
        (Surface.CHAT, {"messages": [USER], "input": [USER, USER]}, 1),
        (Surface.RESPONSES, {"input": "hi"}, 1),
        (Surface.RESPONSES, {"input": [USER, USER]}, 2),
        (Surface.RESPONSES, {"input": []}, 0),
        (Surface.RESPONSES, {"input": [USER, USER], "messages": []}, 2),
        (Surface.COMPLETIONS, {"prompt": "hi"}, 1),
        (Surface.COMPLETIONS, {"prompt": ["a", "b"]}, 2),
        (Surface.COMPLETIONS, {"prompt": [1, 2, 3]}, 1),
        (Surface.COMPLETIONS, {"prompt": [[1, 2, 3], [4]]}, 2),
        (Surface.EMBEDDINGS, {"input": ["a", "b", "c"]}, 3),
        (Surface.EMBEDDINGS, {"input": [1, 2, 3]}, 1),
    ],
)
def test_only_the_surface_s_own_field_is_counted(surface: Surface, fields: dict[str, Any], messages: int) -> None:
    assert facts_of({"model": "m", **fields}, surface).messages == messages


@pytest.mark.parametrize(
    ("fields", "tools"),
    [
        ({"tools": [{}, {}]}, 2),
        ({"functions": [{}]}, 1),
        ({"tools": [{}], "functions": [{}]}, 2),
        ({"tools": "many", "functions": None}, 0),
        ({"input": [{"type": "additional_tools", "tools": [{}, {}]}], "tools": [{}]}, 3),
        ({"web_search_options": {}}, 1),
    ],
)
def test_functions_are_tools(fields: dict[str, Any], tools: int) -> None:
    assert facts_of({**CHAT, **fields}, Surface.CHAT).tools == tools


@pytest.mark.parametrize(
    ("fields", "most"),
    [
        ({"max_tokens": 100}, 100),
        ({"max_completion_tokens": 100, "max_tokens": 7}, 100),
        ({"max_output_tokens": 100}, 100),
        ({"max_tokens": 7, "n_predict": 100}, 100),
        ({"max_tokens": 7, "n_predict": -1}, 2**53 - 1),
        ({"max_tokens": "-1", "max_completion_tokens": 7}, 2**53 - 1),
        ({"max_tokens": 0, "n_predict": -1}, 0),
        ({"max_tokens": None}, 0),
        ({"max_tokens": True}, 0),
        ({"max_tokens": -1}, 0),
        ({"max_tokens": [100]}, 0),
        ({"max_tokens": "lots"}, 0),
        ({"max_tokens": "nan"}, 0),
    ],
)
def test_the_largest_limit_on_tokens_counts(fields: dict[str, Any], most: int) -> None:
    assert facts_of({**CHAT, **fields}, Surface.CHAT).max_tokens == most


@pytest.mark.parametrize("written", [1_000_000, 1e6, "1000000", " 1_000_000 ", "+1000000.0", 999_999.5])
def test_a_number_that_a_lenient_backend_would_read_is_no_way_around_a_rule(written: Any) -> None:
    assert facts_of({**CHAT, "max_tokens": written}, Surface.CHAT).max_tokens == 1_000_000


@pytest.mark.parametrize("written", [10**7, 13812345678, "13812345678", 2**53, 2**64, 1e300, "9" * 400])
def test_a_number_beyond_all_limits_is_the_largest(written: Any) -> None:
    assert facts_of({**CHAT, "max_tokens": written}, Surface.CHAT).max_tokens == 2**53 - 1


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("messages", "input", "prompt", "tools", "functions", "metadata", "max_tokens", "max_output_tokens", "stream")


@given(st.sampled_from(Surface), st.dictionaries(st.sampled_from(FIELDS), anything))
def test_odd_shapes_make_facts_within_their_ranges(surface: Surface, fields: dict[str, Any]) -> None:
    facts = facts_of({**fields, "model": "m"}, surface)
    assert facts.messages >= 0
    assert facts.tools >= 0
    assert 0 <= facts.max_tokens < 2**53
