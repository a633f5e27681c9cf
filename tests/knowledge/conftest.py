"""A library with everything around it, but for the recognizers and the model, which are stood in for by quick ones."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator, Container, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Table, func, select

from gateway.audit.tenant_keys import TenantKeys
from gateway.exchange import Finding
from gateway.keys.key_source import GivenKeys
from gateway.keys.keyring import Keyring
from gateway.keys.local import LocalMaster
from gateway.knowledge.database_library import DatabaseLibrary
from gateway.knowledge.embedding import Vector
from gateway.knowledge.ingest import Ingest, Summary, Target, found
from gateway.knowledge.library import Passage, Question
from gateway.knowledge.protection import Protection
from gateway.knowledge.reading import Reader
from gateway.knowledge.rules import Rules
from gateway.knowledge.terms import terms
from gateway.obligations import EntityRules, OperatorKind
from gateway.redaction.redactor import Redactor
from gateway.rules.detection import DetectionRules
from gateway.store.database import Database
from gateway.vault.vault import Vault
from tests.store.databases import database, database_url, postgres, sqlite

__all__ = ["database", "database_url", "postgres", "sqlite"]

MASTER = base64.b64encode(b"m" * 32).decode()
KINDS = {"PERSON": r"Anna Schmidt|Ben Weber|王小明|李娜", "EMAIL_ADDRESS": r"[a-z.]+@[a-z.]+", "SECRET": r"sk-[a-z0-9]{12,}"}
RULES = Rules(
    EntityRules(OperatorKind.PLACEHOLDER, {"SECRET": OperatorKind.BLOCK}), DetectionRules(tenant="bank", max_characters=1 << 62)
)


class Spotter:
    """A `Detector` that knows a few names."""

    async def detect(
        self, texts: Sequence[str], *, rules: DetectionRules = DetectionRules(), kept: Container[str] = frozenset()
    ) -> list[tuple[Finding, ...]]:
        return [tuple(self._found(text, kept)) for text in texts]

    def _found(self, text: str, kept: Container[str]) -> Iterator[Finding]:
        for entity, pattern in KINDS.items():
            if entity in kept:
                continue
            for match in re.finditer(pattern, text):
                yield Finding(entity=entity, start=match.start(), end=match.end(), score=1.0, recognizer="spotter")


class WordsInABag:
    """An `Embedder`: texts with the same terms lie in the same direction."""

    model = "bag"

    async def passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        return [self._made(text) for text in texts]

    async def question(self, text: str) -> Vector:
        return self._made(text)

    def _made(self, text: str) -> Vector:
        vector = np.full(64, 0.01, np.float32)
        for term, count in terms(text).items():
            vector[sum(term.encode()) % 64] += count
        return vector / float(np.linalg.norm(vector))


@dataclass
class House:
    """What one gateway has."""

    database: Database
    keys: TenantKeys
    keyring: Keyring
    library: DatabaseLibrary
    protection: Protection
    ingest: Ingest

    async def add(
        self,
        *paths: Path | str,
        tenant: str = "bank",
        labels: Sequence[str] = (),
        collection: str = "default",
        rules: Rules = RULES,
    ) -> Summary:
        target, total = Target(tenant=tenant, collection=collection, labels=frozenset(labels), rules=rules), Summary()
        for named, files in found([str(path) for path in paths]):
            total = total.plus(await self.ingest.add(target, named, files, lambda _: None))
        return total

    async def ask(
        self,
        text: str,
        *,
        tenant: str = "bank",
        rights: Sequence[str] = (),
        limit: int = 5,
        collections: Sequence[str] | None = None,
    ) -> tuple[Passage, ...]:
        plain = await self.protection.question(tenant, text, RULES)
        only = None if collections is None else frozenset(collections)
        return await self.library.search(Question(tenant, frozenset(rights), plain, limit, only))

    def rows(self, table: Table) -> int:
        with self.database.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    keyring = Keyring(database, LocalMaster(GivenKeys(MASTER, "The test")))
    keys, embedder = TenantKeys(keyring.tenant), WordsInABag()
    with closing(Vault(database, keys, budget_s=20.0)) as vault:
        library = DatabaseLibrary(database, keys, embedder, threshold=None)  # which was measured for another model
        protection = Protection(Redactor(Spotter(), b"p" * 32), vault, database, keys, KINDS)
        async with Reader() as reader:
            yield House(database, keys, keyring, library, protection, Ingest(library, protection, embedder, reader, keys))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "documents"
    made.mkdir()
    return made
