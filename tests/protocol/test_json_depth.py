"""How many strings a place of a document stands in, told from what stands before it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.protocol.json_depth import JsonDepth

HERE = "HERE"


def depth(text: str) -> int:
    """At `HERE`."""
    followed = JsonDepth()
    followed.feed(text[: text.index(HERE)])
    return followed.depth


def wrapped(inner: Any, times: int) -> str:
    """JSON in a string of JSON in a string ..."""
    for _ in range(times):
        inner = {"note": json.dumps(inner)}
    return json.dumps(inner)


@pytest.mark.parametrize(
    "inner", [{"to": f"Dear {HERE}"}, [1, -2.5e3, True, None, {}, [], HERE], {HERE: 1}, {"a": {"b": [HERE]}}]
)
@pytest.mark.parametrize("times", [0, 1, 2, 3])
def test_once_for_each_string(inner: Any, times: int) -> None:
    assert depth(wrapped(inner, times)) == times + 1


def test_outside_of_strings_it_is_none() -> None:
    assert depth('{"a": HERE') == 0
    assert depth("HERE") == 0
    assert depth('{"a": "b"} HERE') == 0


@pytest.mark.parametrize(
    "said",
    [
        "see HERE",
        '"HERE',
        '[see] he said: "HERE',
        '{name} "HERE',
        '{"a": "b"} "HERE',
        '{"a": "b"}\n"HERE',
        '{"a": "b"} {"HERE',
        'see\n{"HERE',
        '[1,\n\ufeff"HERE',
        '{"a" "HERE',
        '[1 2, "HERE',
        '[tru, "HERE',
        '[-a, "HERE',
    ],
)
def test_a_string_that_holds_no_document_is_one_string(said: str) -> None:
    assert depth(json.dumps({"text": said})) == 1


@pytest.mark.parametrize(
    "text", ['{"a": nul, "HERE', '{"a": "\\x", "HERE', '{"a": "\\u12x4", "HERE', '{,"HERE', '{"a"}, "HERE', ']"HERE']
)
def test_what_is_no_json_has_no_depth(text: str) -> None:
    assert depth(text) == 0


def test_escapes_of_every_kind_are_read() -> None:
    spelled = "".join(f"\\u{ord(char):04x}" for char in '{"to": "')
    assert depth(f'{{"a": "{spelled}{HERE}') == 2


def test_it_does_not_follow_for_ever() -> None:
    assert depth(wrapped(HERE, 1)) == 1
    assert depth(wrapped([HERE], 9)) == 4


def test_arguments_may_be_a_string_that_holds_a_document() -> None:
    assert depth(json.dumps(json.dumps({"to": HERE}))) == 2
    assert depth(json.dumps(f'"{HERE}"')) == 1


@pytest.mark.parametrize("lines", ['{"n": 1}\n', '{"n": 1}\r\n[2]\n\n', '{\n"n": {}\n}\n', "\ufeff", '\ufeff{"n": 1}\n'])
def test_documents_on_lines_in_a_row_and_behind_a_byte_order_mark(lines: str) -> None:
    assert depth(json.dumps({"content": lines + json.dumps({"to": HERE})})) == 2
    assert depth(lines + json.dumps({"to": HERE})) == 1


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ('{"a":', True),
        ('{"a": [', True),
        ('{"a": [1, ', True),
        ('{"text": "{\\"a\\": ', True),
        ("", False),
        ("{", False),
        ('{"a"', False),
        ('{"a": -', False),
        ('{"a": 1 ', False),
        ('{"a": "', False),
        ('{"text": "see [', False),
        ('{"text": "[see, ', False),
        ("see: ", False),
    ],
)
def test_where_a_value_would_begin(before: str, expected: bool) -> None:
    followed = JsonDepth()
    followed.feed(before)
    assert followed.at_value is expected


trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(trees, max_size=3), trees, st.booleans(), st.integers(0, 2), st.integers(0, 10))
def test_any_document_is_followed_to_its_end(before: list[Any], after: Any, spaced: bool, times: int, cut: int) -> None:
    document = [*before, {"x": HERE}, after]
    for _ in range(times):
        document = [*before, json.dumps(document, indent=2 if spaced else None, ensure_ascii=spaced)]
    text = json.dumps(document, ensure_ascii=not spaced)
    if HERE in json.dumps([before, after]):
        return
    followed = JsonDepth()
    upto = text[: text.index(HERE)]
    followed.feed(upto[:cut])
    followed.feed(upto[cut:])
    assert followed.depth == times + 1
    followed.feed(text[text.index(HERE) :])
    assert followed.depth == 0
