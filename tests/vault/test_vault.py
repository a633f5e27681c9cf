"""What a vault promises, on SQLite and on Postgres: one placeholder for a value, one value for a placeholder, in one drawer."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from gateway.errors import ProtectionUnavailable, Unreadable
from gateway.store.tables.content import DATA_KEYS
from gateway.store.tables.vault import VAULT, VAULT_NUMBERS
from gateway.vault import minting
from gateway.vault.removal import VaultErasure, expire
from tests.vault.conftest import Clock, Gateway

Start = Callable[[], Gateway]


async def test_a_value_keeps_its_placeholder_over_processes(start: Start) -> None:
    one, other = start(), start()
    drawer = one.drawer("conversation", "app", "c-1")
    first = await one.place(drawer, "Ann Lee", "Bob")
    again = await other.place(drawer, "Bob", "Cid")
    assert first.keys == {"Ann Lee": ("PERSON", 1), "Bob": ("PERSON", 2)}
    assert again.keys == {"Bob": ("PERSON", 2), "Cid": ("PERSON", 3)}
    assert again.highest == {"PERSON": 3}
    assert await other.vault.recall(drawer, [("PERSON", 1), ("PERSON", 9)]) == {("PERSON", 1): "Ann Lee"}


async def test_the_first_type_of_a_value_stays(gateway: Gateway) -> None:
    drawer = gateway.drawer("tenant")
    await gateway.place(drawer, "Paris")
    assert (await gateway.place(drawer, "Paris", entity="LOCATION")).keys == {"Paris": ("PERSON", 1)}


async def test_spellings_differ_and_come_back_as_they_were(gateway: Gateway) -> None:
    drawer, values = gateway.drawer("tenant"), ["Ann Lee", "ANN LEE", "张伟", "\ud800"]
    placed = await gateway.place(drawer, *values)
    recalled = await gateway.vault.recall(drawer, list(placed.keys.values()))
    assert {placed.keys[value]: value for value in values} == recalled


async def test_nothing_is_resolved_in_another_drawer(gateway: Gateway) -> None:
    """Another conversation, another principal's conversation of the same id, another tenant with all of the same names."""
    own = gateway.drawer("conversation", "app", "c-1")
    await gateway.place(own, "Ann Lee")
    others = [
        gateway.drawer("conversation", "app", "c-2"),
        gateway.drawer("conversation", "eve", "c-1"),
        gateway.drawer("conversation", "app", "c-1", tenant="globex"),
        gateway.drawer("principal", "app"),
        gateway.drawer("tenant"),
    ]
    for drawer in others:
        assert await gateway.vault.recall(drawer, [("PERSON", 1)]) == {}
    assert len({drawer.id for drawer in [own, *others]}) == 6


async def test_a_row_that_is_moved_does_not_open(gateway: Gateway) -> None:
    """Whoever can write in the database, and has no key, cannot have a value resolved elsewhere."""
    theirs, own = gateway.drawer("conversation", "app", "c-1"), gateway.drawer("conversation", "eve", "c-1")
    await gateway.place(theirs, "Ann Lee")
    with gateway.database.writing() as connection:
        connection.execute(update(VAULT).values(drawer=own.id))
    with pytest.raises(Unreadable):
        await gateway.vault.recall(own, [("PERSON", 1)])


async def test_a_typed_placeholder_is_given_to_nobody(gateway: Gateway) -> None:
    """Where it stands for a value already, the value has a second one for as long as somebody types the first."""
    drawer = gateway.drawer("tenant")
    assert (await gateway.place(drawer, "Ann", typed={("PERSON", 1)})).keys == {"Ann": ("PERSON", 2)}
    typed = {("PERSON", 2), ("PERSON", 3)}
    for _ in range(2):
        assert (await gateway.place(drawer, "Ann", typed=typed)).keys == {"Ann": ("PERSON", 4)}
    assert (await gateway.place(drawer, "Ann")).keys == {"Ann": ("PERSON", 2)}


