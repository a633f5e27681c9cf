from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.errors import ProtectionUnavailable
from gateway.identity.key_store import KeyStore
from gateway.identity.virtual_keys import KeyRecord

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
RECORD = KeyRecord(key_id="pgw_aaaaaaaa", tenant="demo", principal="app", digest="00ff", created=NOW)


class Clock:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


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
    full = replace(RECORD, key_id="pgw_bbbbbbbb", expires=NOW + timedelta(days=1), revoked=NOW, principal="分析")
    for record in (RECORD, full):
        serving.add(record)
    assert serving.find("pgw_aaaaaaaa") == RECORD
    assert serving.find("pgw_bbbbbbbb") == full
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
    ["UPDATE virtual_keys SET created = 'topsecret'", "PRAGMA user_version = 2", "DROP TABLE virtual_keys"],
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
