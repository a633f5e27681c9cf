"""Two requests are one question only where a backend could not tell them apart."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.caching.question import question_of
from gateway.obligations import CacheMode
from gateway.protocol.wire import JsonObject, Surface
from tests.caching.conftest import ASKED, SECRET, exchange, question

LABELS = ["user", "safety_identifier", "metadata", "prompt_cache_key", "prompt_cache_retention"]


@pytest.mark.parametrize(
    "other",
    [
        {"tenant": "u"},
        {"principal": "p"},
        {"policy_version": "v2"},
        {"model": "n"},
        {"surface": Surface.COMPLETIONS},
        {"deployments": ["gpu", "cpu"]},
        {"deployments": []},
        {"streaming": True},
        {"body": {**ASKED, "seed": 1}},
        {"body": {**ASKED, "temperature": 1}},
        {"body": {**ASKED, "n": 1}},
        {"body": {**ASKED, "x-unknown": None}},
        {"body": {**ASKED, "messages": [{"role": "user", "content": "hello <PERSON_2>"}]}},
        {"body": {**ASKED, "messages": [{"role": "system", "content": "hello <PERSON_1>"}]}},
        {"body": {**ASKED, "tools": [{"function": {"name": "a", "description": "b"}}]}},
    ],
)
def test_what_makes_another_question(other: dict[str, Any]) -> None:
    assert question(**other).key(SECRET) != question().key(SECRET)


def test_another_secret_makes_another_key() -> None:
    assert question().key(SECRET) != question().key(b"t" * 32)


def test_the_order_of_fields_is_nothing_and_inside_a_field_it_is_something() -> None:
    assert question(dict(reversed(ASKED.items()))).key(SECRET) == question().key(SECRET)
    one, other = ({"tools": [{"function": order}]} for order in ({"a": 1, "b": 2}, {"b": 2, "a": 1}))
    assert question(one).key(SECRET) != question(other).key(SECRET)


@pytest.mark.parametrize("name", LABELS)
def test_labels_do_not_count_but_in_responses(name: str) -> None:
    labelled = {**ASKED, name: "abc"}
    assert question(labelled).key(SECRET) == question().key(SECRET)
    in_responses = [question(body, surface=Surface.RESPONSES).key(SECRET) for body in (labelled, ASKED)]
    assert len(set(in_responses)) == 2


def test_how_a_stream_is_sent_counts_for_streams() -> None:
    asked = {**ASKED, "stream": True, "stream_options": {"include_usage": True}}
    assert question(asked, streaming=True).key(SECRET) != question({**ASKED, "stream": True}, streaming=True).key(SECRET)
    assert question({**ASKED, "stream": False}).key(SECRET) == question({**ASKED, "stream_options": {}}).key(SECRET)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
BODIES = st.dictionaries(st.sampled_from(["messages", "seed", "user", "metadata", "stream", "odd"]), JSON)


def _counted(body: JsonObject) -> bytes:
    kept = {name: value for name, value in sorted(body.items()) if name not in {"stream", *LABELS}}
    return orjson.dumps(kept)


@given(BODIES, BODIES, st.text(max_size=3), st.text(max_size=3))
def test_keys_are_equal_for_equal_questions_only(one: JsonObject, other: JsonObject, who: str, whom: str) -> None:
    """Whatever stands where: no two fields can run into each other."""
    same = _counted(one) == _counted(other) and who == whom
    keys = [question(body or {"model": "m"}, principal=name).key(SECRET) for body, name in ((one, who), (other, whom))]
    if one and other:
        assert (keys[0] == keys[1]) is same


def test_labels_are_texts_that_nothing_else_holds() -> None:
    body = {**ASKED, "user": "u-17", "metadata": {"case": "hello", "list": ["x1", 42, None, True]}}
    assert question(body).labels == {"u-17", "case", "list", "x1", "42"}
    assert question(ASKED).labels == frozenset()
    assert question(body, surface=Surface.RESPONSES).labels == frozenset()


MANY = {"metadata": {"keys": [f"label {number}" for number in range(64)]}}


def test_more_labels_than_can_be_looked_for_count_as_well() -> None:
    """Each would be searched for in the whole prompt and in the whole answer."""
    few, other = {"metadata": {"keys": MANY["metadata"]["keys"][1:]}}, {"metadata": {**MANY["metadata"], "x": 1}}
    assert len(question({**ASKED, **few}).labels) == 64
    assert question({**ASKED, **few}).key(SECRET) == question().key(SECRET)
    assert question({**ASKED, **MANY}).labels == frozenset()
    assert len({question({**ASKED, **labels}).key(SECRET) for labels in ({}, MANY, other)}) == 3
    assert question({**ASKED, **MANY}).key(SECRET) == question({**ASKED, **MANY}).key(SECRET)


def test_all_labels_are_counted_together() -> None:
    body = {**ASKED, **MANY, "user": "u-1"}
    assert question(body).key(SECRET) != question({**body, "user": "u-2"}).key(SECRET)


def test_a_question_of_an_exchange_names_who_may_share_the_answer() -> None:
    assert question_of(exchange()).principal is None
    assert question_of(exchange(cache=CacheMode.PRINCIPAL)).principal == "p"
    asked = question_of(exchange(stream=True))
    assert (asked.tenant, asked.policy_version, asked.model, list(asked.deployments)) == ("t", "v1", "m", ["gpu"])
    assert asked.streaming
    with pytest.raises(LookupError):
        question_of(exchange().learn(redacted=None))


def test_no_text_is_shown() -> None:
    assert "PERSON_1" not in repr(question())