async def test_what_is_known_is_only_read(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    drawer = gateway.drawer("tenant")
    await gateway.place(drawer, "Ann")
    monkeypatch.setattr(type(gateway.database), "writing", lambda _: pytest.fail("written"))
    assert (await gateway.place(drawer, "Ann")).keys == {"Ann": ("PERSON", 1)}


async def test_very_many_values(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than go into one statement."""
    monkeypatch.setattr(minting, "_BATCH", 7)
    monkeypatch.setattr("gateway.vault.lookup._BATCH", 5)
    drawer, values = gateway.drawer("tenant"), [f"p{at}" for at in range(33)]
    placed = await gateway.place(drawer, *values)
    assert [placed.keys[value][1] for value in values] == list(range(1, 34))
    assert (await gateway.place(drawer, *values)).keys == placed.keys
    assert len(await gateway.vault.recall(drawer, list(placed.keys.values()))) == 33


async def test_numbers_that_are_used_up_refuse(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minting, "HIGHEST_NUMBER", 2)
    drawer = gateway.drawer("tenant")
    await gateway.place(drawer, "Ann", "Bob")
    with pytest.raises(ProtectionUnavailable, match="no numbers left"):
        await gateway.place(drawer, "Cid")


# Time


async def test_an_entry_lives_as_long_as_it_is_used(gateway: Gateway, clock: Clock) -> None:
    drawer = gateway.drawer("tenant")
    await gateway.place(drawer, "Ann", "Bob")
    for _ in range(4):
        clock.pass_(days=20)
        assert (await gateway.place(drawer, "Ann")).keys == {"Ann": ("PERSON", 1)}
        expire(gateway.database, clock())
    assert await gateway.vault.recall(drawer, [("PERSON", 1), ("PERSON", 2)]) == {("PERSON", 1): "Ann"}
    assert (gateway.rows(VAULT), gateway.rows(DATA_KEYS)) == (1, 1)


async def test_what_expired_is_not_resolved_even_before_it_is_removed(gateway: Gateway, clock: Clock) -> None:
    drawer = gateway.drawer("tenant")
    await gateway.place(drawer, "Ann", ttl_s=60)
    clock.pass_(seconds=61)
    assert await gateway.vault.recall(drawer, [("PERSON", 1)]) == {}
    assert gateway.rows(VAULT) == 1


async def test_a_number_never_comes_again(gateway: Gateway, clock: Clock) -> None:
    """In what a backend remembers it may still stand for the one who is gone."""
    drawer = gateway.drawer("tenant")
    await gateway.place(drawer, "Ann", "Bob")
    clock.pass_(days=31)
    assert expire(gateway.database, clock()) == 2
    assert (await gateway.place(drawer, "Zed")).keys == {"Zed": ("PERSON", 3)}
    await VaultErasure(gateway.database).erase("bank", {gateway.keyring.tenant("bank").tag("Zed")})
    assert (await gateway.place(drawer, "Zed")).keys == {"Zed": ("PERSON", 4)}
    clock.pass_(days=400)
    expire(gateway.database, clock())
    assert (gateway.rows(VAULT), gateway.rows(VAULT_NUMBERS), gateway.rows(DATA_KEYS)) == (0, 0, 0)


# Erasure


async def test_a_person_is_erased_in_every_drawer(gateway: Gateway) -> None:
    """However the value was written; keys go with the entries, and nobody else's do."""
    owner = gateway.keyring.tenant("bank")
    drawers = [gateway.drawer("tenant"), gateway.drawer("conversation", "app", "c-1")]
    for drawer in drawers:
        await gateway.place(drawer, "Ann Lee", "ANN  lee", "Bob")
    theirs = gateway.drawer("tenant", tenant="globex")
    await gateway.place(theirs, "Ann Lee")
    assert await VaultErasure(gateway.database).erase("bank", {owner.tag("ann lee")}) == 4
    assert await VaultErasure(gateway.database).erase("bank", {owner.tag("ann lee")}) == 0
    for drawer in drawers:
        keys = [("PERSON", number) for number in (1, 2, 3)]
        assert await gateway.vault.recall(drawer, keys) == {("PERSON", 3): "Bob"}
    assert await gateway.vault.recall(theirs, [("PERSON", 1)]) == {("PERSON", 1): "Ann Lee"}
    with gateway.database.reading() as connection:
        left = set(connection.execute(select(VAULT.c.key_id)).scalars())
        assert left == set(connection.execute(select(DATA_KEYS.c.id)).scalars())


async def test_a_tenant_is_erased_whole(gateway: Gateway) -> None:
    for tenant in ("bank", "globex"):
        await gateway.place(gateway.drawer("tenant", tenant=tenant), "Ann", "Bob")
    assert await VaultErasure(gateway.database).erase("bank", None) == 2
    assert (gateway.rows(VAULT), gateway.rows(VAULT_NUMBERS)) == (2, 1)


# Trouble


async def test_a_vault_that_does_not_answer_refuses_in_time(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    drawer, given_up = gateway.drawer("tenant"), threading.Event()
    monkeypatch.setattr(gateway.vault, "_budget_s", 0.05)
    monkeypatch.setattr(gateway.vault, "_place", lambda *_: given_up.wait(60))
    with pytest.raises(ProtectionUnavailable, match="in time"):
        await gateway.place(drawer, "Ann")
    given_up.set()


async def test_a_database_that_is_gone_refuses(gateway: Gateway) -> None:
    drawer = gateway.drawer("tenant")
    with gateway.database.writing() as connection:
        VAULT.drop(connection)
    with pytest.raises(ProtectionUnavailable) as refused:
        await gateway.place(drawer, "Ann Lee")
    assert refused.value.code == "protection_unavailable"
    assert "Ann" not in str(refused.value)


async def test_nothing_readable_is_stored(gateway: Gateway) -> None:
    await gateway.place(gateway.drawer("conversation", "front-desk", "Ann Lee's talk"), "Ann Lee", "13812345678")
    with gateway.database.reading() as connection:
        stored = repr(connection.execute(select(VAULT)).all()).lower()
    assert not any(planted in stored for planted in ("ann lee", "13812345678", b"ann lee".hex(), "'s talk", "front-desk"))


async def test_gateways_that_mint_at_once_agree(start: Start) -> None:
    """Each brings the same values in another order, as another type by turns."""
    gateways = [start() for _ in range(3)]
    drawer, values = gateways[0].drawer("tenant"), [f"p{at}" for at in range(8)]
    asked = [
        gateway.place(drawer, *values[at:], *values[:at], entity=("PERSON", "LOCATION")[at % 2])
        for at in range(4)
        for gateway in gateways
    ]
    told = await asyncio.gather(*asked)
    assert len({tuple(sorted(one.keys.items())) for one in told}) == 1
    assert len(set(told[0].keys.values())) == 8
