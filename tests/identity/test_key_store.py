from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from gateway.errors import ProtectionUnavailable
from gateway.identity.key_store import KeyStore
from gateway.identity.virtual_keys import KeyRecord
from tests.support.clock import Clock

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
RECORD = KeyRecord(key_id="pgw_aaaaaaaa", tenant="demo", principal="app", digest="00ff", created=NOW)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "keys.sqlite"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def serving(path: Path, clock: Clock) -> Iterator[KeyStore]:
    """The store as a running gateway holds it; tests change the file through others, as the CLI does."""
    store = KeyStore(path, monotonic=clock)
    yield store
    store.close()


def test_what_is_added_is_found_and_listed(path: Path, serving: KeyStore) -> None:
    full = replace(
        RECORD, key_id="pga_bbbbbbbb", expires=NOW + timedelta(days=1), revoked=NOW, principal="分析", rotated_to="pga_c"
    )
    for record in (RECORD, full):
        serving.add(record)
    assert serving.find("pgw_aaaaaaaa") == RECORD
    assert serving.find("pga_bbbbbbbb") == full
    assert serving.find("pgw_cccccccc") is None
    assert KeyStore(path).list() == (RECORD, full)


def test_only_the_owner_may_read_it(path: Path, serving: KeyStore) -> None:
    serving.add(RECORD)
    assert serving.find(RECORD.key_id)
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_key_id_is_used_once(serving: KeyStore) -> None:
    serving.add(RECORD)
    with pytest.raises(ProtectionUnavailable):
        serving.add(replace(RECORD, principal="other"))
    assert serving.list() == (RECORD,)


def test_every_change_made_here_is_told_and_none_that_was_refused(path: Path) -> None:
    told: list[str] = []
    store = KeyStore(path, on_change=lambda: told.append("changed"))
    store.add(RECORD)
    assert told == ["changed"]
    with pytest.raises(ProtectionUnavailable):
        store.add(RECORD)
    assert told == ["changed"]
    store.close()


def test_another_process_is_noticed_after_the_interval(path: Path, serving: KeyStore, clock: Clock) -> None:
    assert serving.find(RECORD.key_id) is None
    KeyStore(path).add(RECORD)
    assert serving.find(RECORD.key_id) == RECORD  # a new key is looked for at once
    KeyStore(path).revoke(RECORD.key_id, NOW)
    clock.now += 0.9
    assert serving.find(RECORD.key_id) == RECORD
    clock.now += 0.1
    assert serving.find(RECORD.key_id) == replace(RECORD, revoked=NOW)


def test_every_of_many_quick_changes_is_noticed(path: Path, serving: KeyStore, clock: Clock) -> None:
    other = KeyStore(path)
    for number in range(50):
        record = replace(RECORD, key_id=f"pgw_{number:08}")
        other.add(record)
        clock.now += 1
        assert serving.find(record.key_id) == record
        other.revoke(record.key_id, NOW)
        clock.now += 1
        assert serving.find(record.key_id) == replace(record, revoked=NOW)


def test_without_a_change_the_rows_are_not_read_again(serving: KeyStore, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    serving.add(RECORD)
    first = serving.find(RECORD.key_id)
    monkeypatch.setattr("gateway.identity.key_file._record", lambda _: pytest.fail("read again"))
    clock.now += 5
    assert serving.find(RECORD.key_id) is first


def test_revocation_keeps_its_first_time(serving: KeyStore) -> None:
    serving.add(RECORD)
    assert serving.revoke(RECORD.key_id, NOW)
    assert serving.revoke(RECORD.key_id, NOW + timedelta(days=1))
    assert serving.list()[0].revoked == NOW
    assert not serving.revoke("pgw_cccccccc", NOW)


def test_a_deleted_store_lets_nobody_in_until_there_is_one_again(path: Path, serving: KeyStore, clock: Clock) -> None:
    serving.add(RECORD)
    assert serving.find(RECORD.key_id)
    for file in path.parent.iterdir():
        file.unlink()
    clock.now += 1
    for _ in range(2):
        with pytest.raises(ProtectionUnavailable):
            serving.find(RECORD.key_id)
    with pytest.raises(ProtectionUnavailable):
        serving.list()
    assert not path.exists()
    KeyStore(path).add(replace(RECORD, principal="new"))
    assert serving.find(RECORD.key_id) == replace(RECORD, principal="new")


def test_a_replaced_store_is_followed(path: Path, tmp_path: Path, serving: KeyStore, clock: Clock) -> None:
    serving.add(RECORD)
    assert serving.find(RECORD.key_id)
    copy = tmp_path / "copy.sqlite3"
    KeyStore(copy).add(replace(RECORD, principal="restored"))
    copy.replace(path)
    clock.now += 1
    found = serving.find(RECORD.key_id)
    assert found is not None
    assert found.principal == "restored"


@pytest.mark.parametrize("content", [b"not a database" * 1_000, b"SQLite format 3\0" + b"\xff" * 5_000])
def test_a_broken_store_is_refused_without_quoting_it(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(ProtectionUnavailable) as caught:
        KeyStore(path)
    assert caught.value.__cause__ is None
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "change",
    ["UPDATE virtual_keys SET created = 'topsecret'", "PRAGMA user_version = 3", "DROP TABLE virtual_keys"],
)
def test_a_store_that_makes_no_sense_is_refused(path: Path, serving: KeyStore, clock: Clock, change: str) -> None:
    serving.add(RECORD)
    assert serving.find(RECORD.key_id)
    connection = sqlite3.connect(path)
    connection.execute(change)
    connection.commit()
    connection.close()
    clock.now += 1
    for use in (lambda: serving.find(RECORD.key_id), lambda: KeyStore(path).list()):
        with pytest.raises(ProtectionUnavailable) as caught:
            use()
        assert caught.value.__cause__ is None
        assert "topsecret" not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ProtectionUnavailable):
        KeyStore(tmp_path / "file" / "keys.sqlite")


