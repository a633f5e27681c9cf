"""Does what is to be done with uploaded files and older documents, in turns by tenant, beside the gateway's exchanges."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from gateway.audit.tenant_keys import TenantKeys
from gateway.errors import GatewayError, ProtectionUnavailable
from gateway.keys.data_key import TenantKey
from gateway.knowledge.formats.document import Document, Refused
from gateway.knowledge.ingest import Ingest, Kept, Target
from gateway.knowledge.protection import Protection
from gateway.knowledge.reading import Reader
from gateway.knowledge.rules import Rules
from gateway.knowledge.seeking import mark_sought, texts_of
from gateway.knowledge.uploads.files import content_of, drop_files, find_file, mark_processed
from gateway.knowledge.uploads.jobs import (
    LEASE,
    Job,
    ToScan,
    ToSeek,
    ToShelve,
    completed,
    due_stores,
    failed,
    has_due_files,
    hold,
    is_due,
    is_idle,
    take_up,
)
from gateway.knowledge.uploads.store_files import source_of
from gateway.knowledge.uploads.stores import retire_store
from gateway.knowledge.writing import unshelve
from gateway.store.database import Database

_log = logging.getLogger(__name__)
_EVERY = timedelta(seconds=30)
"""After which files are looked for that another process was given, and what is over is removed."""
_RENEW_S = LEASE.total_seconds() / 5


class OneReader:
    """The process that reads files, for several who need it: one file at a time."""

    def __init__(self) -> None:
        self._reader = Reader()
        self._turn = asyncio.Lock()

    async def read(self, name: str, data: bytes) -> Document:
        """Raises Refused and ProtectionUnavailable."""
        async with self._turn:
            return await self._reader.read(name, data)

    async def close(self) -> None:
        await self._reader.__aexit__(None, None, None)


class Worker:
    """`rules_of` are the rules for a tenant's documents, `seeking` those for what is only looked through. `nudge` says that
    there is something to do. `tidy` lets go of what memory holds of documents that are gone, whoever removed them. So often as
    `renew_s` says other gateways are told that a job is still being done: a long document's vectors take an hour to make. A
    `short` one does short files alone, which so wait for no long one.
    """

    def __init__(
        self,
        database: Database,
        keys: TenantKeys,
        reader: OneReader,
        ingest: Callable[[], Ingest],
        protection: Callable[[], Protection],
        rules_of: Callable[[str], Rules],
        seeking: Callable[[str], Rules],
        tidy: Callable[[], Awaitable[None]],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        renew_s: float = _RENEW_S,
        short: bool = False,
    ) -> None:
        self._database = database
        self._keys = keys
        self._reader = reader
        self._ingest = ingest
        self._protection = protection
        self._rules_of = rules_of
        self._seeking = seeking
        self._tidy = tidy
        self._clock = clock
        self._renew_s = renew_s
        self._short = short
        self._nudged = asyncio.Event()
        self._last = ""

    def nudge(self) -> None:
        self._nudged.set()

    async def follow(self) -> NoReturn:
        """Until it is cancelled. Trouble with one file is logged; raises what holds up all, and can be begun again."""
        while True:
            self._nudged.clear()
            await self.work()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._nudged.wait(), _EVERY.total_seconds())

    async def work(self) -> None:
        """All that there is to do now. Trouble with one file holds up no other."""
        while await self._some():
            pass

    async def _some(self) -> bool:
        """Whether more is left. There may be work for hours, and nothing that is over waits for its end."""
        began = self._clock()
        await asyncio.to_thread(self._clear)
        await self._tidy()
        while (job := await asyncio.to_thread(self._taken_up)) is not None:
            holding = asyncio.create_task(self._hold(job))
            try:
                await self._done(job)
            except (GatewayError, Refused) as trouble:
                _log.error("%s is not processed: %s", "a document" if isinstance(job, ToSeek) else "an uploaded file", trouble)
            finally:
                holding.cancel()
            if self._clock() - began >= _EVERY:
                return True
        return False

    async def _hold(self, job: Job) -> None:
        """Until it is cancelled. If it cannot be said, somebody else may begin too, and the last to end is who is obeyed."""
        while True:
            await asyncio.sleep(self._renew_s)
            with suppress(GatewayError):
                await asyncio.to_thread(self._held, job)

    async def _done(self, job: Job) -> None:
        match job:
            case ToScan():
                await self._scan(job)
            case ToShelve():
                await self._shelve(job)
            case ToSeek():
                await self._seek(job)

    async def _scan(self, job: ToScan) -> None:
        """A file that cannot be read was refused when it came, so what cannot be read now is a fault, and stays to be done."""
        name, data = await self._opened(job.tenant, job.file)
        if data is None:
            return
        document = await self._reader.read(name, data)
        texts = [name, document.title, *(block.text for block in document.blocks)]
        tags = await self._protection().mentioned(job.tenant, texts, self._seeking(job.tenant))
        await asyncio.to_thread(self._processed, job, tags)

    async def _seek(self, job: ToSeek) -> None:
        """Chunks that an older gateway made may hold values as they are, and nobody noted whose."""
        owner = await self._keys.of(job.tenant)
        texts = await asyncio.to_thread(self._chunks, owner, job.document)
        tags = await self._protection().mentions(job.tenant, list(texts.values()), self._seeking(job.tenant))
        await asyncio.to_thread(self._sought, job, dict(zip(texts, tags, strict=True)))

    async def _shelve(self, job: ToShelve) -> None:
        try:
            kept = await self._kept(job)
        except Refused as refused:
            await asyncio.to_thread(self._failed, job, refused.reason.value)
        except ProtectionUnavailable:
            await asyncio.to_thread(self._failed, job, None)
        else:
            if kept is None:  # the file went while it was put into the store
                await asyncio.to_thread(self._failed, job, None)
            else:
                await asyncio.to_thread(self._completed, job, kept)

    async def _kept(self, job: ToShelve) -> Kept | None:
        name, data = await self._opened(job.tenant, job.file)
        if data is None:
            return None
        target = Target(tenant=job.tenant, collection=job.store, labels=job.labels, rules=self._rules_of(job.tenant))
        return await self._ingest().put(target, source_of(job.file), name, data)

    async def _opened(self, tenant: str, file: str) -> tuple[str, bytes | None]:
        owner, now = await self._keys.of(tenant), self._clock()

        def opened() -> tuple[str, bytes | None]:
            with self._database.reading() as connection:
                found = find_file(connection, owner, file, now)
                return ("", None) if found is None else (found.name, content_of(connection, owner, file))

        return await asyncio.to_thread(opened)

    def _chunks(self, owner: TenantKey, document: str) -> Mapping[int, str]:
        with self._database.reading() as connection:
            return texts_of(connection, owner, document)

    def _sought(self, job: ToSeek, tags: Mapping[int, frozenset[bytes]]) -> None:
        with self._database.writing() as connection:
            mark_sought(connection, job.tenant, job.document, tags)

    def _taken_up(self) -> Job | None:
        with self._database.reading() as connection:
            if is_idle(connection, self._clock(), short=self._short):
                return None
        with self._database.writing() as connection:
            job = take_up(connection, self._clock(), self._last, short=self._short)
        if job is not None:
            self._last = job.tenant
        return job

    def _held(self, job: Job) -> None:
        with self._database.writing() as connection:
            hold(connection, job, self._clock())

    def _processed(self, job: ToScan, tags: frozenset[bytes]) -> None:
        with self._database.writing() as connection:
            mark_processed(connection, job.tenant, job.file, tags)

    def _failed(self, job: ToShelve, reason: str | None) -> None:
        with self._database.writing() as connection:
            failed(connection, job, reason)

    def _completed(self, job: ToShelve, kept: Kept) -> None:
        with self._database.writing() as connection:
            if not completed(connection, job, kept.document, kept.bytes):
                unshelve(connection, job.tenant, [kept.document], self._clock())

    def _clear(self) -> None:
        """Files and vector stores whose time is over."""
        now = self._clock()
        with self._database.reading() as connection:
            files, stores = has_due_files(connection, now), due_stores(connection, now)
        if files:
            with self._database.writing() as connection:
                drop_files(connection, is_due(now))
        for tenant, store in stores:
            with self._database.writing() as connection:
                retire_store(connection, tenant, store, now)
