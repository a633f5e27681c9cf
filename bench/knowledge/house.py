"""A library in a database of its own, with the real model and the real reader; personal data is not looked for here."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Container, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from gateway.audit.tenant_keys import TenantKeys
from gateway.exchange import Finding
from gateway.keys.key_source import GivenKeys
from gateway.keys.keyring import Keyring
from gateway.keys.local import LocalMaster
from gateway.knowledge.database_library import DatabaseLibrary
from gateway.knowledge.embedding import E5, Vector
from gateway.knowledge.ingest import Ingest, Target, found
from gateway.knowledge.protection import Protection
from gateway.knowledge.reading import Reader
from gateway.knowledge.rules import Rules
from gateway.obligations import EntityRules, OperatorKind
from gateway.redaction.redactor import Redactor
from gateway.rules.detection import DetectionRules
from gateway.store.database import Database, open_database
from gateway.vault.vault import Vault

TENANT = "bench"
_RULES = Rules(EntityRules(OperatorKind.PLACEHOLDER), DetectionRules(tenant=TENANT, max_characters=1 << 62))
_MASTER = base64.b64encode(b"b" * 32).decode()
Found: TypeAlias = list[tuple[Finding, ...]]


class Nothing:
    """A `Detector` that finds nothing."""

    async def detect(
        self, texts: Sequence[str], *, rules: DetectionRules = DetectionRules(), kept: Container[str] = ()
    ) -> Found:
        del rules, kept
        return [()] * len(texts)


@dataclass
class Remembering:
    """The model; a text that was asked once is not made into a vector again."""

    inner: E5
    model: str = E5.model
    _made: dict[str, Vector] = field(default_factory=dict)

    async def passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        return await self.inner.passages(texts)

    async def question(self, text: str) -> Vector:
        if text not in self._made:
            self._made[text] = await self.inner.question(text)
        return self._made[text]


@dataclass(frozen=True)
class House:
    database: Database
    keys: TenantKeys
    embedder: Remembering
    ingest: Ingest

    async def add(self, folder: Path, collection: str) -> None:
        target = Target(tenant=TENANT, collection=collection, labels=frozenset(), rules=_RULES)
        for named, files in found([str(folder)]):
            await self.ingest.add(target, named, files, lambda _: None)


@asynccontextmanager
async def opened(where: str) -> AsyncIterator[House]:
    """`where` is a URL, or the path of a file that is made."""
    database = open_database(where)
    keys = TenantKeys(Keyring(database, LocalMaster(GivenKeys(_MASTER, "The bench"))).tenant)
    with closing(database), closing(Vault(database, keys, budget_s=20.0)) as vault, closing(E5()) as model:
        embedder = Remembering(model)
        library = DatabaseLibrary(database, keys, embedder)
        protection = Protection(Redactor(Nothing(), b"b" * 32), vault, database, keys, ["PERSON"])
        async with Reader() as reader:
            yield House(database, keys, embedder, Ingest(library, protection, embedder, reader, keys))
