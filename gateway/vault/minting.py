"""Writes new placeholders into a drawer, in the caller's transaction. Several gateways may do so at once.

Whoever writes into a drawer does so alone: in SQLite every writer is, and in Postgres a lock on the drawer sees to it. What
another gateway brought meanwhile is read under that lock. Unique constraints stand behind it: a number is given out once, and a
value has one first placeholder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

from sqlalchemy import Connection, func, select, update

from gateway.errors import ProtectionUnavailable
from gateway.keys.data_key import DataKey, TenantKey
from gateway.redaction.placeholders import HIGHEST_NUMBER, Key
from gateway.store.inserts import insert_into
from gateway.store.tables.content import DATA_KEYS
from gateway.store.tables.vault import VAULT, VAULT_ANSWERS, VAULT_NUMBERS
from gateway.vault.drawer import Drawer, context_of
from gateway.vault.found import Wanted
from gateway.vault.moments import Moments

_BATCH = 500


def lock(connection: Connection, drawer: Drawer) -> None:
    """Until this transaction ends, nobody else writes into this drawer; others go on."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(int.from_bytes(drawer.id[:8], signed=True))))


def mint(
    connection: Connection,
    drawer: Drawer,
    owner: TenantKey,
    missing: Sequence[tuple[Wanted, int]],
    literals: frozenset[Key],
    when: Moments,
) -> None:
    """A new placeholder for each of these values, in their order; none that is in `literals`.

    Raises ProtectionUnavailable where the numbers of a type are used up.
    """
    rows: list[tuple[DataKey, Mapping[str, object]]] = []
    for entity in dict.fromkeys(wanted.entity for wanted, _ in missing):
        own = [(wanted, nth) for wanted, nth in missing if wanted.entity == entity]
        numbers = _take(connection, drawer, entity, len(own), literals, when)
        for (wanted, nth), number in zip(own, numbers, strict=True):
            key = owner.new_data_key()
            rows.append((key, _row(drawer, wanted, nth, key, number, when)))
    if rows:
        connection.execute(VAULT.insert(), [dict(row) for _, row in rows])
        connection.execute(DATA_KEYS.insert(), [dict(key.row(when.now)) for key, _ in rows])


def refresh(connection: Connection, drawer: Drawer, tags: Sequence[bytes], when: Moments) -> None:
    """These values are in use: their time is set anew, where half of it is over."""
    own = VAULT.c.drawer == drawer.id
    for at in range(0, len(tags), _BATCH):
        old = own & VAULT.c.tag.in_(tags[at : at + _BATCH]) & (VAULT.c.expires_at < when.half)
        connection.execute(update(VAULT).where(old).values(expires_at=when.end))
    numbers = (VAULT_NUMBERS.c.drawer == drawer.id) & (VAULT_NUMBERS.c.expires_at < when.numbers_end)
    connection.execute(update(VAULT_NUMBERS).where(numbers).values(expires_at=when.numbers_end))


def bind_answer(connection: Connection, drawer: Drawer, answer: bytes, when: Moments) -> None:
    """An answer belongs to the conversation of this drawer."""
    row = {"answer": answer, "tenant": drawer.tenant, "drawer": drawer.id, "expires_at": when.end}
    insert = insert_into(connection, VAULT_ANSWERS).values(**row)
    connection.execute(insert.on_conflict_do_nothing())


def _take(
    connection: Connection, drawer: Drawer, entity: str, count: int, literals: frozenset[Key], when: Moments
) -> Sequence[int]:
    """So many new numbers of a type, ascending; nobody gets them again."""
    this = (VAULT_NUMBERS.c.drawer == drawer.id, VAULT_NUMBERS.c.entity == entity)
    last = connection.execute(select(VAULT_NUMBERS.c.last).where(*this)).scalar() or 0
    numbers = list(islice((n for n in range(last + 1, HIGHEST_NUMBER + 1) if (entity, n) not in literals), count))
    if len(numbers) < count:
        raise ProtectionUnavailable("The vault has no numbers left for this type.")
    row = {"drawer": drawer.id, "entity": entity, "tenant": drawer.tenant, "last": numbers[-1], "expires_at": when.numbers_end}
    insert = insert_into(connection, VAULT_NUMBERS).values(**row)
    connection.execute(insert.on_conflict_do_update(index_elements=["drawer", "entity"], set_={"last": numbers[-1]}))
    return numbers


def _row(drawer: Drawer, wanted: Wanted, nth: int, key: DataKey, number: int, when: Moments) -> Mapping[str, object]:
    plain = wanted.value.encode("utf-8", "surrogatepass")
    return {
        "drawer": drawer.id,
        "entity": wanted.entity,
        "number": number,
        "tag": wanted.tag,
        "nth": nth,
        "tenant": drawer.tenant,
        "subject": wanted.subject,
        "key_id": key.id,
        "sealed": key.seal(plain, context_of(drawer, (wanted.entity, number))),
        "expires_at": when.end,
    }
