from __future__ import annotations

import numpy as np
import pytest

from gateway.detection.taggers.latin.faint_names import faint_names
from gateway.detection.taggers.sieve import Tag
from gateway.detection.taggers.tokens import Tokens

LISTED = {"gopi": 0, "rose": 9, "hanoi": 4, "hang": 8, "latency": 8}


def _faint(text: str, odds: float, tags: list[Tag] | None = None) -> list[str]:
    """Where every word has these odds of being a person's name, against being none."""
    words = text.split(" ")
    starts = np.cumsum([0, *(len(word) + 1 for word in words[:-1])])
    tokens = Tokens(np.zeros((len(words), 6), np.int32), starts, starts + [len(word) for word in words])
    scores = np.full((len(words), 21), -9, np.float32)
    scores[:, 0], scores[:, 4] = 0, np.log(odds)
    return [text[t.start : t.end] for t in faint_names(text, tokens, scores, tags or [], lambda word: LISTED.get(word, 0))]


@pytest.mark.parametrize("text", ["a reply to {} today", "{} will come", "for {}, who knows", "is it {}?"])
@pytest.mark.parametrize("name", ["Gopi", "Rose", "Gopi-ra"])
def test_an_unsure_name_among_small_words_counts(text: str, name: str) -> None:
    assert _faint(text.format(name), 0.2) == [name]


def test_it_takes_some_odds() -> None:
    assert _faint("a reply to Gopi today", 0.1) == []


def test_an_ordinary_word_counts_where_it_needs_no_capital() -> None:
    assert _faint("a reply to Hang today", 0.2) == ["Hang"]
    assert _faint("It is slow. Latency matters", 0.2) == []


@pytest.mark.parametrize(
    "text",
    [
        "we went to Hanoi today",
        "a reply to gopi today",
        "the Gopi Works today",
        "the Big Gopi today",
        "x = Gopi (1)",
        "call Gopi() today",
        "see Gopi.run today",
        "a Gopi_x today",
        "on Monday",
        "Ich wohne hier",
    ],
)
def test_places_longer_names_and_code_do_not(text: str) -> None:
    assert _faint(text, 0.2) == []


def test_what_has_a_tag_is_known_already() -> None:
    assert _faint("a reply to Gopi today", 0.2, [Tag(11, 15, "ORGANIZATION", 0.9)]) == []
