"""Estimates are rough, but they are linear, cheap, and never less than what a script needs."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.limits.estimate import ASSUMED_OUTPUT, Estimate, estimate, rough_weight, settled
from gateway.obligations import Price
from gateway.protocol.facts import facts_of
from gateway.protocol.usage import Usage
from gateway.protocol.wire import Surface


def of(request: dict[str, Any], surface: Surface = Surface.CHAT, size: int = 0) -> Estimate:
    return estimate(request, facts_of({"model": "", **request}, surface, size=size))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("word" * 10, 10),
        ("张伟住在上海市浦东新区" * 4, 44),
        ("カタカナとひらがな", 9),
        ("한국어", 3),
        ("ab你好", 3),  # half a token, and two
        ("", 1),
    ],
)
def test_tokens_by_script(text: str, tokens: int) -> None:
    assert estimate({"": text}, facts_of({"model": ""}, Surface.CHAT)).input_tokens == tokens


def test_every_string_counts_wherever_it_stands() -> None:
    request = {"messages": [{"role": "user", "content": "a" * 400}], "tools": [{"x": {"description": "b" * 400}}]}
    assert 200 <= of(request).input_tokens <= 215


def test_token_ids_are_tokens() -> None:
    assert 20 <= of({"prompt": list(range(20))}, Surface.COMPLETIONS).input_tokens <= 23


@pytest.mark.parametrize(("asked", "counted"), [(0, 512), (100, 100), (2**53 - 1, 8_192)])
def test_who_allows_himself_no_end_does_not_make_a_deployment_look_full(asked: int, counted: int) -> None:
    facts = facts_of({"model": "m", "max_tokens": asked}, Surface.CHAT, size=4_000)
    assert rough_weight(facts) == 1_000 + counted


def test_an_image_is_no_text() -> None:
    uri = "data:image/png;base64," + "A" * 3_000_000
    assert of({"image": uri}).input_tokens < 1_100
    assert of({"text": "a word, " * 1_000}).input_tokens > 1_900


@pytest.mark.parametrize("beginning", ["\n" * 2_000, "a," * 1_000, "-" * 2_000])
def test_a_text_is_no_image_because_its_beginning_has_no_space(beginning: str) -> None:
    assert of({"text": beginning + "a word, " * 10_000}).input_tokens > 20_000


@pytest.mark.parametrize(
    ("request_", "surface", "output"),
    [
        ({}, Surface.CHAT, ASSUMED_OUTPUT),
        ({"max_tokens": 100}, Surface.CHAT, 100),
        ({"max_tokens": 100, "n": 3}, Surface.CHAT, 300),
        ({"max_tokens": 10, "n": "3"}, Surface.CHAT, 30),
        ({"max_tokens": 10, "n": 3.0, "n_cmpl": 4}, Surface.CHAT, 40),
        ({"max_tokens": 10, "n": 2, "best_of": 5, "prompt": ["a", "b"]}, Surface.COMPLETIONS, 100),
        ({"max_tokens": 10, "prompt": [1, 2, 3]}, Surface.COMPLETIONS, 10),
        ({"max_tokens": 10, "prompt": []}, Surface.COMPLETIONS, 10),
        ({"max_output_tokens": 7}, Surface.RESPONSES, 7),
        ({"max_tokens": 10, "n": "many", "best_of": -4}, Surface.CHAT, 10),
        ({"input": "text", "max_tokens": 9}, Surface.EMBEDDINGS, 0),
        ({"input": "text"}, Surface.MODERATIONS, 0),
    ],
)
def test_all_that_may_come_out(request_: dict[str, Any], surface: Surface, output: int) -> None:
    assert of(request_, surface).output_tokens == output


def test_a_body_of_very_many_parts_is_counted_by_its_bytes() -> None:
    """However many parts there are: the work is that of the first ones."""
    many, more = ({"input": [["a"] * 1_000] * times} for times in (1_000, 4_000))
    assert calls_for(more) <= calls_for(many) < 30_000
    assert of(many, size=4_000_000).input_tokens == 1_333_334


def test_work_grows_with_the_number_of_parts_and_not_with_their_length() -> None:
    short, long = ({"input": ["你好 a" * length] * 100} for length in (1, 100_000))
    assert calls_for(long) == calls_for(short)


def calls_for(request: dict[str, Any]) -> int:
    """Function calls, Python's and C's: a count of work that no other process disturbs."""
    calls = 0

    def count(frame: object, event: str, arg: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    facts = facts_of({"model": ""}, Surface.CHAT)
    sys.setprofile(count)
    try:
        estimate(request, facts)
    finally:
        sys.setprofile(None)
    return calls


@given(
    st.recursive(
        st.text() | st.integers() | st.floats() | st.booleans() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_has_an_estimate(value: Any) -> None:
    assert of({"input": value}).input_tokens >= 1


@given(st.text(max_size=200), st.text(max_size=200))
def test_more_text_is_never_less(one: str, other: str) -> None:
    def tokens(text: str) -> int:
        return of({"input": text}).input_tokens

    assert tokens(one + other) + 1 >= max(tokens(one), tokens(other))
    assert tokens(one + other) <= tokens(one) + tokens(other) + 2


def test_lone_surrogates_are_text_as_well() -> None:
    assert of({"input": "\ud800" * 8}).input_tokens >= 8


@pytest.mark.parametrize(
    ("price", "spend"),
    [
        (Price(), 0),
        (Price(input=1.0), 10),
        (Price(input=0.1), 1),  # not 2: the float is a little more than a tenth
        (Price(input=0.11), 2),
        (Price(input=0.15, output=0.6), 14),
        (Price(output=1e-07), 1),
    ],
)
def test_spend_is_exact_and_rounded_up(price: Price, spend: int) -> None:
    costs = Estimate(10, 20).costs(price)
    assert (costs.requests, costs.tokens, costs.spend) == (1, 30, spend)


@pytest.mark.parametrize(
    ("usage", "known"),
    [
        (Usage(), None),
        (Usage(input_tokens=3, output_tokens=4), Estimate(3, 4)),
        (Usage(input_tokens=3), Estimate(3, 20)),
        (Usage(output_tokens=0), Estimate(10, 0)),
        (Usage(input_tokens=3, output_tokens=2**63 - 1), None),
    ],
)
def test_what_the_backend_says_goes_before(usage: Usage, known: Estimate | None) -> None:
    assert settled(Estimate(10, 20), usage) == known
