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
    """`protection` knows the types of the policy in force, `rules_of` what it says of a tenant's documents."""

    keeping: Keeping
    reader: OneReader
    worker: Worker
    library: Library
    protection: Callable[[], Protection]
    rules_of: Callable[[str], Rules]


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

    worker = Worker(database, keys, reader, ingest, protection, rules_of, seeking, library.tidy)
    return Uploads(Keeping(database, keys), reader, worker, library, protection, rules_of)
