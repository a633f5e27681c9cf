"""The settings that durability rests on, and the probe that writes without an entry."""

from __future__ import annotations

from pathlib import Path

from gateway.audit.entry_table import EntryTable, Fate
from gateway.audit.log import Entry, Phase
from tests.store.databases import sqlite_at


def test_each_commit_is_synced(tmp_path: Path) -> None:
    table = EntryTable(sqlite_at(tmp_path / "audit.db"))
    connection = table.open()
    assert connection.exec_driver_sql("PRAGMA journal_mode").one() == ("wal",)
    assert connection.exec_driver_sql("PRAGMA synchronous").one() == (2,), "2 is FULL: the WAL is synced by each commit"
    table.close()


def test_a_probe_writes_to_the_disk_but_no_entry(tmp_path: Path) -> None:
    table = EntryTable(sqlite_at(tmp_path / "audit.db"))
    connection = table.open()
    wal = tmp_path / "audit.db-wal"
    before = wal.stat().st_size
    assert table.probe()
    assert wal.stat().st_size > before
    assert connection.exec_driver_sql("SELECT count(*) FROM entries").one() == (0,)
    table.close()


def test_a_closed_table_opens_again(tmp_path: Path) -> None:
    table = EntryTable(sqlite_at(tmp_path / "audit.db"))
    entry = Entry(call_id="a", phase=Phase.OPENED, at="t", body="{}")
    table.close()
    assert table.write([entry]) == [Fate.DURABLE]
    table.close()
    table.close()
    assert table.write([entry]) == [Fate.DURABLE]
    table.close()


def test_the_mode_of_a_file_that_is_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    EntryTable(sqlite_at(path)).open().close()
    path.chmod(0o640)
    EntryTable(sqlite_at(path)).open().close()
    assert path.stat().st_mode & 0o777 == 0o640
