from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.engines import Engines
from gateway.detection.recognizers.custom import REACH, custom_recognizer
from gateway.rules.detection import Checksum, DetectionRules, PatternRules, RecognizerRules, WordRules

BADGE = PatternRules(entity="BADGE", patterns=(r"\b[0-9]{5}\b",), score=0.6, context=frozenset({"badge", "工号"}))
STAFF = PatternRules(entity="STAFF_ID", patterns=("EMP-[0-9]{6}", r"\bS[0-9]{4}\b"), score=0.7)
PROJECT = WordRules(entity="PROJECT", words=frozenset({"Bluebird", "蓝鸟"}), score=1.0)
ALONE = Engines(standard=tuple)


def _found(rules: RecognizerRules, text: str) -> list[str]:
    """Through the engine, without built-in recognizers."""
    found = ALONE.analyze(text, rules=DetectionRules(recognizers=(rules,)), kept=(), check=lambda: None)
    return [text[one.start : one.end] for one in found]


@pytest.mark.parametrize(
    ("rules", "text", "found"),
    [
        (STAFF, "Ask EMP-204466 or S1234, not SS1234.", ["EMP-204466", "S1234"]),
        (STAFF, "员工EMP-204466与S1234已离职", ["EMP-204466", "S1234"]),
        (STAFF, "😀 ＥＭＰ-２０４４６６ e\u0301 EMP\u2011204466 EM\u200bP-20\u200b4466", ["ＥＭＰ-２０４４６６", "EMP\u2011204466", "EM\u200bP-20\u200b4466"]),
        (PROJECT, "Blue\u200bbird 与蓝\u200b鸟\r\nＢｌｕｅｂｉｒｄ", ["Blue\u200bbird", "蓝\u200b鸟", "Ｂｌｕｅｂｉｒｄ"]),
        (BADGE, "工号：40213", ["40213"]),
        (BADGE, "40213 is my badge", ["40213"]),
        (BADGE, "Badges: 40213, 40214", ["40213", "40214"]),
        (BADGE, "badger 40213, room 40214", []),
        (BADGE, f"badge{' ' * REACH}40213", ["40213"]),
        (BADGE, f"badge{' ' * (REACH + 1)}40213{' ' * (REACH + 1)}badge", []),
        (BADGE, "my badge .\n40213 .\nbadge", []),
        (BADGE, f"badge {'x' * 99} 40213 {'x' * 99} badge 40214", ["40214"]),
    ],
)  # fmt: skip
def test_what_is_found(rules: RecognizerRules, text: str, found: list[str]) -> None:
    assert _found(rules, text) == found


def test_a_checksum_drops_what_fails() -> None:
    rules = PatternRules(entity="MEMBER", patterns=("[0-9 ]{19}",), score=0.9, checksum=Checksum.LUHN)
    assert _found(rules, "4111 1111 1111 1111 and 4111 1111 1111 1112.") == ["4111 1111 1111 1111"]


def test_a_context_word_inside_the_value_speaks_for_it() -> None:
    rules = PatternRules(entity="BADGE", patterns=("badge-[0-9]{5}",), score=0.6, context=frozenset({"badge"}))
    assert _found(rules, "badge-40213") == ["badge-40213"]


def test_presidio_sees_an_ordinary_recognizer() -> None:
    (result,) = custom_recognizer(STAFF).analyze("S1234", ["STAFF_ID"])
    assert (result.entity_type, result.start, result.end, result.score) == ("STAFF_ID", 0, 5, 0.7)
    assert custom_recognizer(PROJECT).supported_entities == ["PROJECT"]


@pytest.mark.parametrize(
    ("rules", "value"), [(STAFF, "S1234"), (PROJECT, "蓝鸟"), (BADGE, "40213")], ids=["pattern", "list", "context"]
)
def test_a_lone_surrogate_is_a_character_as_any_other(rules: PatternRules | WordRules, value: str) -> None:
    assert _found(rules, "\ud800 工号 40213 S1234 蓝鸟 \udfff") == [value]
    assert _found(rules, "\ud800") == []


@given(st.text("a蓝鸟😀 \u200b０e\u0301", max_size=12), st.text("é蓝 \u200b\r\n", max_size=12))
def test_offsets_are_code_points_of_the_text_as_it_came(before: str, after: str) -> None:
    text = f"{before} EMP-204466 {after}"
    assert _found(STAFF, text) == ["EMP-204466"]
    assert "蓝鸟" in "".join(_found(PROJECT, f"{before}蓝鸟{after}"))


def test_a_value_over_the_border_of_two_pieces_is_found_whole() -> None:
    for shift in range(-12, 12):
        text = "x " * ((16_384 + shift) // 2) + "y" * (shift % 2) + "EMP-204466" + " z" * 9_000
        assert _found(STAFF, text) == ["EMP-204466"]


@pytest.mark.parametrize("piece", ["badge 40213 ", "40213 ", "badge ", "1", "工号", " .\n"])
def test_context_is_looked_for_in_linear_time(piece: str) -> None:
    recognizer = custom_recognizer(BADGE)

    def cost(text: str) -> float:
        costs = []
        for _ in range(3):
            start = time.process_time()
            recognizer.analyze(text, ["BADGE"])
            costs.append(time.process_time() - start)
        return min(costs)

    short = piece * (16_000 // len(piece))
    assert cost(short * 4) < 12 * cost(short)
