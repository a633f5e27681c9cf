"""Originals in JSON, and in JSON that stands in its strings: what comes out is what a reader of the documents would expect."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.redaction.restore import Restorer

RESTORER = Restorer(
    {("PERSON", 1): 'Ann "Änne" O\'Neil', ("PERSON", 12): "a\nb"},
    {
        "李娜": 'Wang "五"',
        "Zoë Quark": "C:\\",
        "2245550176": "0301234567",
        "2025550142": "2025551234",
        "84775550117": '1"2',
    },
)


def restored(text: str) -> str:
    """As a whole, and the same in pieces of every size."""
    whole = RESTORER.whole(text, json=True)
    for size in range(1, 9):
        stream = RESTORER.stream(json=True)
        pieces = [stream.feed(text[at : at + size]) for at in range(0, len(text), size)]
        assert "".join(pieces) + stream.finish() == whole
    return whole


def wrapped(document: Any, times: int, *, ascii_only: bool, brackets: bool = False) -> str:
    for _ in range(times):
        document = {"n": 1, "t": wrapped(document, 0, ascii_only=ascii_only, brackets=brackets)}
    written = json.dumps(document, ensure_ascii=ascii_only)
    return written.replace("<", "\\u003c").replace(">", "\\u003e") if brackets else written


def unwrapped(text: str, times: int) -> Any:
    document = json.loads(text)
    for _ in range(times):
        document = json.loads(document["t"])
    return document


@pytest.mark.parametrize("times", range(4))
@pytest.mark.parametrize(
    ("written", "stands_for"),
    [(2245550176, "0301234567"), (2025550142, 2025551234), (84775550117, '1"2'), ("2245550176", "0301234567"), (7, 7)],
)
def test_a_number_becomes_a_number_or_else_a_string(written: int | str, stands_for: int | str, times: int) -> None:
    document = {"phone": written, "all": [written, 1, {"x": written}], "to": "<PERSON_1>"}
    expected = {"phone": stands_for, "all": [stands_for, 1, {"x": stands_for}], "to": 'Ann "Änne" O\'Neil'}
    assert unwrapped(restored(wrapped(document, times, ascii_only=True)), times) == expected


def test_where_no_value_of_a_document_stands_a_number_stays_bare() -> None:
    assert restored("call 2245550176") == "call 0301234567"
    assert restored('{"text": "see [2245550176] there"}') == '{"text": "see [0301234567] there"}'


@pytest.mark.parametrize("times", range(4))
@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("upper", [False, True])
def test_a_surrogate_may_be_spelled_with_escapes_at_every_depth(times: int, ascii_only: bool, upper: bool) -> None:
    said = wrapped({"to": "Dear 李娜, Zoë Quark"}, times, ascii_only=ascii_only)
    if upper:
        said = said.replace("u674e", "u674E").replace("u5a1c", "u5A1C").replace("u00eb", "u00EB")
    assert unwrapped(restored(said), times) == {"to": 'Dear Wang "五", C:\\'}


@pytest.mark.parametrize("times", range(4))
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("<PERSON_1>", 'Ann "Änne" O\'Neil'),
        ("<PERSON_12><PERSON_1>", 'a\nbAnn "Änne" O\'Neil'),
        ("C:\\<PERSON_12>\\", "C:\\a\nb\\"),
        ("\\\\<PERSON_12>", "\\\\a\nb"),
        ("\\\\\\<PERSON_12>", "\\\\\\a\nb"),
    ],
)
def test_brackets_may_be_spelled_with_escapes_at_every_depth(said: str, expected: str, times: int) -> None:
    assert unwrapped(restored(wrapped({"to": said}, times, ascii_only=True, brackets=True)), times) == {"to": expected}


def test_arguments_that_are_encoded_twice() -> None:
    said = json.dumps(json.dumps({"to": "<PERSON_1>", "phone": 2245550176}))
    assert json.loads(json.loads(restored(said))) == {"to": 'Ann "Änne" O\'Neil', "phone": "0301234567"}


@pytest.mark.parametrize("before", ['{"n": 1}\n', '{"n": "李娜"}\r\n[2245550176]\n', "\ufeff"])
def test_documents_on_lines_in_a_row_and_behind_a_byte_order_mark(before: str) -> None:
    said = json.dumps({"content": before + json.dumps({"to": "<PERSON_1>"})})
    last = json.loads(restored(said))["content"].removeprefix("\ufeff").splitlines()[-1]
    assert json.loads(last) == {"to": 'Ann "Änne" O\'Neil'}


shards = st.lists(
    st.sampled_from(
        ["2245550176", "84775550117", "2025550142", "1", "-", ".", "true", " ", "\n", "\ufeff", "<PERSON_1>", "PERSON_12", "<"]
        + ['"', ":", ",", "{", "}", "[", "]", "\\", "\\\\", "\\" * 4, "\\" * 31, "\\" * 64, "u003c", "u003e", "\\u003cPERSON_1"]
        + [
            "李娜",
            "\\u674e\\u5a1c",
            "\\\\u674e\\\\u5a1c",
            "\\" * 4 + "u674e" + "\\" * 4 + "u5a1c",
            "Zo",
            "ë",
            "\\\\u00eb",
            " Quark",
        ]
    ),
    max_size=16,
).map("".join)


@settings(max_examples=500, deadline=None)
@given(shards, st.sampled_from(["", '{"a": ', '["', '"', '"{\\"a\\": ', '{"a": "{\\"b\\": ']))
def test_every_way_of_cutting_gives_the_whole(text: str, before: str) -> None:
    assert restored(before + text).startswith(before)


@pytest.mark.parametrize(
    "fence",
    [
        "%s",
        "```json\n%s\n```",
        "Here it is:\n\n```JSON\n%s\n```\nDear <PERSON_1>",
        "```\r\n%s\r\n```",
        "```\none\n```\n```json\n%s\n```",
    ],
)
@pytest.mark.parametrize("times", range(3))
def test_a_document_that_nobody_asked_for_stays_one(fence: str, times: int) -> None:
    said = fence % wrapped({"to": "Dear <PERSON_1>", "more": ["<PERSON_12>", 1]}, times, ascii_only=False)
    whole = RESTORER.whole(said)
    before, after = fence.replace("<PERSON_1>", 'Ann "Änne" O\'Neil').split("%s")
    assert whole.startswith(before)
    assert whole.endswith(after)
    document = whole.removeprefix(before).removesuffix(after)
    assert unwrapped(document, times) == {"to": 'Dear Ann "Änne" O\'Neil', "more": ["a\nb", 1]}
    for size in (1, 2, 7):
        stream = RESTORER.stream()
        pieces = [stream.feed(said[at : at + size]) for at in range(0, len(said), size)]
        assert "".join(pieces) + stream.finish() == whole


@pytest.mark.parametrize(
    "said",
    [
        *('"<PERSON_1>" wrote', "[<PERSON_1>](x)", "{<PERSON_1>}", 'x = {"a": "<PERSON_1>"}', "```\n<PERSON_1>"),
        *('So ```\n["<PERSON_1>"]', '<PERSON_1>```\n["<PERSON_1>"]'),
    ],
)
def test_what_is_no_document_is_written_as_it_is(said: str) -> None:
    assert RESTORER.whole(said) == said.replace("<PERSON_1>", 'Ann "Änne" O\'Neil')


def test_a_long_stream_is_looked_at_on_its_way() -> None:
    stream = RESTORER.stream()
    pieces = ["```json\n", '{"a": "', *["x "] * 3_000, "<PERSON_1>", '"}']
    said = "".join(map(stream.feed, pieces)) + stream.finish()
    assert json.loads(said.removeprefix("```json\n"))["a"].endswith('x Ann "Änne" O\'Neil')


@pytest.mark.parametrize("words", range(990, 1_010))
@pytest.mark.parametrize("fence", ["\n```json\n", "```\n", "\n```\r\n"])
def test_where_a_long_stream_is_looked_at_does_not_matter(words: int, fence: str) -> None:
    pieces = [*["w "] * words, *fence, '["<PERSON_1>', '"]']
    stream = RESTORER.stream()
    assert "".join(map(stream.feed, pieces)) + stream.finish() == RESTORER.whole("".join(pieces))
