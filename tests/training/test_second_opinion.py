"""Two opinions of the same tokens become one."""

from __future__ import annotations

import numpy as np
import pytest

from training.second_opinion import edged, joined
from training.tags import LABELS

TAGS = 1 + 4 * len(LABELS)


def single(label: str) -> int:
    """The tag of a name of one token."""
    return 4 * LABELS.index(label) + 4


def opinion(**scores: float) -> np.ndarray:
    """Of one token: 0 for O, these for names of one token, far below for all else."""
    row = np.full((1, TAGS), -9, np.float16)
    row[0, 0] = 0
    for label, score in scores.items():
        row[0, single(label)] = score
    return row


def best(told: np.ndarray) -> int:
    assert told.max() == 0
    return int(told.argmax())


def test_a_doubt_gives_way_and_a_certainty_does_not() -> None:
    person = np.array([single("PERSON")], np.int32)
    assert best(joined(opinion(PERSON=-1), person)) == single("PERSON")
    assert best(joined(opinion(PERSON=-4), person)) == 0


def test_no_name_speaks_a_little_against_one() -> None:
    nothing = np.zeros(1, np.int32)
    assert best(joined(opinion(PERSON=0.25), nothing)) == 0
    assert best(joined(opinion(PERSON=1), nothing)) == single("PERSON")


def test_a_place_speaks_for_an_address_too() -> None:
    told = joined(opinion(ADDRESS=-1, LOCATION=-3), np.array([single("LOCATION")], np.int32))
    assert best(told) == single("ADDRESS")


@pytest.mark.parametrize(
    ("text", "name"),
    [("the Netherlands", "Netherlands"), ("The Hague's", "Hague"), ("Ann’s", "Ann"), ("Theodor", "Theodor")],
)
def test_edges_are_where_we_put_them(text: str, name: str) -> None:
    start, end = edged(text, 0, len(text))
    assert text[start:end] == name
