"""RE2 expressions that are tried together, and the places of one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.expressions import Expressions, Places
from gateway.errors import DetectionUnavailable

NAMES = ["[0-9]{3}", "(?i)straße", "中|é", r"\bx\b", "a\nb"]
TEXTS = st.text(alphabet="0123 xXaA\nbsSstraßeSTRASSE中é🙂\u2028", max_size=30)


@pytest.mark.parametrize(
    ("text", "fired"),
    [
        ("", []),
        ("nothing", []),
        ("12", []),
        ("x 123", [0, 3]),
        ("STRAßE 中", [1, 2]),
        ("a\nb", [4]),
        ("123", [0]),
        ("123\n", [0]),
    ],
)
def test_those_that_fire_are_named_by_their_places(text: str, fired: list[int]) -> None:
    assert sorted(Expressions(NAMES).fired(text)) == sorted(Expressions(NAMES).fired(text.encode())) == fired


@given(TEXTS)
def test_what_fires_together_fires_alone(text: str) -> None:
    alone = [at for at, name in enumerate(NAMES) if Expressions([name]).fired(text)]
    assert sorted(Expressions(NAMES).fired(text)) == alone


@pytest.mark.parametrize("said", [[], [0]])
def test_an_automaton_without_memory_is_a_failure(monkeypatch: pytest.MonkeyPatch, said: list[int]) -> None:
    spent = Expressions(["x"])
    monkeypatch.setattr(spent, "_automaton", type("Spent", (), {"Match": staticmethod(lambda _: said)}))
    with pytest.raises(DetectionUnavailable):
        spent.fired("x")


@given(TEXTS)
def test_places_are_counted_in_characters(text: str) -> None:
    for expression in ("[0-9]+", "中|é", "[sS]+", "x+", r"\D[0-9]"):
        assert [(m.start(), m.end()) for m in Places(expression).finditer(text)] == [
            m.span() for m in re.finditer(expression, text)
        ]


def test_a_part_of_a_text_is_searched_with_what_lies_before_it() -> None:
    for text in ("one 1 two 22 three 333", "één 1 two 22 three 333"):
        assert [m.start() for m in Places(r"\b[0-9]+").finditer(text, 6, 15)] == [text.index("22")]
        assert next(Places("2+").finditer(text)).span() == (text.index("22"), text.index("22") + 2)
    assert Places("4").search("123") is None
