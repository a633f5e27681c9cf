"""N-grams with their places: what the hash says is what the text says."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.sensitivity.features import BUCKETS, WINDOW, read


def said(text: str) -> set[str]:
    reading = read(text)
    return {reading.text[start:end] for start, end in zip(reading.starts, reading.ends, strict=True)}


def test_words_pairs_and_chinese_characters_are_n_grams() -> None:
    assert said("A Biopsy, today") == {"a biopsy", "biopsy", "biopsy, today", "today"}
    assert said("有乙肝病") == {"有乙", "乙", "乙肝", "肝", "肝病", "病", "有乙肝", "乙肝病"}


def test_the_same_word_has_the_same_bucket_wherever_it_stands() -> None:
    first, second = read("diagnosis"), read("her cousin's last diagnosis")
    assert set(first.keys.tolist()) <= set(second.keys.tolist())
    assert set(read("ＤＩＡＧＮＯＳＩＳ").keys.tolist()) == set(first.keys.tolist())


def test_forms_of_a_word_share_their_beginning() -> None:
    assert set(read("diagnosed").keys.tolist()) & set(read("diagnosis").keys.tolist())
    assert not set(read("biopsy").keys.tolist()) & set(read("weather").keys.tolist())


def test_placeholders_and_empty_words_say_nothing() -> None:
    assert said("<PERSON_1> <CREDIT_CARD_12>") == set()
    assert said("") == said("of the") == set()


def test_a_long_text_has_windows_that_overlap_and_leave_nothing_out() -> None:
    reading = read(" ".join(f"w{number}" for number in range(3 * WINDOW)))
    seen = {int(key) for window in reading.windows() for key in reading.words[window]}
    assert seen == set(reading.words.tolist())
    assert len(list(reading.windows())) == 5


@settings(max_examples=30)
@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    reading = read(text)
    assert ((reading.keys >= 0) & (reading.keys < BUCKETS)).all()
    assert (reading.starts < reading.ends).all()
    assert sum(1 for _ in reading.windows()) >= 1
