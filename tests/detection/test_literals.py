import re
import time
from typing import SupportsIndex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.detection import literals
from gateway.detection.literals import Literals

words = st.text(alphabet="abAB 张伟1@.", min_size=1, max_size=5)


def by_trying_everything(texts: set[str], text: str) -> list[tuple[int, int]]:
    """The same, by its definition: leftmost, longest, not inside a longer Latin word or number."""
    spans, at = [], 0
    while at < len(text):
        inside = at > 0 and text[at].isascii() and text[at].isalnum() and text[at - 1].isascii() and text[at - 1].isalnum()
        ends = [at + len(t) for t in texts if not inside and text.startswith(t, at)]
        ends = [end for end in ends if not re.search(r"[A-Za-z0-9]{2}", text[end - 1 : end + 1])]
        if ends:
            spans.append((at, max(ends)))
        at = max(ends, default=at + 1)
    return spans


@settings(max_examples=500)
@given(st.sets(words, max_size=6), st.text(alphabet="abAB 张伟1@.", max_size=30))
def test_it_finds_what_trying_everything_finds(texts: set[str], text: str) -> None:
    spans = by_trying_everything(texts, text)
    assert list(Literals(texts).find(text)) == spans
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(literals, "_LONG", -1)  # as a long text is searched
        assert list(Literals(texts).find(text)) == spans


def test_nothing_is_found_of_nothing() -> None:
    assert list(Literals([]).find("abc")) == []
    assert list(Literals([""]).find("abc")) == []


def test_what_lies_before_is_context() -> None:
    assert list(Literals(["b"]).find("ab b", 1)) == [(3, 4)]


def test_many_lengths_with_one_beginning_cost_nothing_where_only_the_beginning_stands() -> None:
    def seconds(number: int) -> float:
        known = Literals([f"http://x.co/{'a' * n}" for n in range(1, number)])
        began = time.process_time()
        assert list(known.find("htt " * 20_000)) == []
        return time.process_time() - began

    seconds(300)
    assert min(seconds(2_400) for _ in range(3)) < 4 * min(seconds(300) for _ in range(3))


def test_many_literals_that_begin_with_each_other() -> None:
    known = Literals(["张" * n for n in range(1, 3_000)])
    assert list(known.find("张" * 5_000)) == [(0, 2_999), (2_999, 5_000)]


def test_few_literals_that_begin_with_each_other_in_a_text_that_repeats_them() -> None:
    known = Literals(["张" * n for n in range(1, 200)])
    assert list(known.find("张" * 398)) == [(0, 199), (199, 398)]
    assert list(known.find("张" * 1_990)) == [(at, at + 199) for at in range(0, 1_990, 199)]


class Watched(str):
    """Counts how often it is looked through."""

    looks = 0

    def find(self, sub: str, start: SupportsIndex | None = None, end: SupportsIndex | None = None, /) -> int:
        self.looks += 1
        return super().find(sub, start, end)


def test_literals_that_stand_within_longer_numbers_only_are_not_looked_for_one_by_one() -> None:
    text = Watched("1" * 10_000 + " 11 " + "1" * 300)
    assert list(Literals(["1" * n for n in range(2, 258)]).find(text)) == [(10_001, 10_003)]
    assert text.looks < len(text)
