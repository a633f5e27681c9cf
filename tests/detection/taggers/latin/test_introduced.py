from __future__ import annotations

import pytest

from gateway.detection.taggers.latin.introduced import introduced
from gateway.detection.taggers.sieve import Tag
from gateway.detection.taggers.small import latin_tagger

LISTED = {"rose": 9, "hanoi": 4, "team": 8, "world": 8, "sun": 8, "owner": 8}


def _class_of(word: str) -> int:
    return LISTED.get(word, 0)


def _people(text: str, *tags: Tag) -> list[str]:
    return [text[tag.start : tag.end] for tag in introduced(text, tags, _class_of) if tag.entity == "PERSON"]


@pytest.mark.parametrize(
    "text",
    [
        "Dear {},\nthe parcel is here",
        "Sorry {}, I missed that",
        "Congratulations {}!",
        "Hey {} - a quick question",
        "Thanks, {}",
        "fix the parser (thanks {})",
        "kind regards, {}\n",
        "I talked to my colleague {} about it",
        "our new neighbour, {}, complained",
        "It's {} here.",
        "Hi, this is {} from the bank",
        "she is married to {}",
        "Please ask {} whether she has time",
        "remind {} about it",
        "@{} please have a look",
        "{}'s birthday is on Friday",
        "{}’s mother is ill",
        "we saw that {} and I left",
        "{}, who lives next door, saw it",
        "{}, 52, has a cough",
        "{} (34) was there",
        "{}, my manager, is away",
        "{} is our best friend",
        "then {} resigned",
        "yes, {} thinks so",
        "{} told me",
        "A: well\n{}: sorry, I was late",
    ],
)
@pytest.mark.parametrize("name", ["Wulan", "Tselmeg", "Şirin", "Rose", "Ji-woo"])
def test_who_a_text_introduces_is_somebody(text: str, name: str) -> None:
    assert _people(text.format(name)) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "Hello World!",
        "Dear Team,",
        "Dear Co-owner,",
        "Thanks, Hanoi!",
        "my colleague wrote to Wulan Ltd",
        "ask Wulan Bank",
        "Summarise: I like it",
        "Wulan is a town",
        "Wulan's harbour",
        "# Wulan, 2024",
        "import Wulan",
        "foo.Wulan said",
        "Wulan-based people said",
    ],
)
def test_others_are_left_to_the_network(text: str) -> None:
    assert _people(text) == []


def test_what_the_network_took_for_a_town_is_a_person() -> None:
    text = "Sorry Wulan, I missed that"
    assert introduced(text, [Tag(6, 11, "LOCATION", 0.7)], _class_of) == [Tag(6, 11, "PERSON", 0.7)]


def test_a_clear_firm_stays_one() -> None:
    text = "Thanks, Wulan!"
    assert introduced(text, [Tag(8, 13, "ORGANIZATION", 0.99)], _class_of) == [Tag(8, 13, "ORGANIZATION", 0.99)]


def test_firms_speak_too() -> None:
    text = "Wulan said that sales fell; my boss, Thuy, laughed"
    tags = [Tag(0, 5, "ORGANIZATION", 0.9), Tag(37, 41, "ORGANIZATION", 0.9)]
    assert [tag.entity for tag in introduced(text, tags, _class_of)] == ["ORGANIZATION", "PERSON"]


def test_a_longer_name_stays_as_it_is() -> None:
    text = "my colleague Wulan Sari and Ann"
    tags = [Tag(13, 23, "PERSON", 0.9), Tag(28, 31, "PERSON", 0.9)]
    assert introduced(text, tags, _class_of) == tags


def test_the_tagger_finds_them() -> None:
    text = "Congratulations Tselmeg!\nBolormaa's phone number is new."
    assert {text[one.start : one.end] for one in latin_tagger().find(text) if one.entity == "PERSON"} == {"Tselmeg", "Bolormaa"}
