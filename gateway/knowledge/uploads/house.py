"""What keeps uploaded files and makes documents of them, joined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.audit.tenant_keys import TenantKeys
from gateway.knowledge.embedding import Embedder
from gateway.knowledge.ingest import Ingest
from gateway.knowledge.library import Library
from gateway.knowledge.protection import Protection
from gateway.knowledge.rules import Rules
from gateway.knowledge.uploads.keeping import Keeping
from gateway.knowledge.uploads.worker import OneReader, Worker
from gateway.store.database import Database


@dataclass(frozen=True, slots=True)
class Uploads:
    """`protection` knows the types of the policy in force, `rules_of` what it says of a tenant's documents. Of the workers one
    does all that there is to do, and the other short files alone: a long one holds up none of them.
    """

    keeping: Keeping
    reader: OneReader
    worker: Worker
    short_worker: Worker
    library: Library
    protection: Callable[[], Protection]
    rules_of: Callable[[str], Rules]

    def nudge(self) -> None:
        """There is something to do."""
        self.worker.nudge()
        self.short_worker.nudge()


def open_uploads(
    database: Database,
    keys: TenantKeys,
    embedder: Embedder,
    library: Library,
    protection: Callable[[], Protection],
    rules_of: Callable[[str], Rules],
    seeking: Callable[[str], Rules],
) -> Uploads:
    """Nothing is started before it is needed. `seeking` are the rules for what is only looked through."""
    reader = OneReader()

    def ingest() -> Ingest:
        return Ingest(library, protection(), embedder, reader, keys)

    def worker(*, short: bool) -> Worker:
        return Worker(database, keys, reader, ingest, protection, rules_of, seeking, library.tidy, short=short)

    long, short = worker(short=False), worker(short=True)
    return Uploads(Keeping(database, keys), reader, long, short, library, protection, rules_of)
