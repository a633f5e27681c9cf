"""What may be kept of an answer that nobody gets."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.audit.journal import NoJournal
from gateway.errors import EntityBlocked
from gateway.exchange import Decision, Exchange, Principal
from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.protocol.wire import Surface
from gateway.redaction.overheard import masked, overheard
from gateway.redaction.redactor import Redactor
from tests.redaction.conftest import KnownValues

SAID = "<PERSON_1> writes to ada@example.org"


async def no_intake() -> bytes:
    return b""


def exchange(default: OperatorKind = OperatorKind.PLACEHOLDER, **facts: Any) -> Exchange:
    own = Obligations(request=EntityRules(default), reply=EntityRules(OperatorKind.KEEP), restore=True, **facts)
    decision = Decision(allow=True, rule="r", reason="", policy_version="1", obligations=own)
    caller = Principal(tenant="acme", id="app")
    return Exchange(
        call_id="c", surface=Surface.CHAT, journal=NoJournal(), intake=no_intake, principal=caller, decision=decision
    )


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return Redactor(KnownValues({"ada@example.org": "EMAIL_ADDRESS"}), b"k" * 32)


async def test_what_the_model_says_by_itself_is_masked_and_placeholders_stay(redactor: Redactor) -> None:
    content = await overheard(redactor, exchange(), SAID)
    assert content.reply is not None
    assert content.reply.startswith("<PERSON_1> writes to ")
    assert "ada@example.org" not in content.reply
    assert content.values == {"ada@example.org"}
    assert content.originals == {}


async def test_the_record_may_be_stricter_than_the_request(redactor: Redactor) -> None:
    record = EntityRules(OperatorKind.DROP)
    content = await overheard(redactor, exchange(record=record), SAID)
    assert content.reply == "<PERSON_1> writes to "


async def test_what_is_blocked_is_not_kept(redactor: Redactor) -> None:
    with pytest.raises(EntityBlocked):
        await overheard(redactor, exchange(OperatorKind.BLOCK), SAID)


async def test_an_empty_answer_leaves_nothing(redactor: Redactor) -> None:
    assert (await overheard(redactor, exchange(), "")).reply is None


def test_only_what_could_be_undone_is_changed() -> None:
    rules = masked(EntityRules(OperatorKind.PLACEHOLDER, {"A": OperatorKind.SURROGATE, "B": OperatorKind.DROP}))
    assert rules == EntityRules(OperatorKind.MASK, {"A": OperatorKind.MASK, "B": OperatorKind.DROP})
