from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from gateway.assurance.retention import Retired, due, retire
from gateway.assurance.retirement import retire_hourly, retire_once
from gateway.assurance.rounds import claim
from gateway.assurance.subjects import count
from gateway.audit.act import ActOutcome
from gateway.audit.act_reader import read_acts
from gateway.audit.database_log import DatabaseAuditLog
from gateway.errors import ProtectionUnavailable
from gateway.exchange.content import Content
from gateway.store import open_database
from gateway.store.tables.content import DATA_KEYS, KEPT
from tests.assurance.kept import ANNA, AT, ZHANG, House

HOUR = timedelta(hours=1)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a reader to get out of the way."""
    monkeypatch.setattr("gateway.keys.destruction._TRIES", 1)
    monkeypatch.setattr("gateway.keys.destruction._PAUSE_S", 0.0)
    monkeypatch.setattr("gateway.store.sqlite.BUSY_S", 0.0)


def _fill(house: House) -> None:
    house.keep("call_1", originals={"<PERSON_1>": ANNA}, days=0)
    house.keep("call_2", originals={"<PERSON_1>": ANNA}, days=30)
    house.keep("call_3", values=frozenset({ANNA}))
    house.keep("call_4", values=frozenset({ZHANG}), days=29)


def test_content_goes_when_its_time_is_over(house: House) -> None:
    _fill(house)
    now = datetime.now(UTC)
    assert due(house.database, now) == 1
    assert retire(house.database, now) == Retired(1, 2)
    assert (house.content("call_1"), due(house.database, now)) == (Content(), 0)
    later = now + timedelta(days=30)
    seen: list[int] = []
    assert retire(house.database, later, seen.append) == Retired(2, 3)
    assert sum(seen) == 2
    assert house.content("call_2") == Content()
    assert house.content("call_3").request is not None
    assert retire(house.database, now + timedelta(days=36_500)) == Retired(0, 0)


_MANY = "WITH RECURSIVE numbers(nr) AS (SELECT 0 UNION ALL SELECT nr + 1 FROM numbers WHERE nr < 69999) "
_KEYS = "INSERT INTO data_keys (id, tenant, wrapped, made_at) SELECT 'dk_' || nr, 'bank', :sealed, :at FROM numbers"
_ORIGINALS = """INSERT INTO kept (call_id, part, nr, tenant, key_id, sealed, at, expires_at)
    SELECT 'call_1', 'original', nr, 'bank', 'dk_' || nr, :sealed, :at, :at FROM numbers"""


def test_people_may_be_more_than_a_statement_has_parameters(house: House) -> None:
    """Postgres takes 65,535 of them."""
    with house.database.writing() as connection:
        for statement in (_KEYS, _ORIGINALS):
            connection.execute(text(_MANY + statement), {"sealed": b"s", "at": AT})
    assert retire(house.database, datetime.now(UTC)) == Retired(1, 70_000)


def test_tags_go_with_the_content_that_they_lead_to(small_house: House) -> None:
    _fill(small_house)
    retire(small_house.database, datetime.now(UTC) + timedelta(days=31))
    with small_house.database.reading() as connection:
        assert count(connection, small_house.subject(ANNA)) == 1
        assert count(connection, small_house.subject(ZHANG)) == 0


def test_what_was_cut_short_goes_on(small_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.assurance.retention._BATCH", 1)
    for number in range(3):
        small_house.keep(f"call_{number}", days=0)

    def stop(_: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        retire(small_house.database, datetime.now(UTC), stop)
    assert retire(small_house.database, datetime.now(UTC)) == Retired(2, 2)


def _sealed(house: House) -> list[bytes]:
    """What was sealed, and the keys."""
    with house.database.reading() as connection:
        rows = [
            *connection.execute(select(KEPT.c.sealed)).scalars(),
            *connection.execute(select(DATA_KEYS.c.wrapped)).scalars(),
        ]
    return [bytes(row) for row in rows]


def _left(house: House, sealed: list[bytes]) -> int:
    files = b"".join(path.read_bytes() for path in house.folder.glob("audit.sqlite*"))
    return sum(one in files for one in sealed)


@contextmanager
def _reader_in_the_way(house: House) -> Iterator[None]:
    with house.database.engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        connection.execute(select(KEPT)).all()
        yield


@pytest.mark.usefixtures("hasty")
def test_what_could_not_be_cleaned_up_is_cleaned_up_by_the_next_run(small_house: House) -> None:
    small_house.keep("call_1", days=0)
    sealed, now = _sealed(small_house), datetime.now(UTC)
    with (
        closing(open_database(f"sqlite:///{small_house.database.path}")) as other,
        other.reading(),
    ):  # closing last cleans up too
        with _reader_in_the_way(small_house), pytest.raises(ProtectionUnavailable, match="run the same again"):
            retire(small_house.database, now)
        assert (due(small_house.database, now), _left(small_house, sealed)) == (0, len(sealed))
        assert retire(small_house.database, now) == Retired()
        assert _left(small_house, sealed) == 0


@pytest.mark.usefixtures("hasty")
async def test_a_round_in_which_nothing_is_due_cleans_up_as_well(small_house: House) -> None:
    await asyncio.to_thread(small_house.keep, "call_1", days=0)
    log, sealed, now = DatabaseAuditLog(small_house.database), _sealed(small_house), datetime.now(UTC)
    try:
        with _reader_in_the_way(small_house), pytest.raises(ProtectionUnavailable):
            await retire_once(small_house.database, log, now)
        assert _left(small_house, sealed) == len(sealed)
        assert await retire_once(small_house.database, log, now + HOUR) is None
        assert _left(small_house, sealed) == 0
    finally:
        await log.close()


def test_of_several_gateways_one_claims_the_round(house: House) -> None:
    now = datetime.now(UTC)
    assert [claim(house.database, "retention", HOUR, now) for _ in range(3)] == [True, False, False]
    assert not claim(house.database, "retention", HOUR, now + timedelta(minutes=59))
    assert claim(house.database, "other", HOUR, now)
    assert [claim(house.database, "retention", HOUR, now + HOUR) for _ in range(2)] == [True, False]


async def test_a_round_that_erases_is_an_act_with_counts(small_house: House) -> None:
    await asyncio.to_thread(_fill, small_house)
    log = DatabaseAuditLog(small_house.database)
    try:
        now = datetime.now(UTC)
        act = await retire_once(small_house.database, log, now)
        assert act is not None
        assert (act.outcome, act.note, act.result) == (ActOutcome.DONE, "1 exchanges are due", "1 exchanges, 2 data keys")
        assert await retire_once(small_house.database, log, now) is None  # another gateway's
        assert await retire_once(small_house.database, log, now + HOUR) is None  # nothing to do
    finally:
        await log.close()
    (row,) = read_acts(small_house.database, limit=9)
    assert (row.act, row.act.actor) == (act, "system:retention")


async def test_a_round_that_fails_is_on_record_and_told(small_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await asyncio.to_thread(_fill, small_house)
    log = DatabaseAuditLog(small_house.database)

    def unclean(_: object) -> None:
        raise ProtectionUnavailable("The database's journal is in use.")

    monkeypatch.setattr("gateway.assurance.retention.scrub", unclean)
    with pytest.raises(ProtectionUnavailable, match="journal is in use"):
        await retire_hourly(small_house.database, log)
    await log.close()
    (row,) = read_acts(small_house.database, limit=9)
    assert (row.act.outcome, row.act.error_code) == (ActOutcome.FAILED, "protection_unavailable")
