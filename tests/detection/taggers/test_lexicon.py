"""A lexicon knows its own words, and takes few others for them."""

from __future__ import annotations

import numpy as np

from gateway.detection.taggers.lexicon import build


def keys(start: int, count: int) -> np.ndarray:
    return (np.arange(start, start + count, dtype=np.uint64) * np.uint64(0x100000001B3)) ^ np.uint64(0x5BD1E995)


def test_words_have_their_class() -> None:
    known = keys(0, 20_000)
    lexicon = build(((int(key), 1 + at % 5) for at, key in enumerate(known)), 16)
    found = lexicon.classes(known)
    right = found == 1 + np.arange(known.size) % 5
    assert right.mean() > 0.93  # what finds both its slots taken is left out
    assert ((found == 0) | right).mean() > 0.995


def test_strangers_are_hardly_ever_known() -> None:
    lexicon = build(((int(key), 1) for key in keys(0, 20_000)), 16)
    assert lexicon.classes(keys(10**6, 100_000)).astype(bool).mean() < 0.002


def test_the_first_class_of_a_word_stays_and_shapes_are_kept() -> None:
    lexicon = build([(7, 2), (7, 3)], 4)
    assert lexicon.classes(np.array([[7, 8], [9, 7]], np.uint64)).tolist() == [[2, 0], [0, 2]]


def test_one_key_at_a_time_gives_the_same() -> None:
    lexicon = build(((int(key), 1 + at % 15) for at, key in enumerate(keys(0, 300))), 9)
    some = np.append(keys(0, 600), np.array([0, 2**64 - 1], np.uint64))
    assert [lexicon.class_of(int(key)) for key in some] == lexicon.classes(some).tolist()
