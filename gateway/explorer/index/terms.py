"""Under which terms an exchange is found, and which terms a filter asks for. Pure.

A term is 63 bits of SHA-256 over a field's name and a value: no table of words, so that gateways can index at the same time and
need not agree on numbers. Two values that share a term would only mix up lists: which tenants a viewer sees is compared with
the row itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache

from gateway.explorer.index.buckets import bucket, buckets_from
from gateway.explorer.index.filters import Filters
from gateway.explorer.index.row import Row

_FIELDS = (
    "tenant",
    "team",
    "principal",
    "model",
    "deployment",
    "outcome",
    "allow",
    "rule",
    "policy_version",
    "status",
    "error_code",
    "cache",
    "conversation",
    "version",
    "external",
)
"""Of `Row` and of `Filters` alike."""


@lru_cache(maxsize=4_096)
def term_of(field: str, value: object) -> int:
    """The same in every process and for good."""
    digest = hashlib.sha256(f"{field}\0{value}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def terms_of(row: Row) -> frozenset[int]:
    """Everything that a filter may ask of this exchange."""
    return frozenset(_terms_of(row))


def groups_of(filters: Filters) -> tuple[tuple[int, ...], ...]:
    """What an exchange must have: of each group at least one term."""
    return tuple(_groups_of(filters))


def _terms_of(row: Row) -> Iterator[int]:
    for field in _FIELDS:
        value = getattr(row, field)
        if value is not None:
            yield term_of(field, value)
    for entity in {one.entity for one in row.found}:
        yield term_of("entity", entity)
    if row.duration_ms is not None:
        yield term_of("duration", bucket(row.duration_ms))
    if row.response_id is not None:
        yield term_of("response", row.response_id)


def _groups_of(filters: Filters) -> Iterator[tuple[int, ...]]:
    for field in (*_FIELDS, "entity"):
        value = getattr(filters, field)
        if value is not None:
            yield (term_of(field, value),)
    if filters.tenants and filters.tenant is None:
        yield tuple(term_of("tenant", tenant) for tenant in sorted(filters.tenants))
    if filters.min_duration_ms is not None:
        yield tuple(term_of("duration", number) for number in buckets_from(filters.min_duration_ms))
