"""What the record says of those who look into it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing

from gateway.audit.act import Act
from gateway.audit.act_reader import read_acts
from gateway.store.database import open_existing
from tests.explorer.bank import Bank


def acts(bank: Bank, **facts: str) -> list[Act]:
    """Those of which these facts hold, oldest first."""
    with closing(open_existing(bank.gateway.settings.database())) as database:
        found = [row.act for row in reversed(read_acts(database, limit=2_000))]
    return [act for act in found if all(getattr(act, name) == fact for name, fact in facts.items())]


def until(true: Callable[[], bool]) -> None:
    """Wait for what another process or thread is about to do."""
    deadline = time.monotonic() + 15
    while not true():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)
