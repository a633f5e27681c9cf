"""Checkpoints come in time, continue each other, hand over to new keys, and never cost an entry."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.check import check_log
from gateway.audit.checkpoint import next_note
from gateway.audit.checkpointer import Checkpointer, sign
from gateway.audit.database_log import DatabaseAuditLog
from gateway.audit.entry_table import EntryTable, Fate
from gateway.audit.merkle import Frontier
from gateway.audit.verify import NotVerified, leaf_hash, read_checkpoint
from gateway.errors import AuditUnavailable
from gateway.store import Database
from tests.audit.logs import Log, entry, key_file, log_in, signed_log, spoil, values, vkey, write
from tests.support.clock import Clock


@pytest.fixture
def log(database: Database, tmp_path: Path) -> Log:
    return Log(database, tmp_path)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def signer(log: Log, clock: Clock) -> Checkpointer:
    return Checkpointer(key_file(log), every_s=60, every_entries=5, monotonic=clock)


def sizes(log: Log) -> str:
    return ",".join(map(str, values(log, "SELECT size FROM checkpoints ORDER BY size")))


# When


def test_after_so_many_entries_or_seconds(log: Log, signer: Checkpointer, clock: Clock) -> None:
    with log.table() as table:
        signer.follow(table)
        for number in range(12):
            table.write([entry(number)])
            signer.follow(table)
        assert sizes(log) == "5,10"
        clock.now += 59
        signer.follow(table)
        assert sizes(log) == "5,10"
        clock.now += 1
        signer.follow(table)
        clock.now += 500
        signer.follow(table)
        assert sizes(log) == "5,10,12", "nothing new, nothing signed"
        table.write([entry(12)])
        signer.follow(table)
        assert sizes(log) == "5,10,12", "the time counts from the first entry that is new"
    assert signer.trouble == ""
    assert check_log(log.database).last.size == 12


def test_it_says_how_long_nobody_need_ask(log: Log, signer: Checkpointer, clock: Clock) -> None:
    with log.table() as table:
        signer.follow(table)
        assert signer.due_s() is None
        table.write([entry(0)])
        signer.follow(table)
        assert signer.due_s() == 60
        clock.now += 61
        assert signer.due_s() == 0
        signer.follow(table)
        signer.follow(table)
        assert (sizes(log), signer.due_s()) == ("1", None)


def test_what_an_earlier_process_left_is_signed(log: Log, signer: Checkpointer, clock: Clock) -> None:
    signed_log(log, 2, after=1)
    with log.table() as table:
        table.open()
        signer.follow(table)
        clock.now += 60
        signer.follow(table)
    assert sizes(log) == "2,3"


async def test_a_log_signs_as_it_grows_and_at_its_end(log: Log) -> None:
    written = DatabaseAuditLog(log.database, checkpointer=Checkpointer(key_file(log), every_entries=3))
    for number in range(4):
        await written.append(entry(number))
    await written.close()
    assert sizes(log) == "3,4"
    assert written.unsigned == ""
    assert check_log(log.database, vkey(log)).entries == 4


def test_several_that_sign_are_of_one_mind(log: Log, clock: Clock) -> None:
    signers = [Checkpointer(key_file(log), every_entries=1, monotonic=clock) for _ in range(3)]
    tables = [EntryTable(log.database) for _ in signers]
    for number in range(6):
        tables[number % 3].write([entry(number)])
        for signer, table in zip(signers, tables, strict=True):
            signer.follow(table)
    for table in tables:
        table.close()
    assert sizes(log) == "1,2,3,4,5,6"
    assert [signer.trouble for signer in signers] == ["", "", ""]
    assert check_log(log.database).entries == 6


def test_an_empty_log_is_not_signed(log: Log) -> None:
    with log.table() as table:
        assert sign(table, key_file(log)) is None
    with pytest.raises(NotVerified, match="nothing is proved"):
        check_log(log.database)


# Trouble


async def test_a_key_that_cannot_be_used_costs_no_entry(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    key = log.folder / "audit.key"
    key.write_text("nonsense")
    key.chmod(0o600)
    signer = Checkpointer(key_file(log), every_entries=1)
    written = DatabaseAuditLog(log.database, checkpointer=signer)
    await written.append(entry(0))
    await written.append(entry(1))
    await written.append(entry(2))
    assert written.unsigned == "The file of the signing key holds something else."
    assert written.healthy
    key.unlink()
    await written.append(entry(3))
    await written.close()
    assert written.unsigned == ""
    assert check_log(log.database).entries == 4
    levels = [record.levelname for record in caplog.records]
    # A third line where the key goes between two looks at it: another trouble, said once as well.
    assert levels in (["ERROR", "WARNING"], ["ERROR", "ERROR", "WARNING"]), "said once, and that it is over"
    assert "nonsense" not in caplog.text


def test_a_bug_in_signing_costs_no_entry(log: Log, signer: Checkpointer, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("raw")

    monkeypatch.setattr("gateway.audit.checkpointer.next_note", fail)
    with log.table() as table:
        table.write([entry(0)])
        signer.follow(table, closing=True)
        assert signer.trouble == "The checkpoint failed: ZeroDivisionError."
        assert table.write([entry(1)]) == [Fate.DURABLE]


def test_trouble_is_tried_again_in_time_and_not_at_each_turn(
    log: Log, signer: Checkpointer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def fail(table: EntryTable, *_: object, **__: object) -> None:
        tries.append(table.size)
        raise AuditUnavailable("no")

    monkeypatch.setattr("gateway.audit.checkpointer.sign", fail)
    with log.table() as table:
        for number in range(11):
            table.write([entry(number)])
            signer.follow(table)
            signer.follow(table)
        clock.now += 61
        signer.follow(table)
        signer.follow(table)
    assert tries == [5, 10, 11]


# Forks


def refused(log: Log, match: str) -> None:
    with log.table() as table:
        table.write([entry(999)])
        with pytest.raises(AuditUnavailable, match=match):
            sign(table, key_file(log))


@pytest.mark.parametrize(
    "edit",
    [
        ("UPDATE leaves SET nodes = ? WHERE idx = 3", (bytes(96),)),
        "DELETE FROM leaves WHERE idx > 1",
    ],
)
def test_a_log_that_does_not_continue_what_was_signed_is_not_signed(log: Log, edit: Any) -> None:
    signed_log(log, 4)
    spoil(log, edit, "DELETE FROM entries WHERE seq NOT IN (SELECT seq FROM leaves)")
    refused(log, "no continuation")
    assert sizes(log) == "4"


def test_an_older_copy_put_in_place_of_the_log_is_not_signed(tmp_path: Path) -> None:
    """Its own checkpoints fit it; what the process holds in memory does not."""
    path = tmp_path / "audit.sqlite"
    log = log_in(path)
    signer = Checkpointer(key_file(log), every_entries=1)
    signed_log(log, 3)
    copy = tmp_path / "copy"
    shutil.copy(path, copy)
    with log.table() as table:
        table.write([entry(3)])
        signer.follow(table)
        assert (signer.trouble, sizes(log)) == ("", "3,4")
    shutil.copy(copy, path)
    write(log, [100, 101, 102])
    with log.table() as table:
        table.open()
        signer.follow(table)
    assert "no continuation" in signer.trouble
    assert sizes(log) == "3"


@pytest.mark.parametrize(
    ("edit", "match"),
    [
        ("UPDATE checkpoints SET note = replace(note, 'example', 'exemple')", "was changed after it was signed"),
        ("UPDATE checkpoints SET note = 'x'", "is damaged"),
    ],
)
def test_nothing_is_signed_upon_a_checkpoint_that_was_edited(log: Log, edit: str, match: str) -> None:
    signed_log(log, 4)
    if "exemple" in edit:
        edit = "UPDATE checkpoints SET note = 'x' || note"
    spoil(log, edit)
    refused(log, match)


def test_a_file_that_is_taken_away_is_not_signed(tmp_path: Path) -> None:
    path = tmp_path / "audit.sqlite"
    log = log_in(path)
    with log.table() as table:
        table.write([entry(0)])
        path.unlink()
        with pytest.raises(AuditUnavailable, match="removed or replaced"):
            sign(table, key_file(log))


def test_a_note_names_size_and_root(log: Log) -> None:
    keys = key_file(log).load()
    edge = Frontier().append(leaf_hash(b"x"))[0]
    found = read_checkpoint(next_note(edge, keys, None), "it")
    assert (found.origin, found.size, found.root, found.successor) == ("example.com/log", 1, leaf_hash(b"x"), None)
