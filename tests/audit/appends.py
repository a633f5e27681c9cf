"""What tests ask of a log on any database: to take an entry, whether it did, and how it stands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from gateway.audit.database_log import DatabaseAuditLog
from gateway.audit.log import Entry, Phase
from gateway.errors import AuditUnavailable


def entry(call_id: str, phase: Phase = Phase.OPENED, body: str = "{}") -> Entry:
    return Entry(call_id=call_id, phase=phase, at="2026-01-02T03:04:05.678Z", body=body)


def well(log: DatabaseAuditLog) -> bool:
    return log.healthy


async def outcome(log: DatabaseAuditLog, what: Entry) -> bool:
    """Whether the log took it."""
    try:
        await log.append(what)
    except AuditUnavailable:
        return False
    return True


async def eventually(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)
