"""Keys in a database that several gateways share: the same promises as in a file, on a real Postgres."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from typer.testing import CliRunner

from gateway.cli.keys.commands import app as keys_cli
from gateway.errors import ProtectionUnavailable
from gateway.identity.key_store import KeyStore, open_keys
from gateway.identity.keys_in_table import KeysInTable
from gateway.identity.virtual_keys import KeyRecord
from gateway.store.database import Database, open_database
from tests.store.postgres import Server
from tests.support.clock import Clock

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
RECORD = KeyRecord(key_id="pgw_aaaaaaaa", tenant="demo", principal="app", digest="00ff", created=NOW)
OTHER = replace(RECORD, key_id="pgw_bbbbbbbb", principal="分析", expires=NOW + timedelta(days=1))


@pytest.fixture
def url(postgres: Server) -> Iterator[str]:
    with postgres.database() as made:
        yield made


@pytest.fixture
def shared(url: str) -> Iterator[Database]:
    with closing(open_database(url)) as database:
        yield database


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def serving(shared: Database, clock: Clock) -> Iterator[KeyStore]:
    with closing(KeyStore(KeysInTable(shared), monotonic=clock)) as store:
        yield store


@pytest.fixture
def other(url: str) -> Iterator[KeyStore]:
    """The store as another machine has it."""
    with closing(open_database(url)) as database, closing(KeyStore(KeysInTable(database))) as store:
        yield store


def test_what_one_machine_does_the_other_knows_within_the_interval(serving: KeyStore, other: KeyStore, clock: Clock) -> None:
    other.add(RECORD)
    assert serving.find(RECORD.key_id) == RECORD
    other.add(OTHER)
    assert serving.find(OTHER.key_id) == OTHER
    assert other.revoke(RECORD.key_id, NOW)
    assert serving.find(RECORD.key_id) == RECORD
    clock.now += 1
    assert serving.find(RECORD.key_id) == replace(RECORD, revoked=NOW)
    assert serving.list() == other.list() == (replace(RECORD, revoked=NOW), OTHER)


def test_without_a_change_the_keys_are_not_read_again(serving: KeyStore, shared: Database, clock: Clock) -> None:
    serving.add(RECORD)
    first = serving.find(RECORD.key_id)
    asked: list[str] = []
    event.listen(shared.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    clock.now += 5
    assert serving.find(RECORD.key_id) is first
    assert [query for query in asked if "virtual_keys" in query] == []
    assert asked, "it was not even asked whether anything changed"


def test_an_earlier_end_and_the_first_revocation_stay(serving: KeyStore) -> None:
    serving.add(RECORD)
    assert serving.expire(RECORD.key_id, NOW + timedelta(hours=2))
    assert serving.expire(RECORD.key_id, NOW + timedelta(hours=3))
    assert serving.revoke(RECORD.key_id, NOW)
    assert serving.revoke(RECORD.key_id, NOW + timedelta(days=1))
    assert serving.list() == (replace(RECORD, expires=NOW + timedelta(hours=2), revoked=NOW),)
    assert not serving.expire("pgw_cccccccc", NOW)
    assert not serving.revoke("pgw_cccccccc", NOW)


def test_a_key_is_rotated_once_and_all_or_nothing(serving: KeyStore, other: KeyStore) -> None:
    ends = NOW + timedelta(hours=1)
    serving.add(RECORD)
    with pytest.raises(ProtectionUnavailable):
        serving.rotate(RECORD.key_id, RECORD, ends)  # a successor of the same name cannot be
    assert other.list() == (RECORD,)
    assert serving.rotate(RECORD.key_id, OTHER, ends)
    assert not other.rotate(RECORD.key_id, replace(OTHER, key_id="pgw_cccccccc"), ends)
    assert other.list() == (replace(RECORD, expires=ends, rotated_to=OTHER.key_id), OTHER)


async def test_nobody_gets_in_while_the_database_is_away(shared: Database, serving: KeyStore, clock: Clock) -> None:
    serving.add(RECORD)
    assert await serving.look_up(RECORD.key_id) == RECORD
    clock.now += 1
    with shared.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE key_changes RENAME TO away")
    for _ in range(2):
        with pytest.raises(ProtectionUnavailable):
            await serving.look_up(RECORD.key_id)
    with shared.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO key_changes")
    assert await serving.look_up(RECORD.key_id) == RECORD


async def test_a_place_that_hangs_holds_up_neither_the_loop_nor_others_for_ever(clock: Clock) -> None:
    """Those who wait give up by themselves; who has a young record does not wait at all."""
    place = Hanging()
    store = KeyStore(place, patience_s=0.05, monotonic=clock)
    assert await store.look_up(RECORD.key_id) == RECORD
    place.answers.clear()
    waiting = asyncio.gather(*(store.look_up("pgw_unknown1") for _ in range(5)), return_exceptions=True)
    await asyncio.sleep(0)
    assert await store.look_up(RECORD.key_id) == RECORD
    assert {type(one) for one in await waiting} == {ProtectionUnavailable}
    place.answers.set()
    assert await store.look_up("pgw_unknown1") is None
    assert place.asked == 3, "those who had given up were still asked for"
    store.close()


def test_the_commands_work_on_the_shared_keys(
    url: str, other: KeyStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_DATABASE_URL", url)
    state = ["--state-dir", str(tmp_path)]
    for command in (["issue", "--tenant", "acme", "--principal", "app"], ["list"]):
        done = CliRunner().invoke(keys_cli, [*command, *state])
        assert done.exit_code == 0, done.output
    (record,) = other.list()
    done = CliRunner().invoke(keys_cli, ["revoke", record.key_id, *state])
    assert done.exit_code == 0, done.output
    (revoked,) = other.list()
    assert revoked.revoked is not None
    assert not (tmp_path / "keys.sqlite").exists()


def test_beside_sqlite_the_keys_have_a_file_of_their_own(sqlite: Database, tmp_path: Path) -> None:
    with closing(open_keys(tmp_path / "keys.sqlite", sqlite)) as store:
        store.add(RECORD)
    assert KeyStore(tmp_path / "keys.sqlite").list() == (RECORD,)


class Hanging:
    """A place on another machine, which answers only when it may."""

    remote = True

    def __init__(self) -> None:
        self.answers = threading.Event()
        self.answers.set()
        self.asked = 0

    def follow(self) -> Mapping[str, KeyRecord]:
        self.asked += 1
        self.answers.wait()
        return {RECORD.key_id: RECORD}

    every = follow

    def insert(self, record: KeyRecord) -> None:
        raise NotImplementedError

    def revoke(self, key_id: str, now: datetime) -> bool:
        raise NotImplementedError

    def expire(self, key_id: str, ends: datetime) -> bool:
        raise NotImplementedError

    def rotate(self, key_id: str, successor: KeyRecord, ends: datetime) -> bool:
        raise NotImplementedError

    def close(self) -> None:
        self.answers.set()
