"""A list of thousands of new values does not keep others from writing: the record lies in the same database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, func, select

from gateway.errors import ProtectionUnavailable
from gateway.store.tables.vault import VAULT
from gateway.vault import vault
from gateway.vault.drawer import Drawer
from gateway.vault.found import Placed
from gateway.vault.minting import lock
from gateway.vault.removal import VaultErasure
from gateway.vault.vault import PORTION
from tests.vault.conftest import Gateway

Start = Callable[[], Gateway]
MANY = [f"Person {n}" for n in range(3 * PORTION + 7)]


@pytest.fixture
def before(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many values lay in the vault at the beginning of each transaction."""
    seen: list[int] = []

    def counted(connection: Connection, drawer: Drawer) -> None:
        lock(connection, drawer)
        seen.append(connection.execute(select(func.count()).select_from(VAULT)).scalar_one())

    monkeypatch.setattr(vault, "lock", counted)
    return seen


async def test_others_write_in_between(gateway: Gateway, before: list[int]) -> None:
    drawer = gateway.drawer("tenant")
    await gateway.place(drawer, "Ann")  # makes the tenant's keys, too
    before.clear()
    placed = await gateway.place(drawer, *MANY, "Ann")
    assert before == [1, PORTION + 1, 2 * PORTION + 1, 3 * PORTION + 1]
    assert [placed.keys[one] for one in MANY] == [("PERSON", n + 2) for n in range(len(MANY))]
    assert placed.keys["Ann"] == ("PERSON", 1)
    assert placed.highest == {"PERSON": len(MANY) + 1}
    before.clear()
    assert (await gateway.place(drawer, *MANY)).keys == {one: placed.keys[one] for one in MANY}
    assert before == [], "what is known is written by nobody"


async def test_what_another_gateway_brings_meanwhile_is_taken_over(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = start(), start()
    drawer = one.drawer("tenant")
    await other.place(drawer, "Ann")
    theirs: list[Placed] = []

    def while_they_pause(_seconds: float) -> None:
        if not theirs:
            theirs.append(asyncio.run(other.place(drawer, MANY[-1])))

    monkeypatch.setattr(vault, "sleep", while_they_pause)
    placed = await one.place(drawer, *MANY)
    assert placed.keys[MANY[-1]] == theirs[0].keys[MANY[-1]] == ("PERSON", PORTION + 2)
    assert one.rows(VAULT) == len(MANY) + 1


async def test_half_of_a_list_does_no_harm(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks again goes on from there."""
    drawer, left = gateway.drawer("tenant"), iter([True, True])

    def failing(connection: Connection, drawer: Drawer) -> None:
        lock(connection, drawer)
        if not next(left, False):
            raise ProtectionUnavailable("The vault is gone.")

    with monkeypatch.context() as patched:
        patched.setattr(vault, "lock", failing)
        with pytest.raises(ProtectionUnavailable):
            await gateway.place(drawer, *MANY)
    assert gateway.rows(VAULT) == 2 * PORTION
    placed = await gateway.place(drawer, *MANY)
    assert sorted(placed.keys.values()) == [("PERSON", n + 1) for n in range(len(MANY))]


async def test_two_values_never_have_one_placeholder(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a tenant is erased half-way, numbers begin anew."""

    def erased(_seconds: float) -> None:
        asyncio.run(VaultErasure(gateway.database).erase("bank", None))

    monkeypatch.setattr(vault, "sleep", erased)
    with pytest.raises(ProtectionUnavailable):
        await gateway.place(gateway.drawer("tenant"), *MANY)
