"""Who speaks in a chat log, and what only looks like one."""

from __future__ import annotations

import pytest

from gateway.detection.taggers.latin.speakers import speakers
from gateway.detection.taggers.small import latin_tagger

_LISTED = {"lenka": 1, "rose": 9, "error": 8, "welcome": 8}


def _found(text: str) -> list[str]:
    return [text[tag.start : tag.end] for tag in speakers(lambda word: _LISTED.get(word, 0)).find(text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("<lenka> hi\n<duc88> yep", ["lenka", "duc88"]),
        ("[21:05] <@obi> gg\n[21:06] <t_ngo> close", ["obi", "t_ngo"]),
        ("[21:05:12] <obi> gg\n[21:06:40] <t_ngo> close", ["obi", "t_ngo"]),
        ("[09:14] huong: hi\n[09:15] bence: ok\n[09:16] huong: thx", ["huong", "huong"]),
        ("12:01 - lenka: hi\n12:02 - bence: ok", ["lenka", "bence"]),
        ("7:45 pm rose: hi\n7:46 pm rose: still there?", ["rose", "rose"]),
    ],
)
def test_who_speaks(text: str, names: list[str]) -> None:
    assert _found(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "<lenka> alone",
        "<td> one\n<tr> two\n<LI> three",
        "10:00 error: full\n10:01 error: full",
        "9:00 welcome: rolls\n9:30 keynote: what next\n10:00 panel: more",
        "10:00:01 sshd: up\n10:00:02 sshd: down",
        "<lenka>\n<duc88>\n",
        "lenka: 1\nduc: 2",
        "if a <b> c\nand d <e> f",
    ],
)
def test_nobody_speaks(text: str) -> None:
    assert _found(text) == []


def test_the_tagger_for_words_asks_its_own_lists() -> None:
    text = "[09:14] huong: can you send me the slides\n[09:15] marcus: sure, give me 5 min\n[09:21] huong: thx"
    found = {text[one.start : one.end] for one in latin_tagger().find(text)}
    assert {"huong", "marcus"} <= found


def test_the_work_grows_with_the_text_alone() -> None:
    assert _found("<a" * 50_000) == []
    assert _found("1:00 " + "x" * 100_000 + ":" + " " * 100_000) == []
