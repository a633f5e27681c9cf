"""What is told of words in other languages: that some are no names, and of the rest nothing."""

from __future__ import annotations

from gateway.detection.taggers.latin.reader import LatinReader
from gateway.detection.taggers.lexicon import build
from training.foreign import small_words, surely_no_names

READER = LatinReader((), build((), 4))


def told(text: str, small: frozenset[str]) -> str:
    tags = surely_no_names(READER.read(text), text, small)
    return "".join("." if tag == 0 else "?" for tag in tags)


def test_words_in_small_letters_and_marks_are_no_names_and_others_may_be() -> None:
    assert told("Karl wohnt in Bonn, 7!", frozenset()) == "?..?..."


def test_a_word_that_is_written_small_elsewhere_is_none_where_a_sentence_begins() -> None:
    assert told("Je suis Je. Je", frozenset({"je"})) == "..?.."


def test_a_mark_before_the_first_word_does_not_end_the_beginning() -> None:
    assert told("«Je suis", frozenset({"je"})) == "..."


def test_often_is_not_once() -> None:
    assert small_words(["je suis"] * 20 + ["rare Mot"]) == {"je", "suis"}
