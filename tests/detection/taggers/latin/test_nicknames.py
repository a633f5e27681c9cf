"""A nickname in the middle of a name does not make two people of one."""

from __future__ import annotations

import pytest

from gateway.detection.taggers.latin.nicknames import whole_persons
from gateway.detection.taggers.sieve import Tag


def joined(text: str, *names: str, entity: str = "PERSON") -> list[str]:
    tags, at = [], 0
    for name in names:
        start = text.index(name, at)
        at = start + len(name)
        tags.append(Tag(start, at, entity, 0.9))
    return [text[tag.start : tag.end] for tag in whole_persons(text, tags)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('ask Robert "Bob" Miller today', ("Robert", "Bob", "Miller")),
        ('ask Robert "Bob" Miller today', ("Robert", 'Bob" Miller')),
        ("ask Robert (Bob) Miller today", ("Robert", "Bob", "Miller")),
        ("ask Robert “Bob” Miller today", ("Robert “Bob”", "Miller")),
    ],
)
def test_parts_of_one_name(text: str, names: tuple[str, ...]) -> None:
    assert joined(text, *names) == [text.removeprefix("ask ").removesuffix(" today")]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Robert and Bob", ("Robert", "Bob")),
        ('Robert "Bob and Miller', ("Robert", "Bob", "Miller")),
        ("Robert, Bob", ("Robert", "Bob")),
        ('"Robert" "Bob"', ("Robert", "Bob")),
        ('Anna "Bob" met Miller', ("Anna", "Bob", "Miller")),
    ],
)
def test_several_people(text: str, names: tuple[str, ...]) -> None:
    assert joined(text, *names) == list(names)


def test_other_types_are_left_alone() -> None:
    assert joined('Acme "Best" Trading', "Acme", "Best", "Trading", entity="ORGANIZATION") == ["Acme", "Best", "Trading"]
