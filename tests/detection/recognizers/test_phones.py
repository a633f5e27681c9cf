"""Telephone numbers before the word that says what they are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.detection.detect import PresidioDetector
from gateway.detection.recognizers.phones import phone_recognizers

Found = Callable[[str], list[str]]


@pytest.fixture(scope="module")
def found() -> Found:
    core = PresidioDetector(phone_recognizers())
    return lambda text: [text[f.start : f.end] for f in core.analyze(text)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("22 60 55 12 home\n917 44 203 mobile", ["22 60 55 12", "917 44 203"]),
        ("Carla, 6135550190 cell, 6135550111 fax.", ["6135550190", "6135550111"]),
        ("ask on 5550147 (work) today", ["5550147"]),
        ("55-98-28-96-Office", ["55-98-28-96"]),
        ("96 228011 - landline", ["96 228011"]),
        ("5550199 work or 5550123 home", ["5550199", "5550123"]),
    ],
)
def test_a_word_behind_says_what_a_number_is(found: Found, text: str, numbers: list[str]) -> None:
    assert found(text) == numbers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("his (305.555.0162), hers (07700 900431)", ["305.555.0162", "07700 900431"]),
        ("(0161 496 0123) (07700 900431)", ["0161 496 0123", "07700 900431"]),
        ("(+44 20 7946 0991) or (+1-415) 555-0199", ["+44 20 7946 0991", "(+1-415) 555-0199"]),
        ("((305) 555-0148)", ["(305) 555-0148"]),
        ("0421 555 01-0, 0421 555 01-99", ["0421 555 01-0", "0421 555 01-99"]),
    ],
)
def test_brackets_around_a_number_and_an_extension_of_one_digit(found: Found, text: str, numbers: list[str]) -> None:
    assert found(text) == numbers


@pytest.mark.parametrize(
    "text",
    [
        "score 021 14 30-1",
        "we closed 8812345 work items and 3120044 home games",
        "build 20240117 mobile",
        "order no. 5501234 home",
        "invoice #5501234 (office)",
        "2024-01-17 work, 17.01.2024 home",
        "12345678, phone is lost",
        "5501234 homes",
        "7481033 office chairs",
        "12345 fax",
        "we have 3000000 mobile",
        "sold 10 000 000 home",
    ],
)
def test_other_numbers_are_none(found: Found, text: str) -> None:
    assert found(text) == []
