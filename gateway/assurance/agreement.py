"""Whether keys and privacy budgets are as the acts on them left them, by the signed record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain

from gateway.audit.act_reader import read_all
from gateway.audit.verify import NotVerified
from gateway.dp import agreement as budgets
from gateway.dp.ledger import Ledger
from gateway.identity import agreement as holders
from gateway.identity.virtual_keys import KeyRecord
from gateway.store.database import Database


def require_agreement(database: Database, keys: Callable[[], Mapping[str, KeyRecord] | None]) -> int:
    """How many acts were compared with what is there. What the record itself is worth has to be known already; `keys` are read
    after the acts, which are entered as done after they were, and only where there are any on them. With None they cannot be
    read, and the acts on them are left out.

    What a run of training spends is entered before it is so: where it ended between the two readings, a second look knows.
    Raises NotVerified at the first that is otherwise, and AuditUnavailable.
    """
    compared, otherwise = _compared(database, keys)
    if otherwise is not None:
        compared, otherwise = _compared(database, keys)
    if otherwise is not None:
        raise NotVerified(otherwise)
    return compared


def _compared(database: Database, keys: Callable[[], Mapping[str, KeyRecord] | None]) -> tuple[int, str | None]:
    """How many acts, and the first that is otherwise."""
    try:
        on_keys, on_budgets = list(read_all(database, holders.ACTIONS)), list(read_all(database, budgets.ACTIONS))
    except ValueError:
        raise NotVerified("the record holds an act that this version cannot read") from None
    held = keys() if on_keys else None
    if held is None:
        on_keys = []
    found = chain(holders.disagreements(held or {}, on_keys), budgets.disagreements(Ledger(database), on_budgets))
    return len(on_keys) + len(on_budgets), next(found, None)
