"""Readers: tokens lie where they say, and equal texts give equal features."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.taggers.han.reader import HanReader, latin_key, plain_key
from gateway.detection.taggers.han.reader import word_keys as han_keys
from gateway.detection.taggers.latin.reader import LatinReader, word_keys
from gateway.detection.taggers.lexicon import build
from gateway.detection.taggers.tokens import Reader

_LISTED = ((plain_key("北京"), 3), (plain_key("张国"), 2), (latin_key("anna"), 2), (latin_key("acme"), 4))
HAN = HanReader("我们在北京", "張张國国", build(_LISTED, 10))
LATIN = LatinReader(("met", "in", "the", "."), build([(int(word_keys(["anna"])[0]), 1)], 10))
TEXTS = st.text(st.one_of(st.characters(), st.sampled_from("我们在北京張三 Anna's met 12\n\r\t🙂e\u0301ab.")), max_size=60)


@pytest.mark.parametrize("reader", [HAN, LATIN], ids=["han", "latin"])
@given(text=TEXTS)
def test_tokens_are_in_order_and_their_features_in_range(reader: Reader, text: str) -> None:
    tokens = reader.read(text)
    starts, ends = np.asarray(tokens.starts), np.asarray(tokens.ends)
    assert len(starts) == len(ends) == len(tokens.ids)
    assert (starts < ends).all()
    assert (starts[1:] >= ends[:-1]).all()
    assert not len(ends) or ends[-1] <= len(text)
    assert (tokens.ids >= 0).all()
    assert (tokens.ids < np.array(reader.sizes)).all()


@given(text=TEXTS)
def test_han_tokens_tile_the_text(text: str) -> None:
    tokens = HAN.read(text)
    assert "".join(text[a:b] for a, b in zip(tokens.starts, tokens.ends, strict=True)) == text


@given(text=TEXTS)
def test_latin_tokens_leave_out_nothing_but_space(text: str) -> None:
    tokens = LATIN.read(text)
    covered = "".join(text[a:b] for a, b in zip(tokens.starts, tokens.ends, strict=True))
    assert "".join(covered.split()) == "".join(text.split())


def words(text: str) -> list[str]:
    tokens = LATIN.read(text)
    return [text[a:b] for a, b in zip(tokens.starts, tokens.ends, strict=True)]


def test_words_numbers_and_signs() -> None:
    assert words("O'Neill's flat, 12B") == ["O'Neill", "'", "s", "flat", ",", "12", "B"]
    assert words("Dávila 张三 met\nҐанна.") == ["Dávila", "张三", "met", "\n", "Ґанна", "."]


def test_a_typographic_apostrophe_is_one() -> None:
    plain, printed = LATIN.read("I'll ask O'Neill's"), LATIN.read("I’ll ask O’Neill’s")
    assert np.array_equal(plain.ids, printed.ids)
    assert LATIN.listed("o’neill") == LATIN.listed("o'neill")


def test_what_stands_close_reads_differently() -> None:
    assert not np.array_equal(LATIN.read("a.b").ids[2], LATIN.read("a. b").ids[2])


def test_traditional_characters_are_read_as_simplified_ones() -> None:
    assert np.array_equal(HAN.read("張國").ids, HAN.read("张国").ids)


def test_listed_words_are_seen_where_they_begin_and_end() -> None:
    ids = HAN.read("在北京的").ids
    assert ids[1, 2] == 3
    assert ids[2, 3] == 3
    assert ids[0, 2] == ids[3, 3] == 0


@pytest.mark.parametrize("size", [1, 7, 60, 20_000])
def test_keys_of_words_depend_on_the_words_alone(size: int) -> None:
    text = ("我们在北京的朋友张国明昨天来过" * 2000)[:size]
    keys = han_keys(np.array([ord(c) for c in text], np.uint64))
    assert keys.shape == (7, size)
    for row, length in enumerate(range(2, 9)):
        for start in {0, size // 2, size - length} - set(range(size - length + 1, size + 1)) - set(range(-8, 0)):
            assert keys[row, start] == plain_key(text[start : start + length])


def test_a_key_is_a_polynomial_in_the_characters() -> None:
    prime = 0x100000001B3
    assert plain_key("北京人") == ((ord("北") * prime + ord("京")) * prime + ord("人")) % 2**64


def latin_classes(text: str) -> list[int]:
    """The classes of the tokens, which must begin and end a listed word alike."""
    ids = HAN.read(text).ids
    assert np.array_equal(ids[:, 2], ids[:, 3])
    return [int(klass) for klass in ids[:, 2]]


def test_a_listed_latin_word_is_seen_in_chinese_however_it_is_written() -> None:
    assert latin_classes("找Anna和ACME，12") == [0, 2, 0, 4, 0, 0]
    assert latin_classes("annas") == latin_classes("Annas") == [0]


def test_of_names_run_together_the_first_one_tells() -> None:
    assert latin_classes("AnnaLee、annalee") == [2, 0, 0]


def test_a_latin_word_is_one_token_in_chinese() -> None:
    tokens = HAN.read("找Anna要2024年的")
    assert list(tokens.starts) == [0, 1, 5, 6, 10, 11]
