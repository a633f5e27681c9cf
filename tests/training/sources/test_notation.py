"""Tokens become texts as people write them, and no character or name is lost on the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.marks import labelled, parts
from training.sources.notation import Word, marked, spaced


def read(*tokens: tuple[str, str]) -> str:
    return marked(list(spaced(Word(text, kind, begins=bool(kind)) for text, kind in tokens)))


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("Hello , Ann !", "Hello, Ann!"),
        ('She said " come in " twice', 'She said "come in" twice'),
        ("It ( see # 4 ) costs $ 5", "It (see #4) costs $5"),
        ("Ann 's house did n't burn", "Ann's house didn't burn"),
    ],
)
def test_white_space_stands_where_people_write_it(tokens: str, text: str) -> None:
    assert read(*((token, "") for token in tokens.split())) == text


def test_tokens_of_a_name_are_one_mark_and_two_names_are_two() -> None:
    words = [Word("Ann", "P", begins=True), Word("Lee", "P"), Word("Bo", "P", begins=True), Word("left")]
    assert marked(words) == "{P:Ann Lee} {P:Bo} left"


@pytest.mark.parametrize(
    ("name", "mark"),
    [("Acme", "{O:Acme}"), ("Leeds University", "{U:Leeds University}"), ("Ministry of Defence", "{M:Ministry of Defence}")],
)
def test_an_organisation_is_told_by_its_words(name: str, mark: str) -> None:
    first, *others = name.split()
    assert marked([Word(first, "O", begins=True), *(Word(word, "O") for word in others)]) == mark


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("an Iraqi poet and two Kenyans", "an {N:Iraqi} poet and two {N:Kenyans}"),
        ("a South Korean ship", "a {N:South Korean} ship"),
        ("write it in German", "write it in German"),
        ("my French teacher", "my French teacher"),
        ("Green fields", "Green fields"),
    ],
)
def test_nationalities_are_marked_and_languages_are_not(text: str, marks: str) -> None:
    assert marked([Word(word) for word in text.split()]) == marks


def test_a_nationality_inside_a_name_stays_a_part_of_it() -> None:
    assert marked([Word("British", "O", begins=True), Word("Airways", "O")]) == "{O:British Airways}"


@given(
    st.lists(
        st.tuples(st.text("aB.,(\"'{}\\", min_size=1, max_size=3), st.sampled_from(("", "P", "L"))), min_size=1, max_size=8
    )
)
def test_nothing_is_lost(tokens: list[tuple[str, str]]) -> None:
    text = labelled(parts(read(*tokens)))
    plain = "".join(token for token, _ in tokens).translate(str.maketrans("{}\\", "()/"))
    assert text.text.replace(" ", "") == plain
    assert len(text.spans) == sum(bool(kind) for _, kind in tokens)
