"""Erasing goes by portions, with a breath between them: in SQLite nobody else writes meanwhile, and every request writes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection, func, select

from gateway.store.tables.content import KEPT

_Result = TypeVar("_Result")
_BYTES = 8_000_000
"""Sealed content in one transaction, some hundredths of a second on a common disk: what is deleted is overwritten."""
_BREATH_S = 0.01


def portion(connection: Connection, calls: Sequence[str]) -> Sequence[str]:
    """The first of these exchanges, each named once: at least one, and no more than have so much content together."""
    found = select(KEPT.c.call_id, func.sum(func.length(KEPT.c.sealed))).where(KEPT.c.call_id.in_(calls))
    sizes: dict[str, int] = {call: int(size) for call, size in connection.execute(found.group_by(KEPT.c.call_id))}
    chosen: list[str] = []
    total = 0
    for call in dict.fromkeys(calls):
        total += sizes.get(call, 0)
        if chosen and total > _BYTES:
            break
        chosen.append(call)
    return chosen


def paced(step: Callable[[], _Result], sleep: Callable[[float], None] = time.sleep) -> _Result:
    """Take the step; then leave the database to others for as long as it took."""
    began = time.monotonic()
    result = step()
    sleep(max(_BREATH_S, time.monotonic() - began))
    return result
