"""The settings that durability rests on, and the probe that writes without an entry."""

from __future__ import annotations

from pathlib import Path

from gateway.audit.log import Entry, Phase
from gateway.audit.sqlite_table import EntryTable, Fate


def test_each_commit_is_synced(tmp_path: Path) -> None:
    table = EntryTable(tmp_path / "audit.db")
    connection = table.open()
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,), "2 is FULL: the WAL is synced by each commit"
    table.close()


def test_a_probe_writes_to_the_disk_but_no_entry(tmp_path: Path) -> None:
    table = EntryTable(tmp_path / "audit.db")
    connection = table.open()
    wal = tmp_path / "audit.db-wal"
    before = wal.stat().st_size
    assert table.probe()
    assert wal.stat().st_size > before
    assert connection.execute("SELECT count(*) FROM entries").fetchone() == (0,)
    table.close()


def test_a_closed_table_opens_again(tmp_path: Path) -> None:
    table = EntryTable(tmp_path / "audit.db")
    entry = Entry(call_id="a", phase=Phase.OPENED, at="t", body="{}")
    table.close()
    assert table.write([entry]) == [Fate.DURABLE]
    table.close()
    table.close()
    assert table.write([entry]) == [Fate.DURABLE]
    table.close()


def test_the_mode_of_a_file_that_is_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    EntryTable(path).open().close()
    path.chmod(0o640)
    EntryTable(path).open().close()
    assert path.stat().st_mode & 0o777 == 0o640
