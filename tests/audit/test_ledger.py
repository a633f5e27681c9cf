"""Each entry has its leaf, whoever writes, whatever fails, and however old the file is."""

from __future__ import annotations

import multiprocessing
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from gateway.audit import ledger
from gateway.audit.check import check_file
from gateway.audit.checkpointer import sign
from gateway.audit.ledger import Tail, stored_nodes, tail_of
from gateway.audit.log import Entry, Kind, Phase
from gateway.audit.schema import _ACTS, _ENTRIES, VERSION
from gateway.audit.sqlite_table import EntryTable, Fate
from gateway.errors import AuditUnavailable
from tests.audit.logs import entry, key_file, sign_now, signed_log, spoil, value, write
from tests.audit.test_act import VERSION_1

OLD = "INSERT INTO entries (seq, call_id, phase, at, body) VALUES (?, ?, 'opened', '2026-01-02T03:04:05.678Z', '{}')"
LEAVES = "SELECT count(*) FROM leaves"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.sqlite"


def verified(path: Path) -> int:
    sign_now(path)
    return check_file(path).entries


def old_file(path: Path, version: int, seqs: Sequence[int]) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in VERSION_1 if version == 1 else (*_ENTRIES, *_ACTS, "PRAGMA user_version = 2"):
            connection.execute(statement)
        connection.executemany(OLD, [(seq, f"old-{seq}") for seq in seqs])
        connection.commit()


def test_an_entry_and_its_leaf_are_one_transaction(path: Path) -> None:
    write(path, range(10))
    assert value(path, LEAVES) == 10
    assert value(path, "SELECT count(DISTINCT salt) FROM leaves WHERE length(salt) = 32") == 10
    assert verified(path) == 10


def test_an_entry_that_is_there_already_gets_no_second_leaf(path: Path) -> None:
    write(path, range(3))
    other = Entry(call_id="c1", phase=Phase.OPENED, at="t", body='{"other":1}')
    with closing(EntryTable(path)) as table:
        assert table.write([entry(1), entry(3), entry(3), other]) == [Fate.DURABLE] * 3 + [Fate.REFUSED]
        assert table.size == 4
    assert verified(path) == 4


def test_what_was_rolled_back_is_no_part_of_the_tree(path: Path) -> None:
    with closing(EntryTable(path)) as table:
        table.write([entry(0)])
        with pytest.raises(UnicodeEncodeError):
            table.write([entry(1), Entry(call_id="x", phase=Phase.OPENED, at="t", body="\ud83d")])
        assert table.size == 1
        assert table.write([entry(2)]) == [Fate.DURABLE]
    assert value(path, "SELECT group_concat(call_id) FROM entries") == "c0,c2"
    assert verified(path) == 2


def test_kinds_and_words_of_any_language(path: Path) -> None:
    entries = [entry(0, kind=Kind.ACT), Entry(call_id="张伟\n1:x,", phase=Phase.COMPLETED, at="t", body="")]
    with closing(EntryTable(path)) as table:
        assert table.write(entries) == [Fate.DURABLE, Fate.DURABLE]
    assert verified(path) == 2


# Several writers


def _write_some(path: Path, first: int) -> None:
    with closing(EntryTable(path)) as table:
        for number in range(first, first + 60, 3):
            fates = table.write([entry(number), entry(number + 1), entry(number + 2)])
            assert fates == [Fate.DURABLE] * 3
            sign(table, key_file(path))


def test_writers_in_several_processes_make_one_tree(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_write_some, args=(path, 1_000 * n)) for n in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    found = check_file(path)
    assert (found.entries, found.last.size) == (120, 120)


