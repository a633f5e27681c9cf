"""Adds files to a library: reads what has changed, protects it, and follows deletions.

Each document is durable by itself, so that what was cut short goes on where it was. A file that is refused is not in the
library afterwards, also where an earlier version of it was.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import orjson

from gateway.audit.tenant_keys import TenantKeys
from gateway.errors import EntityBlocked, InvalidRequest, UninspectableContent
from gateway.keys.data_key import TenantKey
from gateway.knowledge.chunks import OVERLAP, SIZE, Chunk, chunks
from gateway.knowledge.embedding import Embedder
from gateway.knowledge.formats.document import Block, Document, Refusal, Refused
from gateway.knowledge.library import Known, Library, NewDocument, Part, searched
from gateway.knowledge.protection import Protected, Protection
from gateway.knowledge.rules import Rules
from gateway.knowledge.sources import Source, read_source, root_of, sources

_VERSION = 1
"""Of how documents are read and cut: what another version made is made again."""
_PURPOSE = "knowledge/sources"

Advance = Callable[[int], None]
"""Told how many files more are done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where documents go. `rules` are the tenant's."""

    tenant: str
    collection: str
    labels: frozenset[str]
    rules: Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What came of it. `refused` names files as they were found; `chunks` counts those of what was added."""

    added: int = 0
    unchanged: int = 0
    removed: int = 0
    chunks: int = 0
    refused: tuple[tuple[Path, Refusal], ...] = ()

    def plus(self, other: Summary) -> Summary:
        return Summary(
            added=self.added + other.added,
            unchanged=self.unchanged + other.unchanged,
            removed=self.removed + other.removed,
            chunks=self.chunks + other.chunks,
            refused=self.refused + other.refused,
        )


@dataclass(frozen=True, slots=True)
class Kept:
    """A document that was put into the library, how many bytes of text it has there, and in how many chunks."""

    document: str
    bytes: int
    chunks: int


@dataclass(frozen=True, slots=True)
class _From:
    """Where a file comes from: `source` and `root` are keyed hashes, `place` is for people, `path` has its name."""

    source: bytes = field(repr=False)
    root: bytes = field(repr=False)
    place: str = field(repr=False)
    path: Path = field(repr=False)


class Reads(Protocol):
    async def read(self, name: str, data: bytes) -> Document:
        """Raises Refused and ProtectionUnavailable."""


class Ingest:
    def __init__(self, library: Library, protection: Protection, embedder: Embedder, reader: Reads, keys: TenantKeys) -> None:
        self._library = library
        self._protection = protection
        self._embedder = embedder
        self._reader = reader
        self._keys = keys

    async def add(self, target: Target, named: str, files: Sequence[Source], advance: Advance) -> Summary:
        """All that `found` gave for this name. What once came from there and is there no more is removed.

        Raises ProtectionUnavailable and AuditUnavailable; what was added until then stays.
        """
        marks = _Marks(await self._keys.of(target.tenant), target, self._embedder.model)
        known = await self._library.known(target.tenant, target.collection)
        summary, root, kept = Summary(), marks.of(root_of(named)), set[bytes]()
        for file in files:
            source = marks.of(str(file.path))
            try:
                summary = summary.plus(await self._file(target, file, marks, known.get(source)))
                kept.add(source)
            except Refused as refused:
                summary = summary.plus(Summary(refused=((file.path, refused.reason),)))
            advance(1)
        gone = [one.id for source, one in known.items() if one.root == root and source not in kept]
        return summary.plus(Summary(removed=await self._library.remove(target.tenant, gone)))

    async def _file(self, target: Target, file: Source, marks: _Marks, known: Known | None) -> Summary:
        """Raises Refused."""
        if file.refused is not None:
            raise Refused(file.refused)
        root, data = marks.of(file.root), await asyncio.to_thread(read_source, file.path)
        if known is not None and known.root != root and known.labels != target.labels:
            raise Refused(Refusal.ELSEWHERE)
        digest = marks.digest(data)
        if known is not None and known.root == root and known.digest == digest:
            return Summary(unchanged=1)
        kept = await self._put(target, _From(marks.of(str(file.path)), root, str(file.path), file.path), digest, data)
        return Summary(added=1, chunks=kept.chunks)

    async def put(self, target: Target, source: str, name: str, data: bytes) -> Kept:
        """One file that did not come from a folder; `source` is by what it is known again. Raises Refused."""
        marks = _Marks(await self._keys.of(target.tenant), target, self._embedder.model)
        mark = marks.of(source)
        return await self._put(target, _From(mark, mark, name, Path(name)), marks.digest(data), data)

    async def _put(self, target: Target, came: _From, digest: bytes, data: bytes) -> Kept:
        """Reads a file, protects what stands in it, and puts that into the library. Raises Refused."""
        document = await self._reader.read(came.path.name, data)
        texts = [document.title or came.path.stem, *(block.text for block in document.blocks)]
        try:
            protected = await self._protection.document(target.tenant, texts, target.rules)
        except (EntityBlocked, UninspectableContent):
            raise Refused(Refusal.BLOCKED) from None
        try:
            parts = await self._parts(document, protected)
            new = NewDocument(
                tenant=target.tenant,
                collection=target.collection,
                labels=target.labels,
                source=came.source,
                root=came.root,
                digest=digest,
                title=protected.texts[0],
                place=came.place,
                parts=parts,
            )
            return Kept(await self._library.put(new), sum(len(part.text.encode()) for part in parts), len(parts))
        except BaseException:
            await self._protection.let_go(target.tenant, protected.mentions)
            raise

    async def _parts(self, document: Document, protected: Protected) -> list[Part]:
        """The chunks, as they may be kept."""
        cut = await asyncio.to_thread(_cut, document.blocks, protected)
        title = protected.texts[0]
        vectors = await self._embedder.passages([searched(title, _section(chunk, title), chunk.text) for chunk in cut])
        return [
            Part(
                chunk.text,
                _section(chunk, title),
                chunk.page,
                _in_chunk(chunk, protected.mentions),
                vector,
                _in_chunk(chunk, protected.kept),
            )
            for chunk, vector in zip(cut, vectors, strict=True)
        ]


def mark_of(owner: TenantKey, place: str) -> bytes:
    """By what a document is known that came from here."""
    return _mark(owner.sub_key(_PURPOSE), place)


def _mark(key: bytes, place: str) -> bytes:
    return hmac.digest(key, b"place\0" + place.encode("utf-8", "surrogateescape"), "sha256")


class _Marks:
    """Keyed hashes by which files are known again: who has the database learns neither names nor contents from them."""

    def __init__(self, key: TenantKey, target: Target, model: str) -> None:
        self._key = key.sub_key(_PURPOSE)
        how = [_VERSION, SIZE, OVERLAP, model, sorted(target.labels)]
        self._recipe = hmac.digest(self._key, orjson.dumps(how) + target.rules.canonical(), "sha256")

    def of(self, place: str) -> bytes:
        return _mark(self._key, place)

    def digest(self, data: bytes) -> bytes:
        """Of what stands in a file, and of how it is treated."""
        return hmac.digest(self._key, b"digest\0" + self._recipe + data, "sha256")


def found(named: Sequence[str]) -> list[tuple[str, list[Source]]]:
    """The files under each name. Raises InvalidRequest for a name under which there is, and was, nothing to be found."""
    every = []
    for name in named:
        try:
            every.append((name, list(sources(name))))
        except FileNotFoundError:
            raise InvalidRequest(f"{name} leads to nothing: no file, no folder, and no pattern that fits one.") from None
    return every


def _cut(blocks: Sequence[Block], protected: Protected) -> list[Chunk]:
    pairs = zip(blocks, protected.texts[1:], strict=True)
    return list(chunks([Block(text, block.level, block.page, block.alone) for block, text in pairs]))


def _section(chunk: Chunk, title: str) -> str:
    """Less the title, which many documents have as their first heading."""
    return " > ".join(chunk.section[chunk.section[:1] == (title,) :])


def _in_chunk(chunk: Chunk, tags: Sequence[frozenset[bytes]]) -> frozenset[bytes]:
    """Whoever is named in the title is mentioned everywhere."""
    return tags[0].union(*(tags[at + 1] for at in chunk.blocks))
