from __future__ import annotations

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.readings.joined import joining_rewrites
from gateway.detection.readings.reader import Reader

READER = Reader()


def _joined(text: str) -> str | None:
    joined = READER.read(text).joined
    return None if joined is None else joined.text


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("card 4 5 3 9 1 4 8 8 0 3 ok", "card 4539148803 ok"),
        ("1.3.8.1.2.3.4.5.6.7.8.", "13812345678."),
        ("1-3-8-1-2-3-4-5-6-7-8", "13812345678"),
        ("1\r\n3\r\n8\r\n1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n78", "138123456\r\n78"),
        ("D E 8 9 3 7 0 4 0 0 4 4", "DE8937040044"),
        ("b o b @ x . o r g", "bob@x.org"),
        ("① ③ ⑧ ① ② ③ ④ ⑤ ⑥", "138123456"),
        ("4539.1488.0343.6467", "4539148803436467"),
        ("110105_19491231_002X", "11010519491231002X"),
        ("4539  1488  0343  6467", "4539148803436467"),
        ("the number 45391\n488034 is", "the number 45391488034 is"),
        ("> the number 45391=\r\n> 488034 is", "> the number 45391488034 is"),
        ("card 45391488O3436467", "card 4539148803436467"),
    ],
)
def test_what_is_joined(text: str, joined: str) -> None:
    assert _joined(text) == joined


@pytest.mark.parametrize(
    "text",
    [
        "1 2 3 4 5 6 7 8",
        "1.2.3.4.5.6.7.8.9.10",
        "1.3.6.1.5.5.7.3.1 and 1.3.6.1.4.1.311.21.20 and 192.168.100.200, 10.0.19041.3636",
        "\n".join(" ".join(str((7 * row + 3 * column) % 10) for column in range(16)) for row in range(16)),
        "| 4 5 3 9 1 4 8 8 0 3 4 3 6 4 6 7 |\n| 4 5 3 9 1 4 8 8 0 3 4 3 6 4 6 7 |",
        "12345678\n87654321\n12348765",
        "   1234567\n   7654321",
        "id,12345678\n12345679,x",
        "| a | 12345678\n12345679 | b |",
        "2024-01-02 2024-02-03, 10.12.2024",
        "tel 555 0100\ntel 555 0101",
        "1234.5678 9.99",
        "lllllllll OOOOOOOOO IlIlIlIlIl 0x1OO",
    ],
)
def test_lists_tables_versions_and_matrices_are_not(text: str) -> None:
    assert _joined(text) is None


@given(st.text("0123456789OlX. -_\n\ra", min_size=8, max_size=40))
def test_a_trigger_misses_nothing(text: str) -> None:
    for rewrite in joining_rewrites():
        if list(rewrite.edits(text)):
            assert re2.search(rewrite.trigger, text) is not None


def test_a_joined_span_covers_what_was_left_out() -> None:
    joined = READER.read("is 1 3 8 1 2 3 4 5 6 ok").joined
    assert joined is not None
    assert joined.original(3, 12) == (3, 20)
