"""Signs checkpoints of the log as it grows. Trouble with signing is told, and never costs an entry."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from sqlalchemy import Connection, insert, select

from gateway.audit.checkpoint import handover_due, next_note, parsed, require_continuation
from gateway.audit.entry_table import EntryTable
from gateway.audit.ledger import stored_nodes
from gateway.audit.signing import KeyFile, Keys, SigningKey
from gateway.audit.verify import Checkpoint
from gateway.errors import AuditUnavailable, GatewayError
from gateway.moments import utc_now
from gateway.store.inserts import insert_into
from gateway.store.tables.ledger import CHECKPOINTS, VERIFIER_KEYS

_log = logging.getLogger(__name__)


class Checkpointer:
    """Follows one table, in the thread that writes to it.

    A checkpoint is due after `every_entries` entries, or `every_s` seconds after the first of fewer. `trouble` says why the
    last one could not be signed, and is empty while all is well.
    """

    def __init__(
        self,
        key_file: KeyFile,
        *,
        every_s: float = 60.0,
        every_entries: int = 1_000,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._key_file = key_file
        self._every_s = every_s
        self._every_entries = every_entries
        self._monotonic = monotonic
        self._held: Checkpoint | None = None
        self._tried = 0
        self._since: float | None = None
        self.trouble = ""

    def follow(self, table: EntryTable, *, closing: bool = False) -> None:
        """Sign if it is time. Never raises."""
        size, now = table.size, self._monotonic()
        if size == (self._held.size if self._held else 0):
            self._since = None
            return
        self._since = now if self._since is None else self._since
        if closing or size - self._tried >= self._every_entries or now - self._since >= self._every_s:
            self._tried, self._since = size, now
            self._sign(table)

    def due_s(self) -> float | None:
        """Seconds until a checkpoint is due though no more entries come; None while all are signed."""
        return None if self._since is None else max(0.0, self._since + self._every_s - self._monotonic())

    def _sign(self, table: EntryTable) -> None:
        try:
            self._held = sign(table, self._key_file, self._held)
        except GatewayError as error:
            self._note(error.message)
        except Exception as error:  # noqa: BLE001  (the thread that writes entries must live)
            self._note(f"The checkpoint failed: {type(error).__name__}.")
        else:
            self._note("")

    def _note(self, trouble: str) -> None:
        if trouble and trouble != self.trouble:
            _log.error("no checkpoint of the audit log can be signed: %s", trouble)
        if self.trouble and not trouble:
            _log.warning("checkpoints of the audit log can be signed again")
        self.trouble = trouble


def sign(table: EntryTable, key_file: KeyFile, held: Checkpoint | None = None) -> Checkpoint | None:
    """Sign the log as it stands, unless that is done; the last checkpoint, None of an empty log. Raises AuditUnavailable.

    Under the write lock, so that of several gateways none signs what another has not seen. `held` is what was signed last,
    as far as the caller knows: also a log that was exchanged as a whole is noticed then.
    """
    with table.locked() as (connection, tail):
        keys, last = key_file.load(), last_checkpoint(connection)
        if keys.previous is not None and last is not None and not handover_due(keys, last):
            key_file.replace(Keys(keys.current))
        for earlier in (last, held):
            require_continuation(earlier, tail.frontier, stored_nodes(connection))
        if tail.frontier.size == (last.size if last else 0):
            return last
        note = next_note(tail.frontier, keys, last)
        at = utc_now()
        connection.execute(insert(CHECKPOINTS).values(size=tail.frontier.size, at=at, note=note))
        key = insert_into(connection, VERIFIER_KEYS).values(vkey=str(keys.current.public), at=at)
        connection.execute(key.on_conflict_do_nothing())
    return parsed(note)


def rotate(table: EntryTable, key_file: KeyFile, fresh: SigningKey) -> None:
    """Put a new key in charge. It is in force with the next checkpoint, which the old key signs as well.

    Raises AuditUnavailable.
    """
    with table.locked() as (connection, _):
        unfinished = handover_due(key_file.load(), last_checkpoint(connection))
    if unfinished:
        sign(table, key_file)
    with table.locked() as (connection, _):
        keys = key_file.load()
        if handover_due(keys, last_checkpoint(connection)):
            raise AuditUnavailable("The last rotation waits for its first checkpoint.")
        key_file.replace(Keys(fresh, keys.current))


def last_checkpoint(connection: Connection) -> Checkpoint | None:
    """Raises AuditUnavailable where it is damaged."""
    query = select(CHECKPOINTS.c.note).order_by(CHECKPOINTS.c.size.desc()).limit(1)
    found = connection.execute(query).scalar_one_or_none()
    return None if found is None else parsed(str(found))
