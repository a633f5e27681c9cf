"""Days with two digits for the year behind a word that says so, and as logs write them."""

from __future__ import annotations

import pytest

from gateway.detection.detect import PresidioDetector
from gateway.detection.recognizers.dates import date_recognizers

_CORE = PresidioDetector(date_recognizers())


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("DOB: 03/14/67", "03/14/67"),
        ("d.o.b. 14.3.67", "14.3.67"),
        ("admitted on 02-11-24 with pain", "02-11-24"),
        ("born 3 March 67 in", "3 March 67"),
        ("born 12-Mar-67", "12-Mar-67"),
        ("this 4th day of July 2022, between", "4th day of July 2022"),
        ("am 9. Dezember 2024", "9. Dezember 2024"),
        ("le 1er mars 2024", "1er mars 2024"),
        ("el 3 de marzo de 2024", "3 de marzo de 2024"),
        ("op 5 maart 2024", "5 maart 2024"),
        ("Date: Tue Mar 5 14:02:11 2024 +0100", "Tue Mar 5 14:02:11 2024"),
        ("on Tue Mar  5 14:02:11 UTC 2024", "Tue Mar  5 14:02:11 UTC 2024"),
    ],
)
def test_a_day_is_found(text: str, day: str) -> None:
    assert [(f.entity, text[f.start : f.end]) for f in _CORE.analyze(text)] == [("DATE_TIME", day)]


@pytest.mark.parametrize(
    "text", ["version 10.20.30", "score 03/14/67", "born in Room 10", "DOB: 45/67/89", "Tue 14:02:11 2024"]
)
def test_other_numbers_are_none(text: str) -> None:
    assert _CORE.analyze(text) == ()
