from __future__ import annotations

import gc
import random
import re
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.recognizers.name_list import NameList


def _found(names: list[str], text: str, *, ignore_case: bool = False) -> list[str]:
    return [text[start:end] for start, end in NameList(names, ignore_case=ignore_case).find(text)]


@pytest.mark.parametrize(
    ("names", "text", "found"),
    [
        (["Ann"], "Ann, Annual, LeAnn, Ann1, 1Ann, Ann-Lee, (Ann)", ["Ann", "Ann", "Ann"]),
        (["Bluebird"], "Bluebird_v2 _Bluebird_ Bluebird蓝 蓝Bluebird", ["Bluebird"] * 4),
        (["Bluebird"], "BLUEBIRD bluebird", []),
        (["蓝鸟"], "用蓝鸟计划，蓝鸟蓝鸟蓝", ["蓝鸟", "蓝鸟", "蓝鸟"]),
        (["蓝鸟", "蓝鸟计划"], "蓝鸟计划与蓝鸟", ["蓝鸟计划", "蓝鸟"]),
        (
            ["Operation Teapot"],
            "Operation\r\n  Teapot, Operation_Teapot, OperationTeapot",
            ["Operation\r\n  Teapot", "Operation_Teapot"],
        ),
        (["Operation", "Operation Teapot"], "Operation Teapots", ["Operation"]),
        (["Alice Springs", "Springs Hotel"], "the Alice Springs Hotel", ["Alice Springs Hotel"]),
        (["Müller", "Zoë"], "Müller und Zoë.", ["Müller", "Zoë"]),
        ([".NET", "C++"], "C++ or .NET, C", ["C++", ".NET"]),
        (["蓝 Bird"], "蓝\u3000Bird 蓝Bird", ["蓝\u3000Bird"]),
        (["ab"], "", []),
        (["abc"], "ab", []),
    ],
)
def test_what_is_found(names: list[str], text: str, found: list[str]) -> None:
    assert _found(names, text) == found


@pytest.mark.parametrize("text", ["BLUEBIRD", "bluebird", "Bluebird"])
def test_any_case_on_request(text: str) -> None:
    assert _found(["BlueBird"], f"a {text} b", ignore_case=True) == [text]


def test_folding_case_moves_no_offset() -> None:
    """`İ` and `ß` would each become two letters."""
    assert _found(["Straße", "bird"], "İİ STRASSE Straße BIRD", ignore_case=True) == ["Straße", "BIRD"]


_NAMES = st.lists(
    st.text("aB 蓝鸟1", min_size=2, max_size=5).filter(lambda name: len(name.strip()) > 1), min_size=1, max_size=6
)


@given(_NAMES, st.text("aB 蓝鸟1_\n.", max_size=40), st.booleans())
def test_a_name_is_found_wherever_a_plain_search_finds_it(names: list[str], text: str, ignore_case: bool) -> None:
    """Every place that a look-around of `re` allows is covered, and nothing else is."""
    covered = set[int]()
    for name in names:
        core = r"[\s_]+".join(map(re.escape, name.split()))
        left = "(?<![A-Za-z0-9])" if name.split()[0][0].isascii() else ""
        right = "(?![A-Za-z0-9])" if name.split()[-1][-1].isascii() else ""
        for at in range(len(text)):
            match = re.compile(f"{left}{core}{right}", re.IGNORECASE if ignore_case else 0).match(text, at)
            covered.update(range(match.start(), match.end()) if match else ())
    spans = NameList(names, ignore_case=ignore_case).find(text)
    assert {place for start, end in spans for place in range(start, end)} == covered
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


def _names(many: int, seed: int = 1) -> list[str]:
    dice = random.Random(seed)
    latin = ["".join(dice.choices("abcdefgh", k=7)).title() for _ in range(many // 2)]
    return latin + ["".join(dice.choices("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳", k=4)) for _ in range(many // 2)]


def _cost(names: NameList, text: str) -> float:
    """Without the collector of cycles, which goes through all that other tests have left in memory."""
    costs = []
    gc.disable()
    for _ in range(3):
        start = time.process_time()
        names.find(text)
        costs.append(time.process_time() - start)
    gc.enable()
    return min(costs)


def test_five_thousand_names_take_linear_time() -> None:
    """Also in a text that is made of names, and of what nearly is one."""
    written = _names(5_000)
    names = NameList(written)
    for piece in (
        "".join(written[-40:]) + " ".join(written[:40]),
        "".join(n[:-1] for n in written[-80:]),
        "a quiet sentence. ",
    ):
        short = piece * (20_000 // len(piece))
        assert _cost(names, short * 4) < 12 * _cost(names, short)


def test_a_long_list_costs_little_more_than_a_short_one() -> None:
    text = "The quiet Abcdefgh met 甲乙 and 丙丁 on Monday. " * 400
    assert _cost(NameList(_names(20_000)), text) < 12 * _cost(NameList(_names(100)), text)
