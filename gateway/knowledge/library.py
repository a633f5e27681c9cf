"""Where documents are kept and found: one protocol, so that any store with the same promises can stand behind it.

What a library is given is pseudonymised already. It may keep nothing that could be read without the tenant's key, and looks
only at what lies within the rights of whoever asks: neither the answer nor the time that it takes may depend on anything else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gateway.knowledge.embedding import Vector

COLLECTION = "default"


@dataclass(frozen=True, slots=True)
class Question:
    """`rights` are what the caller may see: a passage is found where all its labels are among them. `text` is pseudonymised.

    `collections`: None searches all of the tenant's. `documents`: None searches all that lie there.
    """

    tenant: str
    rights: frozenset[str]
    text: str = field(repr=False)
    limit: int = 5
    collections: frozenset[str] | None = None
    documents: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A found chunk; its texts are pseudonymised. `score` compares passages of one answer, and nothing else."""

    id: str
    document: str
    title: str = field(repr=False)
    section: str = field(repr=False)
    page: int | None
    labels: frozenset[str]
    text: str = field(repr=False)
    score: float


@dataclass(frozen=True, slots=True)
class Part:
    """A chunk that is to be kept. `mentions` are the tags of the people in it, as `TenantKey.tag` makes them. `kept` are tags
    of values that stand in it as they are: an erasure reaches the chunk by them; they say nothing of whom an answer may name.
    """

    text: str = field(repr=False)
    section: str = field(repr=False)
    page: int | None
    mentions: frozenset[bytes] = field(repr=False)
    vector: Vector = field(repr=False)
    kept: frozenset[bytes] = field(default=frozenset(), repr=False)

    def searched(self, title: str) -> str:
        """All that it is found by, in a document of this title."""
        return searched(title, self.section, self.text)


def searched(title: str, section: str, text: str) -> str:
    """What a chunk is found by: a paragraph often says only together with its headings what it is about."""
    return "\n".join(line for line in (title, section, text) if line)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDocument:
    """`source`, `root` and `digest` are keyed hashes; see `gateway.store.tables.knowledge`. `title` is pseudonymised, `place`,
    which only whoever runs the gateway is shown, is not.
    """

    tenant: str
    collection: str
    labels: frozenset[str]
    source: bytes = field(repr=False)
    root: bytes = field(repr=False)
    digest: bytes = field(repr=False)
    title: str = field(repr=False)
    place: str = field(repr=False)
    parts: Sequence[Part] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Known:
    """A document that is kept, as whoever adds files needs to know it."""

    id: str
    root: bytes = field(repr=False)
    digest: bytes = field(repr=False)
    labels: frozenset[str]


@dataclass(frozen=True, slots=True)
class Listed:
    """A document that is kept, for people. `added_at` is ISO 8601 in UTC."""

    id: str
    collection: str
    labels: frozenset[str]
    title: str = field(repr=False)
    place: str = field(repr=False)
    chunks: int
    added_at: str


class Library(Protocol):
    """Every method raises ProtectionUnavailable or AuditUnavailable where the store or a key cannot be used."""

    async def search(self, question: Question) -> tuple[Passage, ...]:
        """The best passages first."""

    async def known(self, tenant: str, collection: str) -> Mapping[bytes, Known]:
        """What is kept in a collection, by source."""

    async def put(self, document: NewDocument) -> str:
        """Durably, and in place of what was kept from the same source. Gives the id that it has from now on."""

    async def remove(self, tenant: str, documents: Collection[str]) -> int:
        """How many there were."""

    async def tidy(self) -> None:
        """Let go of what memory holds of documents that are gone."""

    async def documents(self, tenant: str) -> Sequence[Listed]: ...
