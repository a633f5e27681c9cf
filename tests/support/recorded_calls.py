"""A real audit log, filled with exchanges that a real policy decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gateway.audit.database_log import DatabaseAuditLog
from gateway.audit.event import ExchangeRecord, Outcome, Timings
from gateway.audit.journal import NoJournal
from gateway.audit.log import Phase, entry_of
from gateway.audit.noting import record_of
from gateway.exchange import Decision, Exchange, FindingCount, Principal
from gateway.moments import utc_now
from gateway.obligations import OperatorKind
from gateway.policy.answer import Answer, answer
from gateway.policy.compile import CompiledPolicy
from gateway.protocol.facts import Facts
from gateway.protocol.usage import Usage
from gateway.protocol.wire import Surface
from tests.store.databases import sqlite_at

Decide = Callable[[CompiledPolicy, Principal, Facts], Decision]


@dataclass(frozen=True, kw_only=True)
class Call:
    """One exchange as it came in. `findings` is None where nobody got to look."""

    id: str
    who: str
    facts: Facts
    findings: Mapping[str, int] | None = field(default_factory=dict)
    team: str | None = None
    roles: frozenset[str] = frozenset()

    @property
    def principal(self) -> Principal:
        tenant, _, name = self.who.partition("/")
        return Principal(tenant=tenant, id=name, team=self.team, roles=self.roles)


def record_call(
    policy: CompiledPolicy, call: Call, opened_at: str | None = None, decide: Decide | None = None
) -> ExchangeRecord:
    """What the gateway's stages would leave on the record, up to the answer; with `decide`, of a call that nobody reads."""
    placed = policy.place(call.principal) or call.principal
    told = Answer(decide(policy, placed, call.facts)) if decide else answer(policy, placed, call.facts, call.findings)
    blocked = told.blocked
    exchange = Exchange(
        call_id=call.id,
        surface=Surface(call.facts.surface),
        journal=NoJournal(),
        intake=_nothing,
        principal=placed,
        facts=call.facts,
        stream=call.facts.stream,
        decision=told.decision,
        found=None if decide else _found(policy, call, placed),
        findings=tuple(_counted(entity, OperatorKind.BLOCK) for entity in blocked),
    )
    return record_of(
        exchange,
        opened_at=opened_at or utc_now(),
        outcome=Outcome.COMPLETED if told.lets_through else Outcome.DENIED,
        usage=Usage(),
        timings_ms=Timings(),
        error_code="entity_blocked" if blocked else None if told.lets_through else "policy_denied",
        status=200 if told.lets_through else 403,
    )


async def fill(path: Path, *records: ExchangeRecord) -> None:
    """Write them as the gateway does: opened, then completed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    log = DatabaseAuditLog(sqlite_at(path))
    for record in records:
        await log.append(entry_of(record, Phase.OPENED))
        log.append_soon(entry_of(record, Phase.COMPLETED))
    await log.close()


def _found(policy: CompiledPolicy, call: Call, placed: Principal) -> Mapping[str, int] | None:
    """Nobody looks for anything in a request that is denied at once."""
    first: Decision = answer(policy, placed, call.facts, None).decision
    return call.findings if first.allow else None


def _counted(entity: str, operator: OperatorKind) -> FindingCount:
    return FindingCount(entity=entity, operator=operator, recognizer="r", count=1, max_score=1.0)


async def _nothing() -> bytes:
    return b""
