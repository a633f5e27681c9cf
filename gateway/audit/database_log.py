"""The audit log in a database: one writer thread, which writes all that waits in one transaction (group commit).

Syncing to a disk costs the same for one entry as for a hundred, so the busier the gateway, the less an entry costs.
Whoever waits for an entry is told the truth about that entry. An entry that nobody waits for is owed: it goes with the
next transaction, or by itself after a moment, and is kept in memory for as long as the database does not take it. A process
that is killed loses what it owes, at most `linger_s` seconds of completions. Where nothing comes the writer rests, and an owed
entry wakes it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from queue import Empty, SimpleQueue
from time import monotonic

from gateway.audit.checkpointer import Checkpointer
from gateway.audit.entry_table import EntryTable, Fate
from gateway.audit.log import Entry
from gateway.errors import AuditUnavailable
from gateway.store.database import Database

_log = logging.getLogger(__name__)

_BATCH = 256
_REST_S = 1.0


class _Word(Enum):
    """What the queue tells the writer beside entries: the log closes, or something is owed while it rests."""

    CLOSED = "closed"
    OWED = "owed"


@dataclass(slots=True)
class _Waiting:
    """An entry on its way, and who is to be told; nobody, for one that is owed. `fate` is known before they are told."""

    entry: Entry
    told: asyncio.Future[Fate] | None = None
    fate: Fate | None = None


class DatabaseAuditLog:
    """An AuditLog. Usable from several event loops; `append_soon` needs none.

    At most `capacity` entries wait, and as many are owed. `patience_s`: how many seconds one append waits for a database that
    is stuck; while it takes other entries, those behind them wait for their turn. `linger_s`: how long an owed entry waits for
    company. `retry_s`: how often a log in trouble tries whether it can write again, so that it recovers without traffic too.
    """

    def __init__(
        self,
        database: Database,
        *,
        capacity: int = 4096,
        patience_s: float = 5.0,
        linger_s: float = 0.05,
        retry_s: float = 1.0,
        checkpointer: Checkpointer | None = None,
    ) -> None:
        """Without a checkpointer the log is a tree that nobody signs.

        Raises AuditUnavailable when the database cannot be opened or holds no log that we can write.
        """
        self._capacity = capacity
        self._patience_s = patience_s
        self._linger_s = linger_s
        self._retry_s = retry_s
        self._checkpointer = checkpointer
        self._queue: SimpleQueue[_Waiting | _Word] = SimpleQueue()
        self._owed: deque[_Waiting] = deque()
        self._admission = threading.Lock()
        self._closed = False
        self._resting = False
        self._healthy = True
        self._moved = monotonic()
        self._table = EntryTable(database)
        self._open()
        self._thread = threading.Thread(target=self._run, name="audit-writer", daemon=True)
        self._thread.start()

    @property
    def healthy(self) -> bool:
        return self._healthy and not self._closed

    @property
    def unsigned(self) -> str:
        """Why no checkpoint can be signed at present; empty while all is well. Entries are durable all the same."""
        return self._checkpointer.trouble if self._checkpointer else ""

    async def append(self, entry: Entry) -> None:
        loop = asyncio.get_running_loop()
        told: asyncio.Future[Fate] = loop.create_future()
        waiting = _Waiting(entry, told)
        with self._admission:  # nothing may enter the queue behind the mark that ends it
            if self._closed or self._queue.qsize() >= self._capacity:
                raise AuditUnavailable("The audit log takes no more entries.")
            self._queue.put(waiting)
        asked = loop.call_later(self._patience_s, self._ask, waiting, told)
        try:
            fate = await told
        except TimeoutError:
            self._healthy = False
            raise AuditUnavailable("The audit log did not answer in time.") from None
        finally:
            asked.cancel()
        if fate is not Fate.DURABLE:
            raise AuditUnavailable("The audit log cannot be written.")

    def _ask(self, waiting: _Waiting, told: asyncio.Future[Fate]) -> None:
        """After so long: a busy loop may not have heard yet, and a writer that gets on with others has not come to this one."""
        left_s = self._moved + self._patience_s - monotonic()
        if told.done():
            return
        if waiting.fate is not None:
            told.set_result(waiting.fate)
        elif left_s > 0:
            told.get_loop().call_later(left_s, self._ask, waiting, told)
        else:
            told.set_exception(TimeoutError())

    def append_soon(self, entry: Entry) -> None:
        with self._admission:
            if not self._closed and len(self._owed) < self._capacity:
                self._owed.append(_Waiting(entry))  # without waking a writer that is at work: the next commit takes it along
                if self._resting:
                    self._resting = False
                    self._queue.put(_Word.OWED)
                return
        self._lost(entry)

    async def close(self) -> None:
        with self._admission:
            if not self._closed:
                self._closed = True
                self._queue.put(_Word.CLOSED)
        await asyncio.to_thread(self._thread.join)

    def _open(self) -> None:
        try:
            self._table.open()
        except AuditUnavailable:
            _log.error("the audit log in %s cannot be opened: %s", self._table.where, self._table.trouble)
            raise

    # From here on: the writer thread.

    def _run(self) -> None:
        closing, idle = False, False
        while not closing:
            batch, closing = self._gather(self._pause_s(idle=idle))
            idle = not batch and not self._owed
            if not idle:
                self._commit(batch)
            elif not self._healthy:
                self._note(well=self._table.probe())
            self._sign()
        while self._owed and self._healthy:
            self._commit([])
        for waiting in self._owed:
            self._lost(waiting.entry)
        self._sign(closing=True)
        self._table.close()

    def _pause_s(self, *, idle: bool) -> float:
        """How long to wait for an entry. After an idle turn nothing else is to be done, unless a checkpoint is due."""
        with self._admission:
            self._resting = idle and self._healthy and not self._owed
            if not self._resting:
                return self._linger_s if self._healthy else self._retry_s
        due_s = self._checkpointer.due_s() if self._checkpointer else None
        return _REST_S if due_s is None else min(due_s, _REST_S)

    def _gather(self, pause_s: float) -> tuple[list[_Waiting], bool]:
        """All that wait, up to a batch, and whether the log closes. Empty when it is time to write what is owed."""
        batch: list[_Waiting] = []
        with contextlib.suppress(Empty):
            waiting = self._queue.get(timeout=pause_s)
            while isinstance(waiting, _Waiting):
                batch.append(waiting)
                if len(batch) == _BATCH:
                    return batch, False
                waiting = self._queue.get_nowait()
            return batch, waiting is _Word.CLOSED
        return batch, False

    def _commit(self, batch: list[_Waiting]) -> None:
        """Write these, and some of what is owed; but a database in trouble is first tried with those that wait."""
        if self._healthy or not batch:
            batch = batch + [self._owed.popleft() for _ in range(min(_BATCH, len(self._owed)))]
        fates = self._write([waiting.entry for waiting in batch])
        self._note(well=Fate.FAILED not in fates)
        self._moved = monotonic()
        told: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Fate], Fate]]] = {}
        for waiting, fate in zip(batch, fates, strict=True):
            waiting.fate = fate
            if waiting.told is not None:
                told.setdefault(waiting.told.get_loop(), []).append((waiting.told, fate))
            elif fate is not Fate.DURABLE:
                self._owe(waiting, fate)
        for loop, answers in told.items():
            with contextlib.suppress(RuntimeError):  # that loop has ended, and with it all who waited
                loop.call_soon_threadsafe(_tell, answers)

    def _write(self, entries: Sequence[Entry]) -> list[Fate]:
        try:
            return self._table.write(entries)
        except Exception as error:  # noqa: BLE001  (a writer that dies would leave every later append without an answer)
            self._table.trouble = type(error).__name__
            self._table.close()
            return [Fate.FAILED] * len(entries)

    def _sign(self, *, closing: bool = False) -> None:
        if self._checkpointer is not None and (self._healthy or closing):
            self._checkpointer.follow(self._table, closing=closing)

    def _owe(self, waiting: _Waiting, fate: Fate) -> None:
        if fate is Fate.REFUSED or len(self._owed) >= self._capacity:
            self._lost(waiting.entry)
        else:
            self._owed.append(waiting)

    def _note(self, *, well: bool) -> None:
        if self._healthy and not well:
            _log.error("the audit log cannot be written: %s", self._table.trouble)
        if not self._healthy and well:
            _log.warning("the audit log can be written again")
        self._healthy = well

    def _lost(self, entry: Entry) -> None:
        self._healthy = False
        _log.error("an audit entry was lost: %s %s", entry.phase, entry.call_id)


def _tell(answers: Sequence[tuple[asyncio.Future[Fate], Fate]]) -> None:
    for told, fate in answers:
        if not told.done():
            told.set_result(fate)
