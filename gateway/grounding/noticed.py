"""Values that only the rules of a passage's reader found in it: the tenant's own rules let them stand in the document.

In the vault's scope `tenant` they get placeholders in the drawer that all share, and nothing would tell that they come from a
document that not everybody may see (see `gateway.grounding.nameable`). So before that they are noted as values of the passage,
and last as such: then they are named only for those who may see it, an erasure of the person reaches the passage, and they go
when the document goes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Set
from dataclasses import dataclass, field

from sqlalchemy import select

from gateway.errors import AuditUnavailable, ProtectionUnavailable
from gateway.exchange import Exchange, Grounding
from gateway.grounding.opened import RECOGNIZER
from gateway.keys.data_key import TenantKey
from gateway.keys.rows import insert_once
from gateway.knowledge.chunk_names import chunk_number
from gateway.obligations import OperatorKind
from gateway.redaction.put_together import placed_in
from gateway.redaction.redactor import Inspection
from gateway.store.database import Database
from gateway.store.tables.knowledge import CHUNKS, MENTIONS


@dataclass(frozen=True, slots=True)
class _Seen:
    """A value that is to get a placeholder, and the chunk that it stands in; None where the caller said it."""

    value: str = field(repr=False)
    chunk: int | None


class Noticed:
    """Raises ProtectionUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, exchange: Exchange, owner: TenantKey, inspection: Inspection) -> Collection[str]:
        """Such values. What the caller said as well is the caller's own."""
        if exchange.grounding is None or not exchange.grounding.hits or not inspection.passages:
            return ()
        seen = list(_seen(exchange.grounding, inspection))
        said = {one.value for one in seen if one.chunk is None}
        found = {one for one in seen if one.chunk is not None and one.value not in said}
        if found:
            rows = {(owner.tag(one.value), one.chunk) for one in found if one.chunk is not None}
            await asyncio.to_thread(self._note, owner.tenant, rows)
        return {one.value for one in found}

    def _note(self, tenant: str, rows: Set[tuple[bytes, int]]) -> None:
        try:
            missing = rows - self._noted(tenant, rows)
            if missing:
                self._written(tenant, missing)
        except AuditUnavailable:
            raise ProtectionUnavailable("Whose documents hold a value cannot be noted.") from None

    def _noted(self, tenant: str, rows: Set[tuple[bytes, int]]) -> Set[tuple[bytes, int]]:
        own = (MENTIONS.c.tenant == tenant, MENTIONS.c.tag.in_([tag for tag, _ in rows]))
        with self._database.reading() as connection:
            found = connection.execute(select(MENTIONS.c.tag, MENTIONS.c.chunk).where(*own)).all()
        return {(bytes(tag), chunk) for tag, chunk in found}

    def _written(self, tenant: str, rows: Set[tuple[bytes, int]]) -> None:
        chunks = {chunk for _, chunk in rows}
        with self._database.writing() as connection:
            there = set(connection.execute(select(CHUNKS.c.id).where(CHUNKS.c.id.in_(chunks))).scalars())
            if chunks - there:
                raise ProtectionUnavailable("A document was removed while its passages were used. Ask again.")
            for tag, chunk in sorted(rows):
                insert_once(connection, MENTIONS, {"tenant": tenant, "tag": tag, "chunk": chunk})


def _seen(given: Grounding, inspection: Inspection) -> Iterator[_Seen]:
    """All values that are to get placeholders, less those that the library had noted."""
    laid = placed_in(inspection.passages, inspection.slots, given.laid)
    chunks = [chunk_number(hit.chunk or "") for hit in given.hits]
    for at, (passage, own) in enumerate(zip(inspection.passages, inspection.judged, strict=True)):
        parts = laid[at].parts[: len(chunks)] if at in laid else ()
        for one in own:
            if one.verdict.operator is OperatorKind.PLACEHOLDER and one.finding.recognizer != RECOGNIZER:
                start, end = one.finding.start, one.finding.end
                inside = (chunk for (first, last), chunk in zip(parts, chunks, strict=False) if first <= start < last)
                yield _Seen(passage.text[start:end], next(inside, None))
