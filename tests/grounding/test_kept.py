"""Which passages there were is kept as content is: sealed, as long as the exchange's content, and erased with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.assurance.erasure import Eraser
from gateway.assurance.retention import retire
from gateway.assurance.subjects import subject
from gateway.audit.database_log import DatabaseAuditLog
from gateway.audit.event import Outcome
from gateway.audit.journal import ExchangeJournal, NoJournal
from gateway.audit.keeper import Keeper
from gateway.audit.kept import read_content
from gateway.audit.reader import read_exchanges
from gateway.audit.tenant_keys import TenantKeys
from gateway.exchange import Exchange
from gateway.exchange.content import Content, Hit
from gateway.protocol.wire import Surface
from tests.grounding.conftest import ANN, Office, asking, empty, office

__all__ = ["empty", "office"]

DAY = timedelta(days=1)


async def recorded(office: Office, **rules: object) -> tuple[Hit, ...]:
    """What a grounded answer was given; its exchange is on the record afterwards."""
    await office.keep("Handbook", "Everybody has thirty days off a year, says Anna Schmidt.", labels=["team:desk"])
    log = DatabaseAuditLog(office.database)
    start = Exchange(call_id="c", surface=Surface.CHAT, journal=NoJournal(), intake=_intake, principal=ANN)
    journal = ExchangeJournal(start, log, Keeper(TenantKeys(office.keyring.tenant)))
    try:
        answer = await office.ask(asking("How many days off?"), beside=journal, **rules)  # type: ignore[arg-type]
        await journal.commit()
        await log.append(journal.completion(journal.record(Outcome.COMPLETED)))
    finally:
        await log.close()
    assert answer.exchange.grounding is not None
    return answer.exchange.grounding.hits


async def _intake() -> bytes:
    return b""


def kept(office: Office) -> Content:
    with office.database.reading() as connection:
        return read_content(connection, office.keyring, "c", ANN.tenant)


@pytest.mark.parametrize("commits", [True, False], ids=["by a model", "by the cache"])
async def test_what_policy_keeps_no_content_of_keeps_its_passages_sealed(office: Office, *, commits: bool) -> None:
    office.model.commits = commits
    (hit,) = await recorded(office, retention_days=30)
    assert kept(office) == Content(passages=(hit,))
    (row,) = read_exchanges(office.database, limit=10)
    assert row.record.grounding == (Hit(number=1, collection="default"),)
    assert list(row.record.content or ()) == ["passages/0"]
    told = row.record.to_json()
    assert not any(str(word) in told for word in (hit.chunk, hit.document, "team:desk", hit.score))


async def test_passages_go_when_the_time_of_their_exchange_is_over(office: Office) -> None:
    """By the policy as it was in view of what was found."""
    first = (await office.ask(asking("Is it Anna Schmidt?"))).exchange.decision
    assert first is not None
    assert first.obligations is not None
    shorter = replace(first, obligations=replace(first.obligations, retention_days=1))
    await recorded(office, retention_days=30, second=lambda *_: shorter)
    retire(office.database, datetime.now(UTC) + 0.9 * DAY)
    assert kept(office).passages
    assert retire(office.database, datetime.now(UTC) + 1.1 * DAY).exchanges == 1
    assert kept(office) == Content()
    assert len(read_exchanges(office.database, limit=10)) == 1


async def test_who_is_erased_takes_along_which_passages_named_them(office: Office) -> None:
    await recorded(office, record_content=True)
    whom = subject(office.keyring, "bank", ["Anna Schmidt"])
    assert kept(office).passages
    assert (await Eraser(office.database, office.keyring).erase(whom, "cli:test")).exchanges == 1
    assert kept(office) == Content()
