"""The audit log in SQLite: one writer thread, which writes all that waits in one transaction (group commit).

Syncing to the disk costs the same for one entry as for a hundred, so the busier the gateway, the less an entry costs.
Whoever waits for an entry is told the truth about that entry. An entry that nobody waits for, and that could not be
written, is owed: it is kept in memory and tried again until the disk takes it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from gateway.audit.log import Entry
from gateway.audit.sqlite_table import EntryTable, Fate
from gateway.errors import AuditUnavailable

_log = logging.getLogger(__name__)

_BATCH = 256


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An entry on its way, and who is to be told; nobody, for an entry that was appended soon."""

    entry: Entry
    told: asyncio.Future[Fate] | None = None


class SqliteAuditLog:
    """An AuditLog. Usable from several event loops; `append_soon` needs none.

    `capacity` entries may wait; `patience_s` seconds is how long one append waits for a stuck disk; every `retry_s`
    seconds a log in trouble tries whether it can write again, so that it recovers without traffic too.
    """

    def __init__(self, path: Path, *, capacity: int = 4096, patience_s: float = 5.0, retry_s: float = 1.0) -> None:
        """Raises AuditUnavailable when the file cannot be opened or is not an audit log that we can write."""
        self._path = path
        self._capacity = capacity
        self._patience_s = patience_s
        self._retry_s = retry_s
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._owed: deque[_Waiting] = deque()
        self._admission = threading.Lock()
        self._closed = False
        self._healthy = True
        self._table = EntryTable(path)
        self._open()
        self._thread = threading.Thread(target=self._run, name="audit-writer", daemon=True)
        self._thread.start()

    @property
    def healthy(self) -> bool:
        return self._healthy and not self._closed

    async def append(self, entry: Entry) -> None:
        told: asyncio.Future[Fate] = asyncio.get_running_loop().create_future()
        if not self._submit(_Waiting(entry, told)):
            raise AuditUnavailable("The audit log takes no more entries.")
        try:
            async with asyncio.timeout(self._patience_s):
                fate = await told
        except TimeoutError:
            self._healthy = False
            raise AuditUnavailable("The audit log did not answer in time.") from None
        if fate is not Fate.DURABLE:
            raise AuditUnavailable("The audit log cannot be written.")

    def append_soon(self, entry: Entry) -> None:
        if not self._submit(_Waiting(entry)):
            self._lost(entry)

    async def close(self) -> None:
        with self._admission:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _open(self) -> None:
        try:
            self._table.open()
        except AuditUnavailable:
            _log.error("the audit log %s cannot be opened: %s", self._path, self._table.trouble)
            raise

    def _submit(self, waiting: _Waiting) -> bool:
        with self._admission:  # nothing may enter the queue behind the mark that ends it
            if self._closed or self._queue.qsize() >= self._capacity:
                return False
            self._queue.put(waiting)
            return True

    # From here on: the writer thread.

    def _run(self) -> None:
        closing = False
        while not closing:
            batch, closing = self._gather()
            if batch:
                self._commit(batch)
            elif not self._owed and not self._healthy:
                self._note(well=self._table.probe())
            self._pay(even_if_unwell=not batch)
        for waiting in self._owed:
            self._lost(waiting.entry)
        self._table.close()

    def _gather(self) -> tuple[list[_Waiting], bool]:
        """All that waits, up to a batch, and whether the log closes. Empty when it is time to try again."""
        batch: list[_Waiting] = []
        with contextlib.suppress(Empty):
            waiting = self._queue.get(timeout=self._retry_s)
            while waiting is not None:
                batch.append(waiting)
                if len(batch) == _BATCH:
                    return batch, False
                waiting = self._queue.get_nowait()
            return batch, True
        return batch, False

    def _pay(self, *, even_if_unwell: bool) -> None:
        """Write what is owed, for as long as the disk takes it."""
        while self._owed and (self._healthy or even_if_unwell):
            even_if_unwell = False
            self._commit([self._owed.popleft() for _ in range(min(_BATCH, len(self._owed)))])

    def _commit(self, batch: Sequence[_Waiting]) -> None:
        fates = self._write([waiting.entry for waiting in batch])
        self._note(well=Fate.FAILED not in fates)
        told: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Fate], Fate]]] = {}
        for waiting, fate in zip(batch, fates, strict=True):
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
