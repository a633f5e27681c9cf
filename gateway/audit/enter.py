"""Enters an act from a process without an event loop, beside gateways that may be writing to the same log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

from gateway.audit.act import Act, ActOutcome, Came, entry_of_act
from gateway.audit.entry_table import EntryTable, Fate
from gateway.errors import AuditUnavailable, GatewayError
from gateway.store.database import Database


@contextmanager
def entered(database: Database, act: Act) -> Iterator[Came]:
    """The act is on record as intended when the block begins, and as done, or failed, when it ends.

    Raises AuditUnavailable: before the block nothing was done; after it the act was, and stays on record as intended.
    """
    with closing(EntryTable(database)) as table:
        _enter(table, act)
        came = Came()
        try:
            yield came
        except BaseException as error:
            code = error.code if isinstance(error, GatewayError) else None
            _enter(table, act.ended(ActOutcome.FAILED, error_code=code))
            raise
        _enter(table, replace(act.ended(ActOutcome.DONE), result=came.result or act.result))


def enter_ended(database: Database, act: Act) -> None:
    """An act that changed nothing, entered when it has ended. Raises AuditUnavailable."""
    with closing(EntryTable(database)) as table:
        _enter(table, act)


def _enter(table: EntryTable, act: Act) -> None:
    if table.write([entry_of_act(act)]) != [Fate.DURABLE]:
        raise AuditUnavailable("The audit log cannot be written.")
