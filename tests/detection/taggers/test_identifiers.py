"""What machines call things is nobody's name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.taggers.identifiers import outside_identifiers
from gateway.detection.taggers.sieve import Tag

COMMIT = "3f786850e387550fdab836ed7e6dc881de23001b"
UUID = "d8dcda2e-cf88-4018-b166-6b39f4c1ed75"


def left(text: str, value: str) -> list[str]:
    start = text.index(value)
    tags = outside_identifiers(text, [Tag(start, start + len(value), "LOCATION", 0.9)])
    return [text[tag.start : tag.end] for tag in tags]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (f"commit {COMMIT}", COMMIT[20:]),
        (f"commit {COMMIT}", COMMIT),
        (f"request {UUID} failed", "b166-6b39f4c1ed75"),
        ("see PROJ-5678 for more", "PROJ"),
        ("parcel 1Z999AA10123456784", "1Z999AA10123456784"),
        (
            "two: 1Z999AA10123456784\n1Z12345E0205271688\n1Z12345E6605272234",
            "1Z999AA10123456784\n1Z12345E0205271688\n1Z12345E6605272234",
        ),
        ("trace 4BF92F3577B34DA6A3CE929D0E0E4736", "A3CE929D0E0E4736"),
    ],
)
def test_what_lies_inside_one_is_dropped(text: str, value: str) -> None:
    assert left(text, value) == []


@pytest.mark.parametrize(
    "text", ["Flat 12B, 7 High Street, LS1 4AB", "deadbeef", "1234567", "Dr. Beade", "A-16 road", "7946 0958", "SW1A 1AA"]
)
def test_what_only_looks_a_little_like_one_stays(text: str) -> None:
    assert left(text, text) == [text]


def test_a_name_beside_one_is_cut_and_one_around_it_is_not() -> None:
    assert left(f"Leeds {COMMIT}", f"Leeds {COMMIT[:20]}") == ["Leeds"]
    address = "Depot PROJ-5678, 12 High Street"
    assert left(address, address) == [address]


def test_what_is_glued_to_a_name_counts_with_it() -> None:
    """The identifier goes on beyond the name: behind it, before it."""
    assert left("at cafe1234567 now", "cafe") == []
    assert left("at 1234567cafe now", "cafe") == []
    assert left("at AB-cafe1234567", "AB-cafe") == ["AB-"]


@given(st.text("ab1-A Z张", max_size=30), st.data())
def test_only_what_is_glued_to_a_name_can_matter(text: str, data: st.DataObject) -> None:
    """Looking around in all of a text says the same as looking where it can matter."""
    start = data.draw(st.integers(0, len(text)))
    tag = Tag(start, data.draw(st.integers(start, len(text))), "PERSON", 0.9)
    apart = f"{text[: tag.start]}\0{text[tag.start : tag.end]}\0{text[tag.end :]}"
    if tag.start < tag.end and not _is_glued(text, tag):
        moved = replace(tag, start=tag.start + 1, end=tag.end + 1)
        shifted = [replace(one, start=one.start - 1, end=one.end - 1) for one in outside_identifiers(apart, [moved])]
        assert list(outside_identifiers(text, [tag])) == shifted


def _is_glued(text: str, tag: Tag) -> bool:
    beside = text[tag.start - 1 : tag.start] + text[tag.end : tag.end + 1]
    return any(c.isascii() and (c.isalnum() or c == "-") for c in beside)
