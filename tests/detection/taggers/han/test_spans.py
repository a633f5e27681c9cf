"""How far the names reach that a network for Chinese is sure of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.taggers.decode import Scores, Span
from gateway.detection.taggers.han.spans import reached, without_words
from gateway.detection.taggers.tokens import Tokens

LABELS = ("PERSON", "LOCATION", "ORGANIZATION", "NRP", "ADDRESS")


def _tokens(text: str) -> Tokens:
    places = np.arange(len(text) + 1)
    return Tokens(np.zeros((len(text), 1), np.int32), places[:-1], places[1:])


def _scores(text: str, shares: Mapping[str, tuple[str, float]]) -> Scores:
    """Where each of these characters has this share for the inside of such a label, and all others have none."""
    scores = np.full((len(text), 21), -20, np.float32)
    scores[:, 0] = 0
    for character, (label, share) in shares.items():
        scores[text.index(character), [0, 4 * LABELS.index(label) + 2]] = np.log([1 - share, share])
    return scores


def _named(text: str, value: str, entity: str, shares: Mapping[str, tuple[str, float]]) -> list[tuple[str, str]]:
    first = text.index(value)
    spans = [Span(first, first + len(value) - 1, entity, 0.9)]
    found = reached(text, _tokens(text), _scores(text, shares), spans)
    return [(text[span.first : span.last + 1], span.label) for span in found]


@pytest.mark.parametrize(
    ("value", "entity", "shares", "whole"),
    [
        ("吴清", "PERSON", {"炜": ("PERSON", 0.2)}, "吴清炜"),
        ("吴清", "PERSON", {"炜": ("PERSON", 0.05)}, "吴清"),
        ("吴清", "PERSON", {"炜": ("ORGANIZATION", 0.2)}, "吴清"),
        ("清炜", "PERSON", {"吴": ("PERSON", 0.2)}, "吴清炜"),
        ("吴清", "PERSON", {"炜": ("PERSON", 0.2), "来": ("PERSON", 0.2)}, "吴清炜"),
        ("吴清炜", "PERSON", {"来": ("PERSON", 0.4)}, "吴清炜"),
        ("吴清", "PERSON", {"问": ("PERSON", 0.4)}, "吴清"),
        ("清炜", "LOCATION", {"来": ("LOCATION", 0.15)}, "清炜"),
        ("清炜", "LOCATION", {"来": ("LOCATION", 0.25)}, "清炜来"),
        ("吴清", "LOCATION", {"炜": ("ADDRESS", 0.2), "来": ("LOCATION", 0.2)}, "吴清炜来"),
        ("吴清炜来", "PERSON", {"了": ("PERSON", 0.4)}, "吴清炜来"),
        ("来了", "PERSON", {"，": ("PERSON", 0.4)}, "来了"),
    ],
)
def test_a_name_takes_what_it_probably_has(
    value: str, entity: str, shares: Mapping[str, tuple[str, float]], whole: str
) -> None:
    assert _named("问吴清炜来了，", value, entity, shares) == [(whole, entity)]


@pytest.mark.parametrize(("name", "more", "whole"), [("塔维里", "斯", "塔维里斯"), ("塔维里", "传", "塔维里")])
def test_a_foreign_name_may_be_longer(name: str, more: str, whole: str) -> None:
    assert _named(f"{name}{more}球", name, "PERSON", {more: ("PERSON", 0.3)}) == [(whole, "PERSON")]


def test_a_place_may_end_with_a_character_for_places() -> None:
    assert _named("到恒晖站下车", "恒晖", "LOCATION", {"站": ("LOCATION", 0.1)}) == [("恒晖站", "LOCATION")]


def test_an_ending_is_left_to_those_who_know_it_whole() -> None:
    assert _named("江山路支行", "江山路", "LOCATION", {"支": ("LOCATION", 0.4)}) == [("江山路", "LOCATION")]


def test_a_title_is_no_part_of_a_name() -> None:
    assert _named("吴清先生", "吴清", "PERSON", {"先": ("PERSON", 0.4)}) == [("吴清", "PERSON")]


@pytest.mark.parametrize(
    ("text", "whole"),
    [("去恒晖艺术团看", "恒晖艺术团"), ("去恒晖那里看", None), ("去的恒公司看", "恒公司"), ("恒，公司", None)],
)
def test_an_organisation_that_ends_like_one_takes_less(text: str, whole: str | None) -> None:
    shares = {character: ("ORGANIZATION", 0.2) for character in "恒晖艺术团那里公司的，" if character in text}
    found = reached(text, _tokens(text), _scores(text, shares), [])
    assert [text[span.first : span.last + 1] for span in found] == ([] if whole is None else [whole])


def _doubted(text: str, word: str, names: Sequence[str], *, listed: bool = True, share: float = 0.3) -> bool:
    """Whether this organisation of two characters, the first with such a share, is left out; `names` are organisations too."""
    tokens = _tokens(text)
    first = text.index(word)
    ids = np.zeros((len(text), 4), np.int32)
    ids[first, 2] = int(listed)
    spans = [Span(text.index(name), text.index(name) + len(name) - 1, "ORGANIZATION", 0.9) for name in (word, *names)]
    scores = _scores(text, {word[0]: ("ORGANIZATION", share), word[1]: ("ORGANIZATION", 0.9)})
    left = without_words(text, Tokens(ids, tokens.starts, tokens.ends), scores, spans)
    assert set(spans[1:]) <= set(left)
    return spans[0] not in left


def test_an_ordinary_word_that_the_network_doubts_is_no_organisation() -> None:
    assert _doubted("水烧开以后", "烧开", [])


@pytest.mark.parametrize("text", ["恒晖烧开以后", "水烧开恒晖", "水烧开集团"])
def test_a_part_of_a_longer_name_stays(text: str) -> None:
    assert not _doubted(text, "烧开", ["恒晖"] if "恒晖" in text else [])


def test_a_word_that_it_is_surer_of_stays_and_so_does_one_that_no_list_has() -> None:
    assert not _doubted("水烧开以后", "烧开", [], share=0.5)
    assert not _doubted("水烧开以后", "烧开", [], listed=False)


@given(
    st.text("吴清炜来的公司，a", max_size=20),
    st.lists(st.integers(0, 20), max_size=6, unique=True),
    st.lists(st.floats(-3, 3, width=32), min_size=21, max_size=21),
)
def test_nothing_is_uncovered_and_nothing_overlaps(text: str, edges: list[int], row: list[float]) -> None:
    places = sorted(edge for edge in edges if edge <= len(text))
    spans = [Span(a, b - 1, "PERSON", 0.9) for a, b in zip(places[::2], places[1::2], strict=False)]
    found = reached(text, _tokens(text), np.tile(np.array(row, np.float32), (len(text), 1)), spans)
    assert all(any(one.first <= span.first and span.last <= one.last for one in found) for span in spans)
    assert all(one.last < other.first for one, other in zip(found, found[1:], strict=False))