def test_a_write_that_waits_does_not_hold_up_readers(path: Path, serving: KeyStore, clock: Clock) -> None:
    serving.add(RECORD)
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE virtual_keys SET principal = 'uncommitted'")
    clock.now += 1
    assert serving.find(RECORD.key_id) == RECORD
    writer.execute("ROLLBACK")
    writer.close()


def test_a_file_of_the_first_version_is_brought_up_to_date(path: Path) -> None:
    _write_first_version(path)
    migrated = KeyStore(path)
    assert migrated.list() == (replace(RECORD, expires=NOW + timedelta(days=9)),)
    assert KeyStore(path).list() == migrated.list()
    assert migrated.rotate(RECORD.key_id, replace(RECORD, key_id="pgw_bbbbbbbb"), NOW)


def test_many_that_migrate_at_once_do_it_once(path: Path) -> None:
    _write_first_version(path)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: KeyStore(path).list(), range(16)))
    assert {len(records) for records in found} == {1}


def test_a_file_of_a_later_version_is_left_alone(path: Path) -> None:
    _write_first_version(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 3")
    before = path.read_bytes()
    with pytest.raises(ProtectionUnavailable, match="another version"):
        KeyStore(path)
    assert path.read_bytes()[100:] == before[100:]


def test_rotation_adds_the_successor_and_ends_the_old_key(serving: KeyStore, clock: Clock) -> None:
    serving.add(RECORD)
    new = replace(RECORD, key_id="pgw_bbbbbbbb", created=NOW + timedelta(days=1))
    assert serving.rotate(RECORD.key_id, new, NOW + timedelta(days=2))
    clock.now += 1
    assert serving.find(new.key_id) == new
    assert serving.find(RECORD.key_id) == replace(RECORD, expires=NOW + timedelta(days=2), rotated_to=new.key_id)


def test_only_a_key_in_use_is_rotated_and_only_once(serving: KeyStore) -> None:
    revoked = replace(RECORD, key_id="pgw_rrrrrrrr", revoked=NOW)
    serving.add(RECORD)
    serving.add(revoked)
    assert serving.rotate(RECORD.key_id, replace(RECORD, key_id="pgw_bbbbbbbb"), NOW)
    before = serving.list()
    for key_id in (RECORD.key_id, revoked.key_id, "pgw_unknown0"):
        assert not serving.rotate(key_id, replace(RECORD, key_id="pgw_cccccccc"), NOW)
    assert serving.list() == before


def test_a_rotation_that_fails_changes_nothing(serving: KeyStore) -> None:
    serving.add(RECORD)
    with pytest.raises(ProtectionUnavailable):
        serving.rotate(RECORD.key_id, RECORD, NOW)  # the id is taken
    assert serving.list() == (RECORD,)


def test_an_end_moves_only_forward(serving: KeyStore) -> None:
    zone = timezone(timedelta(hours=8))
    serving.add(RECORD)
    for days, expected in ((5, 5), (9, 5), (2, 2)):
        assert serving.expire(RECORD.key_id, (NOW + timedelta(days=days)).astimezone(zone))
        assert serving.list()[0].expires == NOW + timedelta(days=expected)
    assert not serving.expire("pgw_unknown0", NOW)


def _write_first_version(path: Path) -> None:
    """As the gateway wrote it before keys could be rotated."""
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TABLE virtual_keys (key_id TEXT PRIMARY KEY, tenant TEXT NOT NULL, principal TEXT NOT NULL, "
            "digest TEXT NOT NULL, created TEXT NOT NULL, expires TEXT, revoked TEXT)"
        )
        row = (RECORD.key_id, "demo", "app", "00ff", "2026-01-02T03:04:05+00:00", "2026-01-11T03:04:05+00:00", None)
        connection.execute("INSERT INTO virtual_keys VALUES (?,?,?,?,?,?,?)", row)
        connection.execute("PRAGMA user_version = 1")
