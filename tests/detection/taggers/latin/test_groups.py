"""Nations, peoples, believers: what a word of the list is, and where a text says that somebody is one."""

from __future__ import annotations

import pytest

from gateway.detection.taggers.latin.groups import GROUPS, as_groups
from gateway.detection.taggers.name_rules import NameRules
from gateway.detection.taggers.sieve import Tag

_RULES = NameRules(GROUPS)


@pytest.mark.parametrize("entity", ["LOCATION", "PERSON", "ORGANIZATION", "NRP"])
@pytest.mark.parametrize("word", ["Iraqi", "Kurdish", "Iraqis", "Kurds", "Somali"])
def test_a_word_of_the_list_is_a_group(word: str, entity: str) -> None:
    assert [tag.entity for tag in as_groups(word, [Tag(0, len(word), entity, 0.9)])] == ["NRP"]


@pytest.mark.parametrize("name", ["Iraq", "Karen", "German Petrov", "Iraqi Airways", "Jordan"])
def test_other_names_stay_what_they_are(name: str) -> None:
    assert [tag.entity for tag in as_groups(name, [Tag(0, len(name), "ORGANIZATION", 0.9)])] == ["ORGANIZATION"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("the Vietnamese man next door", "Vietnamese"),
        ("an Eritrean-born nurse", "Eritrean"),
        ("She is Somali, I think", "Somali"),
        ("I'm half Tamil.", "Tamil"),
        ("my husband is Kurdish", "Kurdish"),
        ("of Zulu descent", "Zulu"),
    ],
)
def test_somebody_is_said_to_be_one(text: str, word: str) -> None:
    assert [(text[tag.start : tag.end], tag.entity) for tag in _RULES.tags(text)] == [(word, "NRP")]


@pytest.mark.parametrize(
    "text",
    [
        "translate it into Vietnamese",
        "She is English teacher",
        "a Vietnamese manual",
        "Thai food, Danish design",
        "karen woman",
    ],
)
def test_languages_and_things_are_left(text: str) -> None:
    assert list(_RULES.tags(text)) == []
