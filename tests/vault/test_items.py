"""Items of answers, on SQLite and on Postgres: read by whom they were given to, until their time is over or somebody is erased."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from sqlalchemy import delete, select, update

from gateway.errors import Unreadable
from gateway.store.tables.content import DATA_KEYS
from gateway.store.tables.vault import VAULT_ITEMS, VAULT_MENTIONS
from gateway.vault.items import Item
from gateway.vault.removal import VaultErasure, expire
from tests.vault.conftest import Clock, Gateway

HOUR = 3_600


async def keep(gateway: Gateway, *items: tuple[str, bytes], who: str = "app", tenant: str = "bank", whom: str = "") -> None:
    values = frozenset({whom} - {""})
    await gateway.vault.keep_items(tenant, who, {named: Item(plain, values) for named, plain in items}, HOUR)


async def read(gateway: Gateway, *ids: str, who: str = "app", tenant: str = "bank") -> Mapping[str, bytes]:
    found = await gateway.vault.items(tenant, who, ids, most_bytes=1_000_000)
    assert found is not None
    return found


async def test_another_process_reads_what_was_kept(start: Callable[[], Gateway]) -> None:
    await keep(start(), ("msg_1", b"one"), ("fc_1", b"two"))
    assert await read(start(), "msg_1", "fc_1", "msg_2") == {"msg_1": b"one", "fc_1": b"two"}


@pytest.mark.parametrize(("who", "tenant"), [("eve", "bank"), ("app", "shop")])
async def test_nobody_else_does(gateway: Gateway, who: str, tenant: str) -> None:
    await keep(gateway, ("msg_1", b"one"))
    assert await read(gateway, "msg_1", who=who, tenant=tenant) == {}
    await keep(gateway, ("msg_1", b"mine"), who=who, tenant=tenant)  # nor is an id of theirs one of his
    assert await read(gateway, "msg_1") == {"msg_1": b"one"}
    assert await read(gateway, "msg_1", who=who, tenant=tenant) == {"msg_1": b"mine"}


async def test_an_id_that_came_twice_names_neither(gateway: Gateway) -> None:
    await keep(gateway, ("msg_1", b"one"), whom="Ann Lee")
    await keep(gateway, ("msg_1", b"other"), ("msg_2", b"two"))
    assert await read(gateway, "msg_1", "msg_2") == {"msg_2": b"two"}


async def test_its_time_is_over(gateway: Gateway, clock: Clock) -> None:
    await keep(gateway, ("msg_1", b"one"), whom="Ann Lee")
    clock.pass_(minutes=59)
    assert expire(gateway.database, clock()) == 0
    assert await read(gateway, "msg_1")
    clock.pass_(minutes=1)
    assert await read(gateway, "msg_1") == {}
    assert expire(gateway.database, clock()) == 1
    assert [gateway.rows(table) for table in (VAULT_ITEMS, VAULT_MENTIONS, DATA_KEYS)] == [0, 0, 0]


async def test_whoever_is_erased_takes_along_the_items_that_mention_him(gateway: Gateway) -> None:
    await keep(gateway, ("msg_1", b"of Ann"), whom="Ann Lee")
    await keep(gateway, ("msg_2", b"of Bob"), whom="Bob")
    await keep(gateway, ("msg_1", b"of another Ann"), whom="Ann Lee", tenant="shop")
    tag = gateway.keyring.tenant("bank").tag("ann  lee")  # however it is written
    assert await VaultErasure(gateway.database).erase("bank", {tag}) == 1
    assert await VaultErasure(gateway.database).erase("bank", {tag}) == 0
    assert await read(gateway, "msg_1", "msg_2") == {"msg_2": b"of Bob"}
    assert await read(gateway, "msg_1", tenant="shop")
    assert [gateway.rows(table) for table in (VAULT_ITEMS, VAULT_MENTIONS, DATA_KEYS)] == [2, 2, 2]


async def test_so_does_a_tenant(gateway: Gateway) -> None:
    await keep(gateway, ("msg_1", b"one"), ("msg_2", b"two"), whom="Ann Lee")
    await keep(gateway, ("msg_1", b"one"), tenant="shop")
    assert await VaultErasure(gateway.database).erase("bank", None) == 2
    assert await read(gateway, "msg_1") == {}
    assert [gateway.rows(table) for table in (VAULT_ITEMS, VAULT_MENTIONS, DATA_KEYS)] == [1, 0, 1]


@pytest.mark.parametrize("changed", [True, False], ids=["changed", "moved"])
async def test_what_was_moved_or_changed_does_not_open(gateway: Gateway, changed: bool) -> None:
    await keep(gateway, ("msg_1", b"one"), ("msg_2", b"two"))
    with gateway.database.writing() as connection:
        one, other = connection.execute(select(VAULT_ITEMS.c.item, VAULT_ITEMS.c.sealed, VAULT_ITEMS.c.key_id)).all()
        own = VAULT_ITEMS.c.item == one.item
        if changed:
            sealed = bytes(one.sealed[:-1]) + bytes([one.sealed[-1] ^ 1])
            connection.execute(update(VAULT_ITEMS).where(own).values(sealed=sealed))
        else:
            connection.execute(delete(VAULT_ITEMS).where(VAULT_ITEMS.c.item == other.item))
            connection.execute(update(VAULT_ITEMS).where(own).values(sealed=other.sealed, key_id=other.key_id))
    with pytest.raises(Unreadable):
        await read(gateway, "msg_1", "msg_2")


async def test_no_more_is_opened_than_was_asked_for(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are measured sealed, so one that is hardly too large is so for good."""
    await keep(gateway, ("msg_1", b"a" * 1_000), ("msg_2", b"b" * 1_000))
    assert await gateway.vault.items("bank", "app", ["msg_1", "msg_2", "msg_3"], most_bytes=2_500)
    monkeypatch.setattr("gateway.vault.items.read", None)
    assert await gateway.vault.items("bank", "app", ["msg_1", "msg_2"], most_bytes=1_999) is None


async def test_many_are_read_at_once(gateway: Gateway) -> None:
    many = [(f"msg_{at}", str(at).encode()) for at in range(1_200)]
    await keep(gateway, *many)
    assert await read(gateway, *(named for named, _ in many)) == dict(many)
