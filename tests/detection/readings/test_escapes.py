from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.detect import PresidioDetector
from gateway.detection.readings.reader import Reader
from gateway.detection.recognizers.registry import pattern_recognizers

READER = Reader()
DETECTOR = PresidioDetector(pattern_recognizers())


def _read(text: str) -> str | None:
    """None where nothing is escaped."""
    texts = READER.read(text).texts
    return None if len(texts) == 1 else texts[-1].text


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (r"a\.b\_c@example\.com", "a.b_c@example.com"),
        (r"\+44 20 7946 0958 or \(020\) 7946\-0958", "+44 20 7946 0958 or (020) 7946-0958"),
        (r"138\-1234\-5678", "138-1234-5678"),
        (r"Sean O\'Connor", "Sean O'Connor"),
        (r"https:\/\/intra.example.com\/u\/jane", "https://intra.example.com/u/jane"),
        (r"{\"name\": \"Jane \u5f20\"}", '{"name": "Jane 张"}'),
        (r"{\\\"name\\\": \\\"Jane O\\'Neill\\\"}", '{"name": "Jane O\'Neill"}'),
        (r"Dear all,\nJane called.\r\n\r\nregards,\nbob", "Dear all,\nJane called.\nregards,\nbob"),
        (r"x\tJane", "x\tJane"),
        (r"\u5f20\u4F1F", "张伟"),
        (r"\\u5f20\\u4f1f", "张伟"),
        (r"\ud842\udfb7\u7530", "𠮷田"),
        (r"a \ud842 alone", "a \ufffd alone"),
        (r"\xe5\xbc\xa0 jane\x40example.com", "张 jane@example.com"),
        (r"no UTF-8: \xff\xe5, a.b\_c@example.com", r"no UTF-8: \xff\xe5, a.b_c@example.com"),
    ],
)
def test_what_stands_behind_backslashes(text: str, meant: str) -> None:
    assert _read(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        r"C:\Users\nancy\reports\temp",
        r"\textbf{Total} \noindent \rho",
        r"print('done.\n')",
        r"[a-z]+\s*\w\.\w",
        "a line that goes on \\\nhere",
        r"[\u4e00-\u9fff]|\\u3400-\\u4dbf",
    ],
)
def test_what_is_no_escape_is_left_alone(text: str) -> None:
    assert _read(text) is None


@given(st.text("az19é王𠮷\n\"'", min_size=1, max_size=12))
def test_a_span_covers_the_whole_escapes_of_its_characters(value: str) -> None:
    inside = "".join(f"\\u{unit:04x}" for c in value for unit in _units(c))
    copy = READER.read(f"({inside})").texts[-1]
    assert copy.text == f"({value})"
    for start in range(1, len(value)):
        low, high = copy.original(start, len(value))
        assert json.loads(f'"{inside[low - 1 : high - 1]}"') == value[start - 1 : -1]


def _units(character: str) -> list[int]:
    pairs = character.encode("utf-16-be")
    return [int.from_bytes(pairs[at : at + 2]) for at in range(0, len(pairs), 2)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"mail a\.b\_c@example\.com now", r"a\.b\_c@example\.com"),
        (r"call \+44 20 7946 0958 today", r"\+44 20 7946 0958"),
        (r"电话138\-1234\-5678谢谢", r"138\-1234\-5678"),
        (r"{\"phone\": \"\u002b44 20 7946 0958\"}", r"\u002b44 20 7946 0958"),
    ],
)
def test_a_finding_takes_the_backslashes_of_its_value_along(text: str, value: str) -> None:
    [found] = DETECTOR.analyze(text)
    assert text[found.start : found.end] == value
