"""The file that holds what was signed last on a machine."""

from __future__ import annotations

import errno
import stat
from pathlib import Path

import pytest

from gateway.audit.checkpoint import NotContinued
from gateway.audit.checkpointer import Checkpointer, let_go, sign
from gateway.audit.held import HeldFile
from gateway.errors import AuditUnavailable
from gateway.store import Database
from tests.audit.logs import Log, entry, held_file, key_file, log_in, signed_log, value, values, write
from tests.audit.test_held import cut


@pytest.fixture
def log(database: Database, tmp_path: Path) -> Log:
    return Log(database, tmp_path)


def held_at(folder: Path) -> HeldFile:
    return HeldFile(folder / "audit.key", str(folder / "audit.sqlite"))


def test_it_is_its_owners_alone(tmp_path: Path) -> None:
    log = signed_log(log_in(tmp_path / "audit.sqlite"), 2)
    path = held_file(log).path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {one.name for one in tmp_path.iterdir()} >= {"audit.key", path.name}
    path.chmod(0o644)
    write(log, [2])
    with log.table() as table, pytest.raises(AuditUnavailable, match="can be read by others: run chmod 600"):
        sign(table, key_file(log))


@pytest.mark.parametrize("note", ["", "nonsense", "a\nb\nc\n\n"])
def test_one_that_is_damaged_shows_nothing(tmp_path: Path, note: str) -> None:
    log = signed_log(log_in(tmp_path / "audit.sqlite"), 2)
    held_file(log).write(note)
    with log.table() as table:
        with pytest.raises(NotContinued, match=r"\.checkpoint is damaged\. .*gateway audit resume"):
            sign(table, key_file(log))
        let_go(table, key_file(log))
        sign(table, key_file(log))
    assert held_file(log).note() == value(log, "SELECT note FROM checkpoints")


def test_a_folder_that_nobody_may_write_to_costs_no_checkpoint(
    log: Log, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As where the key is a mounted secret. The process itself remembers what it signed."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    key_file(log).load()
    monkeypatch.setattr("gateway.audit.held.write_private", fail)
    signer = Checkpointer(key_file(log), every_entries=1)
    with log.table() as table:
        for number in range(4):
            table.write([entry(number)])
            signer.follow(table)
        assert (signer.trouble, values(log, "SELECT size FROM checkpoints ORDER BY size")) == ("", [1, 2, 3, 4])
        cut(log, 2)
        table.write([entry(100)])
        signer.follow(table)
    assert "no continuation" in signer.trouble
    told = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(told) == 1, "said once"
    assert "cannot be written: Read-only file system. A log whose end is cut off while no gateway runs" in told[0]


def test_one_that_cannot_be_read_costs_no_entry(tmp_path: Path) -> None:
    log = log_in(tmp_path / "audit.sqlite")
    write(log, range(2))
    signer = Checkpointer(key_file(log), every_entries=1)
    held = held_file(log)
    key_file(log).load()
    with log.table() as table:
        table.open()
        signer.follow(table)
        assert signer.trouble == ""
        held.path.unlink()
        held.path.mkdir()
        table.write([entry(2)])
        signer.follow(table)
        assert "cannot be read: Is a directory" in signer.trouble
        held.path.rmdir()
        table.write([entry(3)])
        signer.follow(table)
    assert signer.trouble == ""


def test_trouble_with_the_file_is_typed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    held = held_at(tmp_path / "file")
    for act in (held.note, held.read, held.forget, lambda: held.write("x")):
        with pytest.raises(AuditUnavailable, match=r"The checkpoint in .*\.checkpoint cannot be"):
            act()
