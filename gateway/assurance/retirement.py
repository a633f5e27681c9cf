"""Lets a running gateway erase what is due, every hour: of several gateways one does it. Each run that erases is an act."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from gateway.assurance.retention import due, retire
from gateway.assurance.rounds import claim
from gateway.audit.act import Act, Action, ActOutcome, entry_of_act, new_act
from gateway.audit.log import AuditLog
from gateway.errors import GatewayError
from gateway.keys.destruction import scrub
from gateway.store.database import Database

ROUND = "retention"
EVERY = timedelta(hours=1)
_LOOK_S = 300.0
WELL_S = EVERY.total_seconds() + 2 * _LOOK_S
"""A round that failed is not tried again before the next one is due."""
_ACTOR = "system:retention"


async def retire_hourly(
    database: Database, log: AuditLog, clock: Callable[[], datetime] = lambda: datetime.now(UTC), look_s: float = _LOOK_S
) -> None:
    """Until it is cancelled; looks every `look_s` seconds whether a round is due. Raises what a round raises, and can be
    begun again: no request has to wait for this.
    """
    while True:
        await retire_once(database, log, clock())
        await asyncio.sleep(look_s)


async def retire_once(database: Database, log: AuditLog, now: datetime) -> Act | None:
    """One round, if it is due and ours; the act, if there was anything to erase. Raises GatewayError.

    Where nothing is due it cleans up all the same: an earlier round may have erased and failed at that.
    """
    if not await asyncio.to_thread(claim, database, ROUND, EVERY, now):
        return None
    count = await asyncio.to_thread(due, database, now)
    if not count:
        await asyncio.to_thread(scrub, database)
        return None
    act = new_act(Action.RETENTION_RUN, actor=_ACTOR, note=f"{count} exchanges are due")
    await log.append(entry_of_act(act))
    try:
        retired = await asyncio.to_thread(retire, database, now)
    except GatewayError as error:
        await log.append(entry_of_act(act.ended(ActOutcome.FAILED, error_code=error.code)))
        raise
    done = replace(act.ended(ActOutcome.DONE), result=str(retired))
    await log.append(entry_of_act(done))
    return done
