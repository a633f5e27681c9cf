"""The last checkpoint lies beside the key as well, where nobody gets at it who can write to the database alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway.audit.check import check_log
from gateway.audit.checkpoint import NotContinued, note_of
from gateway.audit.checkpointer import Checkpointer, let_go, require_held, rotate, sign
from gateway.audit.database_log import DatabaseAuditLog
from gateway.audit.signing import new_key
from gateway.audit.verify import NotVerified, read_checkpoint
from gateway.store import Database
from tests.audit.logs import (
    Log,
    entry,
    held_file,
    key_file,
    log_in,
    sign_anew,
    sign_now,
    signed_log,
    spoil,
    value,
    values,
    vkey,
    write,
)

SHORTER = "no continuation of the one that was signed before: that had {} entries, and this one has fewer"


@pytest.fixture
def log(database: Database, tmp_path: Path) -> Log:
    return Log(database, tmp_path)


def cut(log: Log, size: int) -> None:
    """What lies behind this checkpoint is gone, and the checkpoints there too: SQL is enough for it."""
    spoil(
        log,
        ("DELETE FROM checkpoints WHERE size > ?", (size,)),
        ("DELETE FROM leaves WHERE idx >= ?", (size,)),
        "DELETE FROM entries WHERE seq NOT IN (SELECT seq FROM leaves)",
    )


async def restarted(log: Log, *numbers: int) -> DatabaseAuditLog:
    """A gateway that starts, enters these and stops."""
    written = DatabaseAuditLog(log.database, checkpointer=Checkpointer(key_file(log), every_entries=5))
    for number in numbers:
        await written.append(entry(number))
    await written.close()
    return written


# What is noticed


async def test_an_end_that_was_cut_off_is_noticed_by_the_next_gateway(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    await restarted(log, *range(10))
    await restarted(log, *range(10, 20))
    sizes = values(log, "SELECT size FROM checkpoints ORDER BY size")
    assert sizes[-1] == 20
    cut(log, 10)
    assert check_log(log.database, vkey(log)).entries == 10, "consistent in itself, and validly signed"
    again = await restarted(log, *range(20, 27))
    assert SHORTER.format(20) in again.unsigned
    assert value(log, "SELECT max(size) FROM checkpoints") == 10
    assert value(log, "SELECT count(*) FROM entries") == 17, "it costs no entry"
    assert "no checkpoint of the audit log can be signed" in caplog.text


async def test_it_is_noticed_before_anything_is_entered(log: Log) -> None:
    await restarted(log, *range(10))
    cut(log, 5)
    again = await restarted(log)
    assert SHORTER.format(10) in again.unsigned
    assert "gateway audit resume" in again.unsigned
    assert values(log, "SELECT size FROM checkpoints") == [5]


async def test_a_log_that_was_emptied_is_noticed(log: Log) -> None:
    await restarted(log, *range(10))
    cut(log, 0)
    again = await restarted(log)
    assert SHORTER.format(10) in again.unsigned


def test_whoever_signs_looks_first(log: Log) -> None:
    signed_log(log, 4, 8)
    cut(log, 4)
    with log.table() as table:
        for act in (require_held, sign):
            with pytest.raises(NotContinued, match=SHORTER.format(8)):
                act(table, key_file(log))
        with pytest.raises(NotContinued, match=SHORTER.format(8)):
            rotate(table, key_file(log), new_key("example.com/log"))
    assert key_file(log).load().previous is None


def test_other_entries_in_the_place_of_those_that_were_signed(log: Log) -> None:
    signed_log(log, 4, 8)
    cut(log, 4)
    write(log, range(100, 110))
    with log.table() as table, pytest.raises(NotContinued, match="the first 8 entries differ"):
        sign(table, key_file(log))


def test_a_check_where_it_lies_compares_with_it(log: Log) -> None:
    signed_log(log, 4, 8)
    held = held_file(log).read()
    assert held is not None
    assert check_log(log.database, vkey(log), [held]).entries == 8
    write(log, [8])
    assert check_log(log.database, vkey(log), [held]).entries == 9
    cut(log, 4)
    with pytest.raises(NotVerified, match="a checkpoint of size 8 was noted, but the log has only 4 leaves"):
        check_log(log.database, vkey(log), [held])
    write(log, range(100, 110))
    with pytest.raises(NotVerified, match="no continuation of the checkpoint of size 8 that was noted"):
        check_log(log.database, vkey(log), [held])


# What is not taken for a cut


async def test_a_log_that_goes_on_is_signed(log: Log) -> None:
    for number in range(3):
        written = await restarted(log, *range(number * 7, number * 7 + 7))
        assert written.unsigned == ""
    held = held_file(log).read()
    assert held is not None
    assert (held.size, note_of(held)) == (21, value(log, "SELECT note FROM checkpoints WHERE size = 21"))


async def test_a_log_of_an_earlier_version_is_held_from_the_first_stop_on(log: Log) -> None:
    signed_log(log, 4, 8)
    held_file(log).forget()
    assert (await restarted(log)).unsigned == ""
    assert held_file(log).note() == value(log, "SELECT note FROM checkpoints WHERE size = 8")
    assert values(log, "SELECT size FROM checkpoints ORDER BY size") == [4, 8]


def test_what_our_key_did_not_sign_is_not_held(log: Log) -> None:
    signed_log(log, 4)
    held_file(log).forget()
    (log.folder / "audit.key").unlink()
    sign_now(log)
    assert held_file(log).note() is None


def test_a_process_that_is_killed_before_its_checkpoint_is_committed(log: Log) -> None:
    """The file is ahead of the database then, and of nothing that is not in the log."""
    signed_log(log, 4, 8)
    spoil(log, "DELETE FROM checkpoints WHERE size = 8")
    write(log, [8])
    sign_now(log)
    assert values(log, "SELECT size FROM checkpoints ORDER BY size") == [4, 9]
    assert check_log(log.database, vkey(log)).entries == 9


def test_machines_that_share_a_log_hold_what_each_has_signed(log: Log, tmp_path: Path) -> None:
    signed_log(log, 4)
    (tmp_path / "other").mkdir()
    shutil.copy(key_file(log).path, tmp_path / "other" / "audit.key")
    other = Log(log.database, tmp_path / "other")
    write(log, range(4, 8))
    sign_now(other)
    write(log, range(8, 10))
    sign_now(log)
    held = [held_file(one).read() for one in (log, other)]
    assert [one.size for one in held if one is not None] == [10, 8]
    sign_now(other)
    assert held_file(other).note() == held_file(log).note()


def test_a_key_that_was_replaced_changes_nothing(log: Log) -> None:
    signed_log(log, 4)
    with log.table() as table:
        rotate(table, key_file(log), new_key("example.com/log"))
    sign_now(log)
    write(log, [4])
    sign_now(log)
    held = held_file(log).read()
    assert held is not None
    assert held.size == 5


def test_logs_under_one_key_are_told_apart(tmp_path: Path) -> None:
    """Whoever moves to another database begins a new log, and can still verify the old one."""
    old = signed_log(log_in(tmp_path / "audit.sqlite"), 8)
    new = signed_log(log_in(tmp_path / "new.sqlite"), 2)
    assert held_file(old).path != held_file(new).path
    for one in (old, new):
        with one.table() as table:
            require_held(table, key_file(one))


def test_a_state_folder_may_move(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    signed_log(log_in(tmp_path / "here" / "audit.sqlite"), 4, 8)
    (tmp_path / "here").rename(tmp_path / "there")
    there = log_in(tmp_path / "there" / "audit.sqlite")
    cut(there, 4)
    with there.table() as table, pytest.raises(NotContinued):
        sign(table, key_file(there))


# The way on


def test_what_was_given_up_is_signed_on(log: Log) -> None:
    signed_log(log, 4, 8)
    cut(log, 4)
    with log.table() as table:
        let_go(table, key_file(log))
    write(log, range(100, 106))
    sign_now(log)
    assert check_log(log.database, vkey(log)).entries == 10
    held = held_file(log).read()
    assert held is not None
    assert held.size == 10


def test_a_gateway_that_runs_remembers_what_it_signed_until_it_ends(log: Log) -> None:
    signer, next_one = (Checkpointer(key_file(log), every_entries=1) for _ in range(2))
    with log.table() as table:
        for number in range(6):
            table.write([entry(number)])
            signer.follow(table)
        cut(log, 4)
        table.write([entry(100)])
        signer.follow(table)
        assert "no continuation" in signer.trouble
        let_go(table, key_file(log))
        sign_now(log)
        for one in (signer, next_one):
            table.write([entry(101 + table.size)])
            one.follow(table)
    assert "no continuation" in signer.trouble
    assert next_one.trouble == ""
    assert value(log, "SELECT max(size) FROM checkpoints") == 7


def test_a_log_that_contradicts_its_own_checkpoint_is_not_gone_on_with(log: Log) -> None:
    signed_log(log, 4, 8)
    spoil(log, "DELETE FROM leaves WHERE idx > 5", "DELETE FROM entries WHERE seq NOT IN (SELECT seq FROM leaves)")
    with log.table() as table, pytest.raises(NotContinued):
        let_go(table, key_file(log))
    assert held_file(log).note() is not None


def test_whoever_has_every_right_on_the_machine_is_not_noticed(log: Log) -> None:
    """As the documentation says: then it shows to those only who kept a checkpoint elsewhere."""
    signed_log(log, 4, 8)
    kept = read_checkpoint(str(held_file(log).note()), "it")
    cut(log, 4)
    sign_anew(log)
    assert check_log(log.database, vkey(log)).entries == 4
    with pytest.raises(NotVerified, match="size 8 was noted"):
        check_log(log.database, vkey(log), [kept])
