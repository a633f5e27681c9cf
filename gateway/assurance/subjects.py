"""Finds a person in what is kept, by keyed tags of their values: nobody's value is stored to be looked for.

A person may have several values: a name, a mail address, a phone number. They are found together. Whoever occurs in a call
occurs in its copy (`gateway.routing.shadow`) as well: that has what another model answered to the same words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, func, select

from gateway.assurance.exchanges import records_of_calls
from gateway.audit.event import ExchangeRecord
from gateway.audit.keeper import Part
from gateway.errors import InvalidRequest
from gateway.exchange import COPY
from gateway.keys.keyring import Keyring
from gateway.keys.sameness import normalised
from gateway.store.tables.content import KEPT, SUBJECTS

_BATCH = 200


@dataclass(frozen=True, slots=True)
class Subject:
    """A person, as far as a tenant's data goes. The tags tell nothing without the tenant's key; ValueError without any."""

    tenant: str
    tags: frozenset[bytes]

    def __post_init__(self) -> None:
        if not self.tags:
            raise ValueError("whoever has no tags would be taken for the whole tenant")

    @property
    def written(self) -> str:
        """The tags in one text that is the same for the same person."""
        return ",".join(sorted(tag.hex() for tag in self.tags))

    @property
    def name(self) -> str:
        """For the record: the beginnings of the tags."""
        return " ".join(sorted(f"tag:{tag.hex()[:16]}" for tag in self.tags))


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """An exchange in which the person occurs. `record` is None where the log has none that can be read."""

    call_id: str
    key_ids: frozenset[str]
    record: ExchangeRecord | None

    @property
    def has_originals(self) -> bool:
        return bool(self.key_ids)


def subject(keyring: Keyring, tenant: str, values: Sequence[str]) -> Subject:
    """Raises InvalidRequest where no value is given, or of a tenant of which nothing was ever kept; ProtectionUnavailable."""
    if not any(map(normalised, values)):
        raise InvalidRequest("Give a value to look for: a name, a mail address, a number.")
    if not keyring.knows(tenant):
        raise InvalidRequest("Nothing was ever kept of this tenant.")
    key = keyring.tenant(tenant)
    return Subject(tenant, frozenset(key.tag(value) for value in values if normalised(value)))


def count(connection: Connection, whom: Subject) -> int:
    """In how many exchanges the person occurs."""
    calls = select(func.count(SUBJECTS.c.call_id.distinct())).where(*_is(whom))
    copies = select(func.count()).select_from(_copies(whom, select(SUBJECTS.c.call_id + COPY).where(*_is(whom))).subquery())
    return sum(int(connection.execute(one).scalar_one()) for one in (calls, copies))


def find(connection: Connection, whom: Subject) -> Iterator[Occurrence]:
    """Every exchange in which the person occurs, in batches, in the order of the calls' ids; a copy stands before its call."""
    after = ""
    while calls := calls_of(connection, whom, after, _BATCH):
        yield from _occurrences(connection, whom, calls)
        after = calls[-1]


def calls_of(connection: Connection, whom: Subject, after: str, limit: int) -> list[str]:
    """The ids of so many calls in which the person occurs, with their copies. A copy comes first, and what has no tags of its
    own is found by its call alone: whoever erases these in turn, and stops, finds the rest again.
    """
    calls = select(SUBJECTS.c.call_id).distinct().where(*_is(whom), SUBJECTS.c.call_id > after)
    own = connection.execute(calls.order_by(SUBJECTS.c.call_id).limit(limit)).scalars().all()
    copies = set(connection.execute(_copies(whom, [call_id + COPY for call_id in own])).scalars())
    return [one for call_id in own for one in (call_id + COPY, call_id) if one == call_id or one in copies]


def keys_of(connection: Connection, whom: Subject, calls: Collection[str]) -> dict[str, set[str]]:
    """The data keys of the person's own values, by call."""
    query = select(SUBJECTS.c.call_id, SUBJECTS.c.key_id).where(
        *_is(whom), SUBJECTS.c.call_id.in_(calls), SUBJECTS.c.key_id != ""
    )
    found: dict[str, set[str]] = {}
    for call_id, key_id in connection.execute(query):
        found.setdefault(call_id, set()).add(key_id)
    return found


def _occurrences(connection: Connection, whom: Subject, calls: Sequence[str]) -> Iterator[Occurrence]:
    keys, records = keys_of(connection, whom, calls), records_of_calls(connection, calls)
    for call_id in calls:
        yield Occurrence(call_id=call_id, key_ids=frozenset(keys.get(call_id, ())), record=records.get(call_id))


def _copies(whom: Subject, names: Collection[str] | Select[str]) -> Select[str]:
    """Those of these copies whose content is kept, and to which no tags of their own lead. Originals in them are other
    people's, and stay: a copy that has nothing else left is done.
    """
    itself = select(SUBJECTS.c.call_id).where(*_is(whom), SUBJECTS.c.call_id == KEPT.c.call_id).exists()
    content = (KEPT.c.call_id.in_(names), KEPT.c.part != Part.ORIGINAL.value)
    return select(KEPT.c.call_id).distinct().where(*content, ~itself)


def _is(whom: Subject) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return SUBJECTS.c.tenant == whom.tenant, SUBJECTS.c.tag.in_(sorted(whom.tags))
