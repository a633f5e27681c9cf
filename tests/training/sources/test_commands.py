"""Commands to an assistant as training reads them."""

from __future__ import annotations

import json
import random
import re

import pytest

from training.sources.commands import COMMANDS, commands


def read(*pieces: str) -> list[str]:
    """What becomes of one command, its pieces written as `slot:text` or as text."""
    data = [
        {"entity": slot, "text": text} if slot else {"text": text}
        for slot, _, text in (piece.rpartition(":") for piece in pieces)
    ]
    return list(commands(json.dumps({"Any": [{"data": data}]}).encode(), random.Random(0)))


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (("weather in ", "city:oslo", ", ", "country:Norway"), "weather in {L:oslo}, {C:Norway}"),
        (("add it to ", "playlist_owner:ann's", " ", "playlist:Quiet Morning"), "add it to {P:ann}'s Quiet Morning"),
        (("add it to ", "playlist_owner:My", " list"), "add it to My list"),
        (("Rate ", "object_name:The {Old} House", " five"), "Rate The (Old) House five"),
        (("a table at ", "restaurant_name: The Fig ", "please"), "a table at  {O:The Fig} please"),
    ],
)
def test_names_of_ours_are_marked_and_titles_are_not(pieces: tuple[str, ...], text: str) -> None:
    assert read(*pieces) == [text]


@pytest.mark.parametrize("slot", ["artist", "service", "poi", "party_size_description"])
def test_slots_that_may_hold_names_or_not_are_left_out(slot: str) -> None:
    assert read("play ", f"{slot}:whatever") == []


def test_files_are_of_one_commit_and_known_by_their_digests() -> None:
    assert re.fullmatch("[0-9a-f]{40}", COMMANDS.commit)
    assert len(COMMANDS.files) == 7
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in COMMANDS.files.values())
