"""Numbers that are somebody's: with surrogates they stay numbers on their way to the model and back, and with placeholders, which
are none, they become strings."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.redaction.bodies import BodyRestorer
from gateway.redaction.redactor import Redaction, Redactor
from gateway.redaction.restore import Restorer
from tests.redaction.conftest import KnownValues

MOBILE = 13812345678
CALL = {
    "messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": json.dumps({"to": MOBILE})}}]}]
}


async def redacted(body: dict[str, Any], operator: OperatorKind) -> Redaction:
    redactor = Redactor(KnownValues({str(MOBILE): "PHONE_NUMBER"}), b"k" * 32)
    rules = Obligations(request=EntityRules(operator), reply=EntityRules(OperatorKind.KEEP), restore=True)
    return await redactor.redact(await redactor.inspect(body, rules), tenant="t")


def arguments_of(redaction: Redaction) -> str:
    told: str = redaction.body["messages"][0]["tool_calls"][0]["function"]["arguments"]
    return told


async def test_in_arguments_a_surrogate_is_a_number_and_so_is_what_comes_back() -> None:
    redaction = await redacted(CALL, OperatorKind.SURROGATE)
    sent = arguments_of(redaction)
    assert isinstance(json.loads(sent)["to"], int)
    assert str(MOBILE) not in sent
    assert json.loads(redaction.pseudonyms.restorer().whole(sent, json=True)) == {"to": MOBILE}


async def test_in_fields_too() -> None:
    redaction = await redacted({"metadata": {"phone": MOBILE, "list": [float(MOBILE)]}, "user": "x"}, OperatorKind.SURROGATE)
    sent = redaction.body["metadata"]
    assert isinstance(sent["phone"], int)
    assert sent["list"] == [sent["phone"]]
    assert sent["phone"] != MOBILE
    back = BodyRestorer(redaction.pseudonyms.restorer(), json_content=False).restored({"arguments": sent, "n": 3}, {})
    assert back == {"arguments": {"phone": MOBILE, "list": [MOBILE]}, "n": 3}


@pytest.mark.parametrize("operator", [OperatorKind.PLACEHOLDER, OperatorKind.MASK, OperatorKind.HASH, OperatorKind.DROP])
async def test_what_is_no_number_is_a_string(operator: OperatorKind) -> None:
    assert isinstance(json.loads(arguments_of(await redacted(CALL, operator)))["to"], str)
    body = {"metadata": {"phone": MOBILE}}
    assert isinstance((await redacted(body, operator)).body["metadata"]["phone"], str)


def test_times_and_counts_of_an_answer_are_nobodys() -> None:
    bodies = BodyRestorer(Restorer({("PERSON", 1): "Ann"}, {"1795550142": "0301234567"}), json_content=False)
    counted = {
        "created": 1795550142,
        "usage": {"total_tokens": 1795550142, "prompt_tokens_details": {"cached_tokens": 1795550142}},
        "choices": [{"index": 1795550142}],
    }
    said = {"arguments": {"phone": 1795550142}, "note": {"usage": "by <PERSON_1>"}}
    restored = {"arguments": {"phone": "0301234567"}, "note": {"usage": "by Ann"}}
    assert bodies.restored({**counted, **said}, {}) == {**counted, **restored}


def test_only_a_whole_number_is_a_surrogate() -> None:
    """Times and counts of an answer may hold its digits."""
    bodies = BodyRestorer(Restorer({}, {"5550123": "7654321", "20255501": "+1 (202) 3"}), json_content=False)
    assert bodies.restored({"created": 1755501234, "n": 5550123, "to": 20255501, "ok": True}, {}) == {
        "created": 1755501234,
        "n": 7654321,
        "to": "+1 (202) 3",
        "ok": True,
    }
