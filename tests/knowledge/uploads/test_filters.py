"""Filters by attributes, as OpenAI has them."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import MalformedBody
from gateway.knowledge.uploads.filters import filter_of
from gateway.knowledge.uploads.shapes import Attributes

FILE: Attributes = {"year": 2026, "team": "people", "draft": False, "copies": 1}


def one(kind: str, key: str, value: Any) -> dict[str, Any]:
    return {"type": kind, "key": key, "value": value}


@pytest.mark.parametrize(
    ("said", "keeps"),
    [
        (one("eq", "team", "people"), True),
        (one("ne", "team", "people"), False),
        (one("ne", "absent", "x"), True),
        (one("gt", "year", 2025), True),
        (one("lte", "year", 2025), False),
        (one("gt", "team", 1), False),
        (one("in", "team", ["law", "people"]), True),
        (one("nin", "team", ["law"]), True),
        (one("eq", "copies", True), False),
        (one("ne", "draft", 0), True),
        (one("in", "draft", [0, 1]), False),
        (one("nin", "copies", [True]), True),
        (one("eq", "copies", 1.0), True),
        ({"type": "and", "filters": [one("eq", "draft", False), one("gte", "year", 2026)]}, True),
        ({"type": "or", "filters": [one("eq", "draft", True), one("lt", "year", 2026)]}, False),
    ],
)
def test_filters(said: dict[str, Any], *, keeps: bool) -> None:
    assert filter_of(said)(FILE) is keeps


@pytest.mark.parametrize(
    "said",
    [
        "year",
        {},
        one("like", "team", "p"),
        one("gt", "year", "2"),
        one("eq", "year", [2026]),
        one("in", "year", [[2026]]),
        {"type": "and", "filters": []},
        {"type": "or", "filters": [one("eq", "year", number) for number in range(100)]},
        one("eq", "a", None),
    ],
)
def test_what_is_no_filter(said: object) -> None:
    with pytest.raises(MalformedBody):
        filter_of(said)


def test_no_filter_is_too_deep() -> None:
    said: dict[str, Any] = one("eq", "year", 2026)
    for _ in range(20):
        said = {"type": "and", "filters": [said]}
    with pytest.raises(MalformedBody):
        filter_of(said)