def test_two_tables_take_turns(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[Tail] = []

    def counted(connection: sqlite3.Connection) -> Tail:
        reads.append(tail_of(connection))
        return reads[-1]

    with closing(EntryTable(path)) as one, closing(EntryTable(path)) as other:
        one.write([entry(0)])
        other.open()
        monkeypatch.setattr("gateway.audit.sqlite_table.tail_of", counted)
        for number in range(1, 5):
            one.write([entry(number)])
        assert not reads, "the edge is kept while nobody else writes"
        other.write([entry(5)])
        one.write([entry(6)])
        other.write([entry(7)])
        assert [tail.frontier.size for tail in reads] == [5, 6, 7]
    assert verified(path) == 8


def test_an_older_gateway_beside_us_can_enter_nothing(path: Path) -> None:
    write(path, range(2))
    with closing(sqlite3.connect(path)) as older:
        for statement in (
            "INSERT INTO entries (call_id, phase, at, body) VALUES ('x', 'opened', 't', '{}')",
            "INSERT INTO entries (call_id, phase, at, body, kind) VALUES ('x', 'opened', 't', '{}', 'exchange')",
            "INSERT INTO entries (seq, call_id, phase, at, body) VALUES (9, 'x', 'opened', 't', '{}')",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                older.execute(statement)
    assert verified(path) == 2


def test_an_empty_file_too(path: Path) -> None:
    EntryTable(path).open().close()
    with closing(sqlite3.connect(path)) as older, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        older.execute("INSERT INTO entries (call_id, phase, at, body) VALUES ('x', 'opened', 't', '{}')")


# The file


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE leaves SET salt = NULL",
        "DELETE FROM leaves",
        "INSERT OR REPLACE INTO leaves SELECT * FROM leaves WHERE seq = 1",
        "UPDATE checkpoints SET note = ''",
        "DELETE FROM checkpoints",
        "INSERT OR REPLACE INTO checkpoints SELECT * FROM checkpoints",
        "UPDATE verifier_keys SET vkey = ''",
        "DELETE FROM verifier_keys",
    ],
)
def test_what_is_in_the_tree_stays(path: Path, statement: str) -> None:
    signed_log(path, 2)
    with closing(sqlite3.connect(path)) as other, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        other.execute(statement)


@pytest.mark.parametrize("version", [1, 2])
def test_the_entries_of_an_older_file_become_leaves_in_order(path: Path, version: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "_BATCH", 4)
    old_file(path, version, range(1, 11))
    write(path, range(3))
    assert value(path, "PRAGMA user_version") == VERSION
    assert value(path, "SELECT group_concat(seq - idx) FROM leaves") == ",".join("1" * 13)
    assert value(path, "SELECT count(*) FROM entries WHERE call_id LIKE 'old-%' AND body = '{}'") == 10
    assert verified(path) == 13


def test_an_older_file_with_gaps(path: Path) -> None:
    """Whatever made them: leaves count on, and each node is found."""
    seqs = [2, 3, 7, 8, 9, 30, 31, 32, 33, 1_000_000]
    old_file(path, 2, seqs)
    write(path, range(5))
    with closing(EntryTable(path)) as table:
        node = stored_nodes(table.open())
        assert [len(node(0, index)) for index in range(15)] == [32] * 15
        with pytest.raises(LookupError):
            node(0, 15)
    assert value(path, "SELECT max(seq) FROM leaves") == 1_000_005
    assert verified(path) == 15


def test_a_migration_that_fails_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old_file(path, 2, range(1, 11))

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk full")

    monkeypatch.setattr("gateway.audit.schema.stamp", fail)
    with pytest.raises(AuditUnavailable):
        EntryTable(path).open()
    assert value(path, "PRAGMA user_version") == 2
    assert value(path, "SELECT count(*) FROM sqlite_schema WHERE name = 'leaves'") == 0


def test_a_tree_that_lacks_a_part_is_not_built_upon(path: Path) -> None:
    write(path, range(6))
    spoil(path, "DELETE FROM leaves WHERE idx = 3")
    table = EntryTable(path)
    assert table.write([entry(9)]) == [Fate.FAILED]
    assert table.trouble == "DamagedTreeError"
