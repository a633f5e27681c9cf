"""The journal follows an exchange and opens it in the log once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.database_log import DatabaseAuditLog
from gateway.audit.event import Outcome
from gateway.audit.journal import ExchangeJournal, NoJournal
from gateway.audit.keeper import Keeper
from gateway.audit.log import Entry
from gateway.audit.reader import read_exchanges
from gateway.audit.tenant_keys import TenantKeys
from gateway.errors import AuditUnavailable
from gateway.exchange import Decision, Exchange, Principal
from gateway.exchange.content import Content
from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.protocol.usage import Usage
from gateway.protocol.wire import Surface
from gateway.store.tables.content import KEPT
from tests.audit.keyrings import keyring_beside
from tests.store.databases import sqlite_at

RULES = EntityRules(OperatorKind.PLACEHOLDER)
OBLIGATIONS = Obligations(request=RULES, reply=RULES, restore=True, record_content=True)
ALLOWED = Decision(allow=True, rule="r", reason="ok", policy_version="v1", obligations=OBLIGATIONS)


async def intake() -> bytes:
    return b""


def exchange() -> Exchange:
    return Exchange(call_id="c-1", surface=Surface.CHAT, journal=NoJournal(), intake=intake)


async def test_before_the_record_nothing_can_be_committed() -> None:
    journal = NoJournal()
    journal.observe(exchange())
    with pytest.raises(AuditUnavailable):
        await journal.commit()


async def test_an_exchange_that_has_ended_is_not_opened_any_more(tmp_path: Path) -> None:
    """A call that others wait for outlives whoever began it, and is not made in that name."""
    log = DatabaseAuditLog(sqlite_at(tmp_path / "audit.db"))
    journal = ExchangeJournal(exchange(), log)
    log.append_soon(journal.completion(journal.record(Outcome.ABORTED)))
    with pytest.raises(AuditUnavailable, match="ended"):
        await journal.commit()
    await log.close()
    (row,) = read_exchanges(sqlite_at(tmp_path / "audit.db"), limit=10)
    assert row.record.outcome is Outcome.ABORTED


async def test_an_exchange_is_opened_once_with_what_is_known_by_then(tmp_path: Path) -> None:
    log = DatabaseAuditLog(sqlite_at(tmp_path / "audit.db"))
    journal = ExchangeJournal(exchange(), log)
    journal.observe(exchange().learn(decision=ALLOWED, deployment="first"))
    await asyncio.gather(journal.commit(), journal.commit())
    journal.observe(exchange().learn(decision=ALLOWED, deployment="second"))
    await journal.commit()
    await log.close()
    (row,) = read_exchanges(sqlite_at(tmp_path / "audit.db"), limit=10)
    assert (row.record.outcome, row.record.deployment) == (Outcome.INCOMPLETE, "first")
    assert row.record.decision is not None
    assert row.record.decision.rule == "r"
    timings = row.record.timings_ms
    assert timings.decided is not None
    assert (timings.committed, timings.first_event, timings.total) == (None, None, None)


async def test_the_final_record_has_the_latest_state(tmp_path: Path) -> None:
    log = DatabaseAuditLog(sqlite_at(tmp_path / "audit.db"))
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


class Memory:
    """A log that keeps entries in memory, and fails on demand."""

    healthy = True

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.fails = False

    async def append(self, entry: Entry) -> None:
        if self.fails:
            raise AuditUnavailable("no")
        self.entries.append(entry)

    def append_soon(self, entry: Entry) -> None:
        self.entries.append(entry)

    async def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
def keeper(tmp_path: Path) -> Keeper:
    return Keeper(TenantKeys(keyring_beside(tmp_path / "audit.db").tenant))


def allowed(**more: Any) -> Exchange:
    granted = replace(OBLIGATIONS, **more)
    return exchange().learn(decision=replace(ALLOWED, obligations=granted), principal=Principal(tenant="acme", id="bob"))


def journal_of(state: Exchange, keeper: Keeper | None) -> tuple[ExchangeJournal, Memory]:
    log = Memory()
    journal = ExchangeJournal(exchange(), log, keeper)
    journal.observe(state)
    return journal, log


def parts(entry: Entry) -> list[str]:
    return [str(row["part"]) for table, row in entry.beside if table is KEPT]


async def test_what_is_kept_goes_with_the_next_entry_and_only_once(keeper: Keeper) -> None:
    journal, log = journal_of(allowed(), keeper)
    await journal.keep(Content(request={"messages": ["<PERSON_1>"]}))
    await journal.commit()
    await journal.keep(Content(reply="<PERSON_1>"))
    final = journal.record(Outcome.COMPLETED)
    assert (parts(log.entries[0]), parts(journal.completion(final))) == (["request"], ["reply"])
    assert final.content is not None
    assert set(final.content) == {"request/0", "reply/0"}
    assert "request/0" in log.entries[0].body
    assert "reply/0" not in log.entries[0].body


async def test_what_an_opening_did_not_bring_to_rest_goes_with_the_completion(keeper: Keeper) -> None:
    journal, log = journal_of(allowed(), keeper)
    await journal.keep(Content(request={"messages": []}))
    log.fails = True
    with pytest.raises(AuditUnavailable):
        await journal.commit()
    assert parts(journal.completion(journal.record(Outcome.FAILED))) == ["request"]


@pytest.mark.parametrize("decision", [None, replace(ALLOWED, allow=False, obligations=None)])
async def test_without_leave_nothing_is_kept(keeper: Keeper, decision: Decision | None) -> None:
    journal, _ = journal_of(exchange().learn(decision=decision), keeper)
    await journal.keep(Content(reply="<PERSON_1>"))
    final = journal.record(Outcome.COMPLETED)
    assert (final.content, journal.completion(final).beside) == (None, ())


async def test_nothing_is_kept_where_policy_keeps_nothing(keeper: Keeper) -> None:
    journal, _ = journal_of(allowed(record_content=False), keeper)
    await journal.keep(Content(reply="<PERSON_1>"))
    assert journal.record(Outcome.COMPLETED).content is None


async def test_without_a_keeper_content_that_policy_keeps_is_an_outage() -> None:
    journal, _ = journal_of(allowed(), None)
    with pytest.raises(AuditUnavailable):
        await journal.keep(Content(request={}))
    await journal.keep(Content(missing="The reply is not kept (audit_unavailable)."))
    assert journal.record(Outcome.COMPLETED).content_missing == "The reply is not kept (audit_unavailable)."


@pytest.mark.parametrize("content", [Content(reply="half of a pair: \ud83d"), Content(request={"half": "\ud83d"})])
async def test_content_that_no_log_can_hold_is_refused_where_it_is_kept(keeper: Keeper, content: Content) -> None:
    journal, _ = journal_of(allowed(), keeper)
    with pytest.raises(AuditUnavailable) as refusal:
        await journal.keep(content)
    assert "half" not in str(refusal.value)
    assert refusal.value.__suppress_context__
    assert journal.record(Outcome.COMPLETED).content is None


async def test_a_conversation_that_is_known_late_is_on_the_final_record(keeper: Keeper) -> None:
    journal, _ = journal_of(allowed(), keeper)
    journal.belongs_to("conv_1")
    final = journal.record(Outcome.COMPLETED)
    assert (final.conversation, final.tenant) == ("conv_1", "acme")
