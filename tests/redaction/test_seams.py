"""Values that two texts of a conversation share."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bench.inline import InlineDetector
from gateway.detection.detect import PresidioDetector
from gateway.detection.recognizers.registry import pattern_recognizers
from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.protocol.text_slots import read_slots
from gateway.redaction.passages import passages
from gateway.redaction.redactor import Redactor
from gateway.redaction.seams import seams

DETECTOR = InlineDetector(PresidioDetector(pattern_recognizers()))
RULES = Obligations(request=EntityRules(OperatorKind.PLACEHOLDER), reply=EntityRules(OperatorKind.KEEP), restore=True)


def _parts(*texts: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": [{"type": "text", "text": text} for text in texts]}]}


def _chat(*texts: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text} for text in texts]}


def _pages(body: dict[str, Any]) -> list[str]:
    return [page.text for page in seams(passages(read_slots(body)))]


async def _redacted(body: dict[str, Any]) -> tuple[str, str]:
    """What is sent, and what comes back of it."""
    redactor = Redactor(DETECTOR, bytes(32))
    redaction = await redactor.redact(await redactor.inspect(body, RULES), tenant="t")
    sent = json.dumps(redaction.body, ensure_ascii=False)
    return sent, redaction.pseudonyms.restorer().whole(sent, json=True)


@pytest.mark.parametrize("laid", [_parts, _chat])
@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Card number 4539148", "803436467, please."),
        ("我的手机号是1381234", "5678，谢谢。"),
        ("Write to jane.roe@exam", "ple.com today."),
        ("Write to jane.roe", "@example.com today."),
        ("My number is +44 20 7946", "0958."),
    ],
)
async def test_both_halves_of_a_cut_value_are_replaced_and_come_back(laid: Any, left: str, right: str) -> None:
    body = laid(left, right)
    sent, back = await _redacted(body)
    halves = left.rpartition(" ")[2].rpartition("是")[2], right.partition(" ")[0].strip(",.，谢。")
    assert not any(half in sent for half in halves)
    assert json.loads(back) == body


async def test_a_few_characters_of_a_value_are_not_hidden_wherever_they_stand() -> None:
    sent, _ = await _redacted(_parts("I am 13, and my number is 13", "812345678."))
    assert "I am 13," in sent
    assert "812345678" not in sent


async def test_what_lies_beside_the_border_is_read_in_its_own_text_alone() -> None:
    sent, _ = await _redacted(_parts("x" * 200 + " order 4539148803436467" + " y" * 40 + " 12345", "678 z"))
    assert "12345" in sent
    assert "678 z" in sent


@pytest.mark.parametrize(
    "body",
    [
        _parts("The number is 1381234!", "5678"),
        _parts("The number is 1381234 ", "5678"),
        _parts("version 1", "2 of 3"),
        _parts("thanks", "bob"),
        {"messages": [{"role": "user", "content": "1381234"}, {"role": "tool", "content": '{"a": "5678"}'}]},
        {"prompt": ["1381234", "5678901"]},
        {"messages": [{"role": "user", "content": "1381234"}], "user": "5678901"},
    ],
)
def test_texts_that_were_not_cut_are_not_joined(body: dict[str, Any]) -> None:
    assert _pages(body) == []


def test_only_what_is_near_the_border_is_read_again() -> None:
    assert _pages(_parts("a" * 500 + " 1381234", "5678 " + "b" * 500)) == ["a" * 92 + " 13812345678 " + "b" * 95]
