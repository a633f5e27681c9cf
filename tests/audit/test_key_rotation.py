"""A key that signs takes over from another: the handover is on the log, and a key that was lost leads nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import insert

from gateway.audit.check import check_log
from gateway.audit.checkpoint import next_note
from gateway.audit.checkpointer import Checkpointer, rotate
from gateway.audit.rows import opened
from gateway.audit.signing import Keys, new_key
from gateway.audit.verify import NotVerified, read_checkpoint
from gateway.errors import AuditUnavailable
from gateway.store import Database
from gateway.store.tables.ledger import CHECKPOINTS, VERIFIER_KEYS
from tests.audit.logs import Log, entry, key_file, sign_now, signed_log, spoil, value, vkey, write
from tests.audit.test_checkpointer import refused, sizes
from tests.support.clock import Clock


@pytest.fixture
def log(database: Database, tmp_path: Path) -> Log:
    return Log(database, tmp_path)


@pytest.fixture
def signer(log: Log) -> Checkpointer:
    return Checkpointer(key_file(log), every_s=60, every_entries=5, monotonic=Clock())


def rotated(log: Log) -> None:
    with log.table() as table:
        rotate(table, key_file(log), new_key(key_file(log).load().current.name))


def test_the_old_key_signs_the_first_checkpoint_of_the_new_one(log: Log) -> None:
    signed_log(log, 3)
    old = vkey(log)
    rotated(log)
    new = vkey(log)
    write(log, range(3, 5))
    sign_now(log)
    handover = read_checkpoint(str(value(log, "SELECT note FROM checkpoints WHERE size = 5")), "it")
    assert handover.successor == new
    assert [(name, key_id) for name, key_id, _ in handover.signatures] == [(new.name, new.id), (old.name, old.id)]
    assert key_file(log).load().previous is not None
    write(log, range(5, 7))
    sign_now(log)
    assert key_file(log).load().previous is None, "the old secret is gone once it has handed over"
    last = read_checkpoint(str(value(log, "SELECT note FROM checkpoints WHERE size = 7")), "it")
    assert (last.successor, len(last.signatures)) == (None, 1)
    assert check_log(log.database, old).entries == check_log(log.database, new).entries == check_log(log.database).entries == 7
    with opened(log.database) as stored:
        assert stored.keys() == [old, new]


def test_a_running_gateway_follows(log: Log, signer: Checkpointer) -> None:
    with log.table() as table:
        for number in range(5):
            table.write([entry(number)])
            signer.follow(table)
        rotated(log)
        for number in range(5, 15):
            table.write([entry(number)])
            signer.follow(table)
    assert (signer.trouble, sizes(log)) == ("", "5,10,15")
    assert check_log(log.database, vkey(log)).checkpoints == 3


def test_many_rotations(log: Log) -> None:
    signed_log(log, 1)
    keys = [vkey(log)]
    for number in range(1, 4):
        rotated(log)
        write(log, [number])
        sign_now(log)
        keys.append(vkey(log))
    assert [check_log(log.database, key).checkpoints for key in keys] == [4, 4, 4, 4]


def test_a_rotation_waits_for_the_one_before(log: Log) -> None:
    signed_log(log, 2)
    rotated(log)
    with pytest.raises(AuditUnavailable, match="waits for its first checkpoint"):
        rotated(log)
    write(log, [2])
    rotated(log)
    write(log, [3])
    sign_now(log)
    assert check_log(log.database).checkpoints == 3


def test_a_log_that_was_never_signed_may_rotate(log: Log) -> None:
    write(log, range(2))
    first = vkey(log)
    rotated(log)
    sign_now(log)
    for key in (first, vkey(log)):
        assert check_log(log.database, key).entries == 2


def test_a_lost_key_is_not_replaced_in_silence(log: Log) -> None:
    signed_log(log, 3)
    old = vkey(log)
    (log.folder / "audit.key").unlink()
    refused(log, "not the one that signed the last checkpoint")
    rotated(log)
    write(log, [5])
    sign_now(log)
    with pytest.raises(NotVerified, match="the checkpoint of size 5 is not signed by the key in charge"):
        check_log(log.database, old)
    assert check_log(log.database, vkey(log)).checkpoints == 2


def test_a_key_that_was_replaced_can_sign_nothing_more(log: Log) -> None:
    """Not even one that was stolen before: what it signs behind the handover is refused to everybody."""
    signed_log(log, 2)
    stolen = key_file(log).load().current
    rotated(log)
    write(log, [2])
    sign_now(log)
    write(log, [3])
    with log.table() as table, table.locked() as (connection, tail):
        note = next_note(tail.frontier, Keys(stolen), None)
        connection.execute(insert(CHECKPOINTS).values(size=4, at="t", note=note))
    for key in (stolen.public, vkey(log)):
        with pytest.raises(NotVerified, match="the checkpoint of size 4 is not signed by the key in charge"):
            check_log(log.database, key)


def test_a_signature_that_was_added_hands_nothing_over(log: Log) -> None:
    """Anybody can put a signature of their own under a note; only a successor in the signed text counts."""
    signed_log(log, 2)
    rogue, text = new_key("example.com/log"), str(value(log, "SELECT note FROM checkpoints"))
    spoil(log, ("UPDATE checkpoints SET note = ?", (text + rogue.line(text.partition("\n\n")[0] + "\n"),)))
    write(log, [2])
    with log.table() as table, table.locked() as (connection, tail):
        note = next_note(tail.frontier, Keys(rogue), None)
        connection.execute(insert(CHECKPOINTS).values(size=3, at="t", note=note))
        connection.execute(insert(VERIFIER_KEYS).values(vkey=str(rogue.public), at="t"))
    with pytest.raises(NotVerified, match="the checkpoint of size 3 is not signed by the key in charge"):
        check_log(log.database, vkey(log))
