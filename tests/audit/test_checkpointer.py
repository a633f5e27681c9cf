"""Checkpoints come in time, continue each other, hand over to new keys, and never cost an entry."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from gateway.audit.check import check_file
from gateway.audit.checkpoint import next_note
from gateway.audit.checkpointer import Checkpointer, rotate, sign
from gateway.audit.merkle import Frontier
from gateway.audit.signing import Keys, new_key
from gateway.audit.sqlite_log import SqliteAuditLog
from gateway.audit.sqlite_table import EntryTable, Fate
from gateway.audit.verify import NotVerified, leaf_hash, read_checkpoint
from gateway.errors import AuditUnavailable
from tests.audit.logs import entry, key_file, sign_now, signed_log, spoil, value, vkey, write


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.sqlite"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def signer(path: Path, clock: Clock) -> Checkpointer:
    return Checkpointer(key_file(path), every_s=60, every_entries=5, monotonic=clock)


def sizes(path: Path) -> str:
    return str(value(path, "SELECT group_concat(size) FROM (SELECT size FROM checkpoints ORDER BY size)"))


# When


def test_after_so_many_entries_or_seconds(path: Path, signer: Checkpointer, clock: Clock) -> None:
    with closing(EntryTable(path)) as table:
        signer.follow(table)
        for number in range(12):
            table.write([entry(number)])
            signer.follow(table)
        assert sizes(path) == "5,10"
        clock.now += 59
        signer.follow(table)
        assert sizes(path) == "5,10"
        clock.now += 1
        signer.follow(table)
        clock.now += 500
        signer.follow(table)
        assert sizes(path) == "5,10,12", "nothing new, nothing signed"
        table.write([entry(12)])
        signer.follow(table)
        assert sizes(path) == "5,10,12", "the time counts from the first entry that is new"
    assert signer.trouble == ""
    assert check_file(path).last.size == 12


def test_what_an_earlier_process_left_is_signed(path: Path, signer: Checkpointer, clock: Clock) -> None:
    signed_log(path, 2, after=1)
    with closing(EntryTable(path)) as table:
        table.open()
        signer.follow(table)
        clock.now += 60
        signer.follow(table)
    assert sizes(path) == "2,3"


async def test_a_log_signs_as_it_grows_and_at_its_end(path: Path) -> None:
    log = SqliteAuditLog(path, checkpointer=Checkpointer(key_file(path), every_entries=3))
    for number in range(4):
        await log.append(entry(number))
    await log.close()
    assert sizes(path) == "3,4"
    assert log.unsigned == ""
    assert check_file(path, vkey(path)).entries == 4


def test_several_that_sign_are_of_one_mind(path: Path, clock: Clock) -> None:
    signers = [Checkpointer(key_file(path), every_entries=1, monotonic=clock) for _ in range(3)]
    tables = [EntryTable(path) for _ in signers]
    for number in range(6):
        tables[number % 3].write([entry(number)])
        for signer, table in zip(signers, tables, strict=True):
            signer.follow(table)
    for table in tables:
        table.close()
    assert sizes(path) == "1,2,3,4,5,6"
    assert [signer.trouble for signer in signers] == ["", "", ""]
    assert check_file(path).entries == 6


def test_an_empty_log_is_not_signed(path: Path) -> None:
    with closing(EntryTable(path)) as table:
        assert sign(table, key_file(path)) is None
    with pytest.raises(NotVerified, match="nothing is proved"):
        check_file(path)


# Trouble


async def test_a_key_that_cannot_be_used_costs_no_entry(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    key = path.with_name("audit.key")
    key.write_text("nonsense")
    key.chmod(0o600)
    signer = Checkpointer(key_file(path), every_entries=1)
    log = SqliteAuditLog(path, checkpointer=signer)
    await log.append(entry(0))
    await log.append(entry(1))
    await log.append(entry(2))
    assert log.unsigned == "The file of the signing key holds something else."
    assert log.healthy
    key.unlink()
    await log.append(entry(3))
    await log.close()
    assert log.unsigned == ""
    assert check_file(path).entries == 4
    levels = [record.levelname for record in caplog.records]
    # A third line where the key goes between two looks at it: another trouble, said once as well.
    assert levels in (["ERROR", "WARNING"], ["ERROR", "ERROR", "WARNING"]), "said once, and that it is over"
    assert "nonsense" not in caplog.text


def test_a_bug_in_signing_costs_no_entry(path: Path, signer: Checkpointer, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("raw")

    monkeypatch.setattr("gateway.audit.checkpointer.next_note", fail)
    with closing(EntryTable(path)) as table:
        table.write([entry(0)])
        signer.follow(table, closing=True)
        assert signer.trouble == "The checkpoint failed: ZeroDivisionError."
        assert table.write([entry(1)]) == [Fate.DURABLE]


def test_trouble_is_tried_again_in_time_and_not_at_each_turn(
    path: Path, signer: Checkpointer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def fail(table: EntryTable, *_: object) -> None:
        tries.append(table.size)
        raise AuditUnavailable("no")

    monkeypatch.setattr("gateway.audit.checkpointer.sign", fail)
    with closing(EntryTable(path)) as table:
        for number in range(11):
            table.write([entry(number)])
            signer.follow(table)
            signer.follow(table)
        clock.now += 61
        signer.follow(table)
        signer.follow(table)
    assert tries == [5, 10, 11]


# Forks


def refused(path: Path, match: str) -> None:
    with closing(EntryTable(path)) as table:
        table.write([entry(999)])
        with pytest.raises(AuditUnavailable, match=match):
            sign(table, key_file(path))


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE leaves SET nodes = randomblob(length(nodes)) WHERE idx = 3",
        "DELETE FROM leaves WHERE idx > 1",
    ],
)
def test_a_log_that_does_not_continue_what_was_signed_is_not_signed(path: Path, edit: str) -> None:
    signed_log(path, 4)
    spoil(path, edit, "DELETE FROM entries WHERE seq NOT IN (SELECT seq FROM leaves)")
    refused(path, "no continuation")
    assert sizes(path) == "4"


def test_an_older_copy_put_in_place_of_the_log_is_not_signed(path: Path, tmp_path: Path) -> None:
    """Its own checkpoints fit it; what the process holds in memory does not."""
    signer = Checkpointer(key_file(path), every_entries=1)
    signed_log(path, 3)
    copy = tmp_path / "copy"
    shutil.copy(path, copy)
    with closing(EntryTable(path)) as table:
        table.write([entry(3)])
        signer.follow(table)
        assert (signer.trouble, sizes(path)) == ("", "3,4")
    shutil.copy(copy, path)
    write(path, [100, 101, 102])
    with closing(EntryTable(path)) as table:
        table.open()
        signer.follow(table)
    assert "no continuation" in signer.trouble
    assert sizes(path) == "3"


@pytest.mark.parametrize(
    ("edit", "match"),
    [
        ("UPDATE checkpoints SET note = replace(note, 'example', 'exemple')", "was changed after it was signed"),
        ("UPDATE checkpoints SET note = 'x'", "is damaged"),
    ],
)
def test_nothing_is_signed_upon_a_checkpoint_that_was_edited(path: Path, edit: str, match: str) -> None:
    signed_log(path, 4)
    if "exemple" in edit:
        edit = "UPDATE checkpoints SET note = 'x' || note"
    spoil(path, edit)
    refused(path, match)


def test_a_file_that_is_taken_away_is_not_signed(path: Path) -> None:
    with closing(EntryTable(path)) as table:
        table.write([entry(0)])
        path.unlink()
        with pytest.raises(AuditUnavailable, match="removed or replaced"):
            sign(table, key_file(path))


# Rotation


def rotated(path: Path) -> None:
    with closing(EntryTable(path)) as table:
        rotate(table, key_file(path), new_key(key_file(path).load().current.name))


def test_the_old_key_signs_the_first_checkpoint_of_the_new_one(path: Path) -> None:
    signed_log(path, 3)
    old = vkey(path)
    rotated(path)
    new = vkey(path)
    write(path, range(3, 5))
    sign_now(path)
    handover = read_checkpoint(str(value(path, "SELECT note FROM checkpoints WHERE size = 5")), "it")
    assert handover.successor == new
    assert [(name, key_id) for name, key_id, _ in handover.signatures] == [(new.name, new.id), (old.name, old.id)]
    assert key_file(path).load().previous is not None
    write(path, range(5, 7))
    sign_now(path)
    assert key_file(path).load().previous is None, "the old secret is gone once it has handed over"
    last = read_checkpoint(str(value(path, "SELECT note FROM checkpoints WHERE size = 7")), "it")
    assert (last.successor, len(last.signatures)) == (None, 1)
    assert check_file(path, old).entries == check_file(path, new).entries == check_file(path).entries == 7
    assert value(path, "SELECT group_concat(vkey, ' ') FROM (SELECT vkey FROM verifier_keys ORDER BY rowid)") == f"{old} {new}"


def test_a_running_gateway_follows(path: Path, signer: Checkpointer) -> None:
    with closing(EntryTable(path)) as table:
        for number in range(5):
            table.write([entry(number)])
            signer.follow(table)
        rotated(path)
        for number in range(5, 15):
            table.write([entry(number)])
            signer.follow(table)
    assert (signer.trouble, sizes(path)) == ("", "5,10,15")
    assert check_file(path, vkey(path)).checkpoints == 3


def test_many_rotations(path: Path) -> None:
    signed_log(path, 1)
    keys = [vkey(path)]
    for number in range(1, 4):
        rotated(path)
        write(path, [number])
        sign_now(path)
        keys.append(vkey(path))
    assert [check_file(path, key).checkpoints for key in keys] == [4, 4, 4, 4]


def test_a_rotation_waits_for_the_one_before(path: Path) -> None:
    signed_log(path, 2)
    rotated(path)
    with pytest.raises(AuditUnavailable, match="waits for its first checkpoint"):
        rotated(path)
    write(path, [2])
    rotated(path)
    write(path, [3])
    sign_now(path)
    assert check_file(path).checkpoints == 3


def test_a_log_that_was_never_signed_may_rotate(path: Path) -> None:
    write(path, range(2))
    first = vkey(path)
    rotated(path)
    sign_now(path)
    for key in (first, vkey(path)):
        assert check_file(path, key).entries == 2


def test_a_lost_key_is_not_replaced_in_silence(path: Path) -> None:
    signed_log(path, 3)
    old = vkey(path)
    path.with_name("audit.key").unlink()
    refused(path, "not the one that signed the last checkpoint")
    rotated(path)
    write(path, [5])
    sign_now(path)
    with pytest.raises(NotVerified, match="the checkpoint of size 5 is not signed by the key in charge"):
        check_file(path, old)
    assert check_file(path, vkey(path)).checkpoints == 2


def test_a_key_that_was_replaced_can_sign_nothing_more(path: Path) -> None:
    """Not even one that was stolen before: what it signs behind the handover is refused to everybody."""
    signed_log(path, 2)
    stolen = key_file(path).load().current
    rotated(path)
    write(path, [2])
    sign_now(path)
    write(path, [3])
    with closing(EntryTable(path)) as table, table.locked() as (connection, tail):
        note = next_note(tail.frontier, Keys(stolen), None)
        connection.execute("INSERT INTO checkpoints VALUES (4, 't', ?)", (note,))
    for key in (stolen.public, vkey(path)):
        with pytest.raises(NotVerified, match="the checkpoint of size 4 is not signed by the key in charge"):
            check_file(path, key)


def test_a_signature_that_was_added_hands_nothing_over(path: Path) -> None:
    """Anybody can put a signature of their own under a note; only a successor in the signed text counts."""
    signed_log(path, 2)
    rogue, text = new_key("example.com/log"), str(value(path, "SELECT note FROM checkpoints"))
    spoil(path, ("UPDATE checkpoints SET note = ?", (text + rogue.line(text.partition("\n\n")[0] + "\n"),)))
    write(path, [2])
    with closing(EntryTable(path)) as table, table.locked() as (connection, tail):
        note = next_note(tail.frontier, Keys(rogue), None)
        connection.execute("INSERT INTO checkpoints VALUES (3, 't', ?)", (note,))
        connection.execute("INSERT INTO verifier_keys VALUES (?, 't')", (str(rogue.public),))
    with pytest.raises(NotVerified, match="the checkpoint of size 3 is not signed by the key in charge"):
        check_file(path, vkey(path))


def test_a_note_names_size_and_root(path: Path) -> None:
    keys = key_file(path).load()
    edge = Frontier().append(leaf_hash(b"x"))[0]
    found = read_checkpoint(next_note(edge, keys, None), "it")
    assert (found.origin, found.size, found.root, found.successor) == ("example.com/log", 1, leaf_hash(b"x"), None)
