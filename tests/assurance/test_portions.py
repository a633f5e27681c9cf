"""Whoever erases leaves room for those who write: little in one transaction, and a breath after it."""

from __future__ import annotations

import sqlite3
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from gateway.assurance.erasure import Eraser
from gateway.assurance.portions import paced, portion
from gateway.assurance.retention import retire
from gateway.store.tables.content import KEPT, SUBJECTS
from tests.assurance.kept import AT, House

_EXCHANGES = 12


@pytest.fixture
def large(house: House) -> House:
    """Exchanges with a megabyte each."""
    house.keyring.tenant("bank")
    same = {"part": "request", "nr": 0, "tenant": "bank", "sealed": bytes(1_000_000), "at": AT, "expires_at": AT}
    with house.database.writing() as connection:
        connection.execute(
            KEPT.insert(), [{**same, "call_id": f"call_{nr:02}", "key_id": f"dk_{nr}"} for nr in range(_EXCHANGES)]
        )
    return house


def test_a_portion_is_so_many_bytes(large: House) -> None:
    calls = [f"call_{nr:02}" for nr in range(_EXCHANGES) for _ in range(2)]
    with large.database.reading() as connection:
        assert portion(connection, calls) == calls[:16:2]
        assert portion(connection, [*"abcdefghij"]) == [*"abcdefghij"]
        assert portion(connection, []) == []


def test_an_exchange_that_is_larger_goes_alone(large: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.assurance.portions._BYTES", 10)
    with large.database.reading() as connection:
        assert portion(connection, ["call_01", "call_02"]) == ["call_01"]


def _erased_at_once(house: House) -> list[int]:
    """How many rows of content each transaction deletes from now on."""
    counts: list[int] = []

    def executed(_: object, cursor: object, statement: str, *__: object) -> None:
        if statement.startswith("DELETE FROM kept"):
            counts.append(getattr(cursor, "rowcount", 0))

    event.listen(house.database.engine, "after_cursor_execute", executed)
    return counts


def test_retention_takes_portions(large: House) -> None:
    counts = _erased_at_once(large)
    assert retire(large.database, datetime.now(UTC)).exchanges == _EXCHANGES
    assert [count for count in counts if count] == [8, 4]


async def test_erasing_a_tenant_takes_portions(large: House) -> None:
    counts = _erased_at_once(large)
    assert (await Eraser(large.database, large.keyring).erase_tenant("bank", "cli:olga")).exchanges == _EXCHANGES
    assert [count for count in counts if count] == [8, 4]


async def test_the_work_grows_with_the_content_and_not_with_its_square(small_house: House) -> None:
    """A statement that went through all that the tenant has, for each portion, would show here."""
    few, many = [await _steps(small_house, tenant, number) for tenant, number in (("few", 1_000), ("many", 8_000))]
    assert many < 12 * few


async def _steps(house: House, tenant: str, number: int) -> int:
    """How much SQLite has to do to erase a tenant with so many exchanges, in thousands of instructions of its machine."""
    house.keyring.tenant(tenant)
    same = {"part": "request", "nr": 0, "tenant": tenant, "sealed": b"sealed", "at": AT}
    with house.database.writing() as connection:
        calls = [f"{tenant}_{nr}" for nr in range(number)]
        connection.execute(KEPT.insert(), [{**same, "call_id": call, "key_id": call} for call in calls])
        connection.execute(
            SUBJECTS.insert(), [{"tenant": tenant, "tag": call.encode(), "call_id": call, "key_id": ""} for call in calls]
        )
    steps = 0

    def counted() -> int:
        nonlocal steps
        steps += 1
        return 0

    def watch(raw: sqlite3.Connection, _: object) -> None:
        raw.set_progress_handler(counted, 1_000)

    event.listen(house.database.engine, "connect", watch)
    assert (await Eraser(house.database, house.keyring).erase_tenant(tenant, "cli:olga")).exchanges == number
    event.remove(house.database.engine, "connect", watch)
    return steps


def test_a_breath_is_as_long_as_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    now, slept = [0.0], list[float]()
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def work() -> str:
        now[0] += 3.0
        return "done"

    assert paced(work, slept.append) == "done"
    assert paced(lambda: "nothing", slept.append) == "nothing"
    assert slept == [3.0, 0.01]
