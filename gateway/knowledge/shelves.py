"""Which shelves somebody may see. It is asked before anything is looked for."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, select

from gateway.knowledge.library import Question
from gateway.store.tables.knowledge import CHUNKS, SHELVES

_BATCH = 500
_LABEL = re.compile(r"[^\s,\x00-\x1f]{1,200}")


@dataclass(frozen=True, slots=True)
class Shelf:
    """`length` counts the terms of all its chunks."""

    id: int
    labels: frozenset[str]
    chunks: int
    length: int
    revision: int


def permitted(connection: Connection, question: Question) -> list[Shelf]:
    """Those of the tenant whose labels are all among the caller's rights, and that hold something."""
    own = select(SHELVES).where(SHELVES.c.tenant == question.tenant, SHELVES.c.chunks > 0)
    if question.collections is not None:
        own = own.where(SHELVES.c.collection.in_(sorted(question.collections)))
    found = (
        Shelf(row.id, read_labels(row.labels), row.chunks, row.length, row.revision)
        for row in connection.execute(own.order_by(SHELVES.c.id))
    )
    return [shelf for shelf in found if shelf.labels <= question.rights]


def chunks_among(connection: Connection, shelves: Sequence[Shelf], documents: Collection[str]) -> frozenset[int]:
    """The chunks of these documents that stand on these shelves."""
    ordered, own = sorted(documents), CHUNKS.c.shelf.in_([shelf.id for shelf in shelves])
    found: set[int] = set()
    for at in range(0, len(ordered), _BATCH):
        some = CHUNKS.c.document.in_(ordered[at : at + _BATCH])
        found.update(connection.execute(select(CHUNKS.c.id).where(own, some)).scalars())
    return frozenset(found)


def is_label(text: str) -> bool:
    """Whether somebody can have this label: policy, teams and roles have words."""
    return _LABEL.fullmatch(text) is not None


def written_labels(labels: frozenset[str]) -> str:
    return orjson.dumps(sorted(labels)).decode()


def read_labels(written: str) -> frozenset[str]:
    return frozenset(orjson.loads(written))
