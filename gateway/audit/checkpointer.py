"""Signs checkpoints of the log as it grows. Trouble with signing is told, and never costs an entry.

A log that does not continue what was signed on this machine, in this process or before it, is not signed: whoever can write to
the database could otherwise cut its end off, with the checkpoints there, and have what is left signed as if it were all.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from sqlalchemy import Connection, insert, select

from gateway.audit.checkpoint import NotContinued, handover_due, next_note, note_of, parsed, require_continuation, signed_by
from gateway.audit.entry_table import EntryTable
from gateway.audit.held import HeldFile
from gateway.audit.ledger import Tail, stored_nodes
from gateway.audit.signing import KeyFile, Keys, SigningKey, new_key
from gateway.audit.verify import Checkpoint
from gateway.errors import AuditUnavailable, GatewayError
from gateway.moments import utc_now
from gateway.store.inserts import insert_into
from gateway.store.tables.ledger import CHECKPOINTS, VERIFIER_KEYS

_log = logging.getLogger(__name__)
_WAY_ON = "Nothing is signed until it is put back, or somebody says why (gateway audit resume) and starts this gateway anew."


class Checkpointer:
    """Follows one table, in the thread that writes to it.

    A checkpoint is due after `every_entries` entries, or `every_s` seconds after the first of fewer. `trouble` says why the
    last one could not be signed, or the next one will not be, and is empty while all is well.
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
        self._looked = False
        self._unkept = ""
        self._tried = 0
        self._since: float | None = None
        self.trouble = ""

    def follow(self, table: EntryTable, *, closing: bool = False) -> None:
        """Sign if it is time; at first see whether the log is the one that was signed before. Never raises."""
        if not self._looked:
            self._looked = True
            self._told(lambda: require_held(table, self._key_file))
        size, now = table.size, self._monotonic()
        if size == (self._held.size if self._held else 0) and not self.trouble:
            self._since = None
            return
        self._since = now if self._since is None else self._since
        due = size - self._tried >= self._every_entries or now - self._since >= self._every_s
        if closing or due or size < self._tried:  # a log that got shorter is looked at at once
            self._tried, self._since = size, now
            self._sign(table)

    def due_s(self) -> float | None:
        """Seconds until a checkpoint is due though no more entries come; None while all are signed."""
        return None if self._since is None else max(0.0, self._since + self._every_s - self._monotonic())

    def _sign(self, table: EntryTable) -> None:
        def signed() -> None:
            self._held = sign(table, self._key_file, self._held, unkept=self._not_kept)

        self._told(signed)

    def _not_kept(self, why: str) -> None:
        """Said once, not with each checkpoint."""
        if why != self._unkept:
            _tell_unkept(why)
        self._unkept = why

    def _told(self, work: Callable[[], None]) -> None:
        try:
            work()
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


def _tell_unkept(why: str) -> None:
    _log.warning("%s A log whose end is cut off while no gateway runs will not be noticed here.", why)


def sign(
    table: EntryTable, key_file: KeyFile, held: Checkpoint | None = None, *, unkept: Callable[[str], None] = _tell_unkept
) -> Checkpoint | None:
    """Sign the log as it stands, unless that is done; the last checkpoint, None of an empty log. Raises AuditUnavailable.

    Under the write lock, so that of several gateways none signs what another has not seen. What was signed on this machine lies
    beside the key, and is written there before the checkpoint is committed: the entries are committed already, so the log
    continues it in any case. A folder that nobody may write to, such as a mounted secret, costs no checkpoint: `unkept` is told
    why. `held` is what was signed last as far as the caller knows.
    """
    kept = HeldFile(key_file.path, table.place)
    with table.locked() as (connection, tail):
        keys, last = key_file.load(), last_checkpoint(connection)
        if keys.previous is not None and last is not None and not handover_due(keys, last):
            key_file.replace(Keys(keys.current))
        noted = _require_kept(kept, tail, connection)
        for earlier in (last, held):
            require_continuation(earlier, tail.frontier, stored_nodes(connection))
        if tail.frontier.size == (last.size if last else 0):
            if last is not None and last.size > (noted.size if noted else 0) and signed_by(last, keys.current):
                _keep(kept, note_of(last), unkept)
            return last
        note = next_note(tail.frontier, keys, last)
        _keep(kept, note, unkept)
        at = utc_now()
        connection.execute(insert(CHECKPOINTS).values(size=tail.frontier.size, at=at, note=note))
        key = insert_into(connection, VERIFIER_KEYS).values(vkey=str(keys.current.public), at=at)
        connection.execute(key.on_conflict_do_nothing())
    return parsed(note)


def require_held(table: EntryTable, key_file: KeyFile) -> None:
    """See that the log continues what was signed last on this machine. Raises NotContinued and AuditUnavailable."""
    with table.locked() as (connection, tail):
        _require_kept(HeldFile(key_file.path, table.place), tail, connection)


def let_go(table: EntryTable, key_file: KeyFile) -> None:
    """Forget what was signed on this machine, so that the log as it stands is signed on.

    Raises NotContinued where it contradicts even the last checkpoint of its own, and AuditUnavailable.
    """
    with table.locked() as (connection, tail):
        require_continuation(last_checkpoint(connection), tail.frontier, stored_nodes(connection))
        HeldFile(key_file.path, table.place).forget()


def rotate(table: EntryTable, key_file: KeyFile, fresh: SigningKey) -> None:
    """Put a new key in charge. It is in force with the next checkpoint, which the old key signs as well.

    Raises AuditUnavailable.
    """
    with table.locked() as (connection, tail):
        _require_kept(HeldFile(key_file.path, table.place), tail, connection)
        unfinished = handover_due(key_file.load(), last_checkpoint(connection))
    if unfinished:
        sign(table, key_file)
    with table.locked() as (connection, _):
        keys = key_file.load()
        if handover_due(keys, last_checkpoint(connection)):
            raise AuditUnavailable("The last rotation waits for its first checkpoint.")
        key_file.replace(Keys(fresh, keys.current))


def successor(table: EntryTable, key_file: KeyFile) -> tuple[SigningKey, bool]:
    """A new key under the log's own name, and whether a key of the file signed the last checkpoint, if there is one: only then
    does a handover lead to the new key. Not so where it was lost and another made in its place, maybe under another name.

    Raises AuditUnavailable.
    """
    with table.locked() as (connection, _):
        keys, last = key_file.load(), last_checkpoint(connection)
    if last is None:
        return new_key(keys.current.name), True
    return new_key(last.origin), any(signed_by(last, key) for key in (keys.current, keys.previous) if key is not None)


def last_checkpoint(connection: Connection) -> Checkpoint | None:
    """Raises AuditUnavailable where it is damaged."""
    query = select(CHECKPOINTS.c.note).order_by(CHECKPOINTS.c.size.desc()).limit(1)
    found = connection.execute(query).scalar_one_or_none()
    return None if found is None else parsed(str(found))


def _keep(kept: HeldFile, note: str, unkept: Callable[[str], None]) -> None:
    try:
        kept.write(note)
    except AuditUnavailable as error:
        unkept(error.message)


def _require_kept(kept: HeldFile, tail: Tail, connection: Connection) -> Checkpoint | None:
    """What was signed last on this machine. Raises NotContinued, with what is to be done, and AuditUnavailable."""
    try:
        earlier = kept.read()
        require_continuation(earlier, tail.frontier, stored_nodes(connection))
    except NotContinued as error:
        raise NotContinued(f"{error.message} {_WAY_ON}") from None
    return earlier
