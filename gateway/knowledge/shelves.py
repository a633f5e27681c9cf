"""Which shelves somebody may see. It is asked before anything is looked for."""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, select

from gateway.knowledge.library import Question
from gateway.store.tables.knowledge import SHELVES


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


def written_labels(labels: frozenset[str]) -> str:
    return orjson.dumps(sorted(labels)).decode()


def read_labels(written: str) -> frozenset[str]:
    return frozenset(orjson.loads(written))
