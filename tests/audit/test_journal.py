"""The journal follows an exchange and opens it in the log once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.audit.event import Outcome
from gateway.audit.journal import ExchangeJournal, NoJournal
from gateway.audit.reader import read_exchanges
from gateway.audit.sqlite_log import SqliteAuditLog
from gateway.errors import AuditUnavailable
from gateway.exchange import Decision, Exchange
from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.protocol.usage import Usage
from gateway.protocol.wire import JsonObject, Surface

RULES = EntityRules(OperatorKind.PLACEHOLDER)
ALLOWED = Decision(
    allow=True,
    rule="r",
    reason="ok",
    policy_version="v1",
    obligations=Obligations(request=RULES, reply=RULES, restore=True, record_content=True),
)


async def intake() -> bytes:
    return b""


def exchange() -> Exchange:
    return Exchange(call_id="c-1", surface=Surface.CHAT, journal=NoJournal(), intake=intake)


async def test_before_the_record_nothing_can_be_committed() -> None:
    journal = NoJournal()
    journal.observe(exchange())
    with pytest.raises(AuditUnavailable):
        await journal.commit()


async def test_an_exchange_is_opened_once_with_what_is_known_by_then(tmp_path: Path) -> None:
    log = SqliteAuditLog(tmp_path / "audit.db")
    journal = ExchangeJournal(exchange(), log)
    journal.observe(exchange().learn(decision=ALLOWED, deployment="first"))
    await asyncio.gather(journal.commit(), journal.commit())
    journal.observe(exchange().learn(decision=ALLOWED, deployment="second"))
    await journal.commit()
    await log.close()
    (row,) = read_exchanges(tmp_path / "audit.db", limit=10)
    assert (row.record.outcome, row.record.deployment) == (Outcome.INCOMPLETE, "first")
    assert row.record.decision is not None
    assert row.record.decision.rule == "r"
    timings = row.record.timings_ms
    assert timings.decided is not None
    assert (timings.committed, timings.first_event, timings.total) == (None, None, None)


async def test_the_final_record_has_the_latest_state(tmp_path: Path) -> None:
    log = SqliteAuditLog(tmp_path / "audit.db")
    journal = ExchangeJournal(exchange(), log)
    journal.observe(exchange().learn(decision=ALLOWED))
    await journal.commit()
    journal.deliver()
    journal.settle(Usage(output_tokens=7))
    final = journal.record(Outcome.COMPLETED, status=200)
    times = (final.timings_ms.decided, final.timings_ms.committed, final.timings_ms.first_event, final.timings_ms.total)
    assert None not in times
    assert list(times) == sorted(time for time in times if time is not None)
    assert final.usage.output_tokens == 7
    await log.close()


async def test_kept_content_is_a_copy_and_grows(tmp_path: Path) -> None:
    log = SqliteAuditLog(tmp_path / "audit.db")
    journal = ExchangeJournal(exchange(), log)
    journal.observe(exchange().learn(decision=ALLOWED))
    body: JsonObject = {"messages": ["<PERSON_1>"]}
    journal.keep(request=body)
    body["messages"][0] = "Alice"
    journal.keep(reply="<PERSON_1>")
    content = journal.record(Outcome.COMPLETED).content
    assert content is not None
    assert (content.request, content.reply) == ({"messages": ["<PERSON_1>"]}, "<PERSON_1>")
    await log.close()


async def test_content_that_no_log_can_hold_is_refused_where_it_is_kept(tmp_path: Path) -> None:
    log = SqliteAuditLog(tmp_path / "audit.db")
    journal = ExchangeJournal(exchange(), log)
    with pytest.raises(AuditUnavailable) as refusal:
        journal.keep(reply="half of a pair: \ud83d")
    assert "half" not in str(refusal.value)
    assert refusal.value.__suppress_context__
    await log.close()
