"""The half of a name that the network did not see."""

from __future__ import annotations

import pytest

from gateway.detection.taggers.latin.half_names import HalfNames
from gateway.detection.taggers.sieve import Tag
from gateway.detection.taggers.small import latin_tagger

_LISTED = {"lisbon": 4, "report": 8, "ask": 8, "rose": 9}


def _found(text: str, *found: tuple[str, str]) -> list[str]:
    tags = [Tag(text.index(value), text.index(value) + len(value), entity) for value, entity in found]
    halves = HalfNames(lambda word: _LISTED.get(word, 0), lambda word: word == "president")
    return [text[tag.start : tag.end] for tag in halves.whole(text, tags)]


@pytest.mark.parametrize(
    ("text", "known", "name"),
    [
        ("I think that Shirin Ahmadi and he", "Ahmadi", "Shirin Ahmadi"),
        ("Call Gül Öztürk.", "Öztürk", "Gül Öztürk"),
        ("Ask Nanami Okafor, please", "Nanami", "Nanami Okafor"),
        ("Nanami Okafor's", "Nanami", "Nanami"),
        ("Is Rose Okafor in?", "Okafor", "Rose Okafor"),
    ],
)
def test_a_rare_word_beside_it_is_the_other_half(text: str, known: str, name: str) -> None:
    assert _found(text, (known, "PERSON")) == [name]


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("Report Ahmadi", "Ahmadi"),
        ("when President Ahmadi came", "Ahmadi"),
        ("in Lisbon Ahmadi said", "Ahmadi"),
        ("shirin Ahmadi", "Ahmadi"),
        ("Shirin  Ahmadi", "Ahmadi"),
        ("Shirin\nAhmadi", "Ahmadi"),
        ("Shirin, Ahmadi", "Ahmadi"),
        ("x.Shirin Ahmadi", "Ahmadi"),
        ("Hallo Ahmadi, es geht", "Ahmadi"),
        ("Ahmadi Shirin Works Ltd", "Ahmadi"),
        ("Ahmadi Shirin.py", "Ahmadi"),
        ("return Shirin Ahmadi(x)", "Ahmadi"),
        ("Ask Sam Shirin Ahmadi", "Sam Shirin"),
    ],
)
def test_other_words_are_not(text: str, known: str) -> None:
    assert _found(text, (known, "PERSON")) == [known]


def test_only_a_person_has_one_and_what_is_found_already_is_none() -> None:
    assert _found("Shirin Ahmadi", ("Ahmadi", "ORGANIZATION")) == ["Ahmadi"]
    assert _found("Shirin Ahmadi", ("Shirin", "LOCATION"), ("Ahmadi", "PERSON")) == ["Shirin", "Ahmadi"]
    assert _found("Ahmadi Shirin", ("Ahmadi", "PERSON"), ("Shirin", "LOCATION")) == ["Ahmadi", "Shirin"]


def test_the_tagger_finds_the_whole_name() -> None:
    text = "Write to Setareh Kowalska about it."
    assert [text[one.start : one.end] for one in latin_tagger().find(text)] == ["Setareh Kowalska"]
