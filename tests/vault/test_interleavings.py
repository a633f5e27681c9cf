"""Several gateways on one database, whatever they do at once: one value a placeholder, and one first placeholder a value."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.redaction.placeholders import Key
from gateway.vault.found import Placed
from gateway.vault.removal import VaultErasure, expire
from tests.vault.conftest import Clock, Gateway

VALUES = ["Ann", "Bob", "Cid", "Dee", "Eve"]
TYPES = ["PERSON", "LOCATION"]
ASKED = st.tuples(
    st.integers(0, 2),
    st.lists(st.sampled_from(VALUES), min_size=1, max_size=4, unique=True),
    st.sampled_from(TYPES),
    st.frozensets(st.tuples(st.sampled_from(TYPES), st.integers(1, 4)), max_size=2),
)
ROUNDS = st.lists(st.lists(ASKED, min_size=1, max_size=4), min_size=1, max_size=3)
Asked = tuple[int, list[str], str, frozenset[Key]]
_names = count()


@pytest.fixture
def gateways(start: Callable[[], Gateway]) -> Sequence[Gateway]:
    return [start() for _ in range(3)]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROUNDS)
async def test_whatever_they_do_at_once(gateways: Sequence[Gateway], clock: Clock, rounds: list[list[Asked]]) -> None:
    drawer, values, first = gateways[0].drawer("test", str(next(_names))), dict[Key, str](), dict[str, Key]()
    for at_once in rounds:
        clock.pass_(days=11)  # so that some entries are used for longer
        told = await asyncio.gather(
            *(gateways[which].place(drawer, *asked, entity=entity, typed=typed) for which, asked, entity, typed in at_once)
        )
        for (_, asked, _, typed), one in zip(at_once, told, strict=True):
            check(one, asked, typed, values, first)
    for gateway in gateways:
        assert await gateway.vault.recall(drawer, list(values)) == values


def check(one: Placed, asked: list[str], typed: frozenset[Key], values: dict[Key, str], first: dict[str, Key]) -> None:
    assert list(one.keys) == asked
    assert not typed & set(one.keys.values())
    for value, key in one.keys.items():
        assert values.setdefault(key, value) == value
        assert key[1] <= one.highest[key[0]]
        if not typed:  # what others typed is nothing to this one
            assert first.setdefault(value, key) == key


async def test_no_deadlock_between_all_that_writes(gateways: Sequence[Gateway], clock: Clock) -> None:
    """Drawers with types in common, values that age, and erasure and expiry in between."""
    drawers = [gateways[0].drawer("busy", str(number)) for number in range(2)]
    owner = gateways[0].keyring.tenant("bank")

    async def minting(gateway: Gateway, number: int) -> None:
        for turn in range(4):
            some = VALUES[number:] + VALUES[:number] + [f"{number}-{turn}"]
            await gateway.place(drawers[turn % 2], *some, entity=TYPES[(number + turn) % 2])
            clock.pass_(days=6)

    async def removing(gateway: Gateway) -> None:
        for value in VALUES[:3]:
            await VaultErasure(gateway.database).erase("bank", {owner.tag(value)})
            await asyncio.to_thread(expire, gateway.database, clock())

    await asyncio.gather(*(minting(gateway, number) for number, gateway in enumerate(gateways)), removing(gateways[0]))
    for drawer in drawers:
        told = [await gateway.place(drawer, *VALUES) for gateway in gateways]
        assert told[0].keys == told[1].keys == told[2].keys
        assert len(set(told[0].keys.values())) == len(VALUES)
