"""Placeholders of earlier exchanges in a reply: asked for once, and put back for every way in which a text can be cut."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.redaction.operators import Pseudonyms
from gateway.redaction.placeholders import Key, PlaceholderMint
from gateway.redaction.recall import Recall
from gateway.redaction.restore import Restorer

STORED = {("PERSON", 1): "Ann", ("PERSON", 12): '李"娜', ("EMAIL_ADDRESS", 2): "a@x.org", ("PERSON", 3): "typed"}
HIGHEST = {"PERSON": 12, "EMAIL_ADDRESS": 2}
SHARDS = [
    "<",
    ">",
    "PERSON",
    "person",
    "_",
    "\\_",
    " ",
    "1",
    "2",
    "12",
    "01",
    "３",
    "EMAIL",
    "_ADDRESS",
    "x",
    "。",
    "&lt;",
    "&gt;",
]
SHARDS += [
    "<PERSON_1>",
    "<PERSON_12>",
    "< email address 2 >",
    "PERSON_1",
    "<PERSON_99>",
    "<PERSON_3>",
    "\\u003cPERSON_12\\u003e",
]


class Store:
    def __init__(self) -> None:
        self.asked: list[Key] = []

    async def fetch(self, keys: Collection[Key]) -> Mapping[Key, str]:
        self.asked += keys
        return {key: STORED[key] for key in keys if key in STORED}


def opened() -> tuple[Store, Recall]:
    store = Store()
    return store, Recall(HIGHEST, frozenset({("PERSON", 3)}), store.fetch)


async def restored(pieces: Sequence[str], *, json: bool = False) -> str:
    _, recall = opened()
    stream = Restorer({("PERSON", 7): "here"}, {"Maria Jones": "Zoë"}, recall).stream(json=json)
    said = ""
    for piece in pieces:
        await recall.learn(stream.unknown(piece))
        said += stream.feed(piece)
    await recall.learn(stream.unknown_at_end())
    return said + stream.finish()


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.sampled_from([*SHARDS, "<PERSON_7>", "Maria", " Jones"]), max_size=10).map("".join),
    st.lists(st.integers(0, 99), max_size=8),
    st.booleans(),
)
async def test_every_way_of_cutting_gives_the_whole(text: str, cuts: list[int], json: bool) -> None:
    _, recall = opened()
    whole = Restorer({("PERSON", 7): "here"}, {"Maria Jones": "Zoë"}, recall)
    await recall.learn(whole.unknown(text))
    edges = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    pieces = [text[a:b] for a, b in zip(edges, edges[1:], strict=False)]
    assert await restored(pieces, json=json) == whole.whole(text, json=json)


@pytest.mark.parametrize(
    ("said", "whole"),
    [
        ("Dear <PERSON_1>, mail < email address 2 > of ＜PERSON_１２＞", 'Dear Ann, mail a@x.org of 李"娜'),
        ("<PERSON_3> was typed, <PERSON_11> is nobody, <PERSON_13> was never given out", None),
        ("<PERSON_12>, <PERSON_1", '李"娜, <PERSON_1'),  # broken off: the other one may have been meant
        ("xPERSON_1 and person_1 are no placeholders, PERSON_1 is", "xPERSON_1 and person_1 are no placeholders, Ann is"),
    ],
)
async def test_what_comes_back(said: str, whole: str | None) -> None:
    assert await restored(list(said)) == (said if whole is None else whole)


async def test_each_is_asked_for_once_and_only_what_may_be_there() -> None:
    store, recall = opened()
    restorer = Restorer({("PERSON", 7): "here"}, {}, recall)
    for _ in range(2):
        await recall.learn(restorer.unknown("<PERSON_1> <PERSON_3> <PERSON_7> <PERSON_11> <PERSON_13> <PERSON_0> <CN_ID_1>"))
    assert sorted(store.asked) == [("PERSON", 1), ("PERSON", 11)]


async def test_what_was_recalled_is_on_the_record_as_an_original() -> None:
    _, recall = opened()
    pseudonyms = Pseudonyms(PlaceholderMint.holding(frozenset(), {"Bob": ("PERSON", 12)}, HIGHEST), recall=recall)
    await recall.learn(pseudonyms.restorer().unknown("<PERSON_1>, <PERSON_12>"))
    assert pseudonyms.originals == {"<PERSON_1>": "Ann", "<PERSON_12>": "Bob"}
    assert pseudonyms.apart(frozenset()).placeholders.mint("PERSON", "Cid") == "<PERSON_13>"


def test_an_empty_drawer_holds_nothing_back() -> None:
    store = Store()
    stream = Restorer({}, {}, Recall({}, frozenset(), store.fetch)).stream()
    assert (stream.unknown("<PERSON_1"), stream.feed("<PERSON_1"), stream.finish()) == (frozenset(), "<PERSON_1", "")
