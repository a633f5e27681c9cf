"""Each entry has its leaf, and what it brings along, whoever writes and whatever fails."""

from __future__ import annotations

import multiprocessing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection

from gateway.audit.check import check_log
from gateway.audit.checkpointer import sign
from gateway.audit.entry_table import Fate
from gateway.audit.ledger import Tail, tail_of
from gateway.audit.log import Entry, Kind, Phase, Row
from gateway.store import Database, open_database
from gateway.store.tables.content import DATA_KEYS, KEPT
from tests.audit.logs import Log, entry, key_file, sign_now, spoil, value, values, write

LEAVES = "SELECT count(*) FROM leaves"


@pytest.fixture
def log(database: Database, tmp_path: Path) -> Log:
    return Log(database, tmp_path)


def verified(log: Log) -> int:
    sign_now(log)
    return check_log(log.database).entries


def test_an_entry_and_its_leaf_are_one_transaction(log: Log) -> None:
    write(log, range(10))
    assert value(log, LEAVES) == 10
    assert value(log, "SELECT count(DISTINCT salt) FROM leaves WHERE length(salt) = 32") == 10
    assert verified(log) == 10


def test_an_entry_that_is_there_already_gets_no_second_leaf(log: Log) -> None:
    write(log, range(3))
    other = Entry(call_id="c1", phase=Phase.OPENED, at="t", body='{"other":1}')
    with log.table() as table:
        assert table.write([entry(1), entry(3), entry(3), other]) == [Fate.DURABLE] * 3 + [Fate.REFUSED]
        assert table.size == 4
    assert verified(log) == 4


def test_what_was_rolled_back_is_no_part_of_the_tree(log: Log) -> None:
    with log.table() as table:
        table.write([entry(0)])
        with pytest.raises(UnicodeEncodeError):
            table.write([entry(1), Entry(call_id="x", phase=Phase.OPENED, at="t", body="\ud83d")])
        assert table.size == 1
        assert table.write([entry(2)]) == [Fate.DURABLE]
    assert values(log, "SELECT call_id FROM entries ORDER BY seq") == ["c0", "c2"]
    assert verified(log) == 2


def test_kinds_and_words_of_any_language(log: Log) -> None:
    entries = [entry(0, kind=Kind.ACT), Entry(call_id="张伟\n1:x,", phase=Phase.COMPLETED, at="t", body="")]
    with log.table() as table:
        assert table.write(entries) == [Fate.DURABLE, Fate.DURABLE]
    assert verified(log) == 2


# Several writers


def _write_some(url: str, folder: Path, first: int) -> None:
    log = Log(open_database(url), folder)
    with log.table() as table:
        for number in range(first, first + 60, 3):
            fates = table.write([entry(number), entry(number + 1), entry(number + 2)])
            assert fates == [Fate.DURABLE] * 3
            sign(table, key_file(log))
    log.database.close()


def test_writers_in_several_processes_make_one_tree(log: Log, database_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_write_some, args=(database_url, log.folder, 1_000 * n)) for n in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    found = check_log(log.database)
    assert (found.entries, found.last.size) == (120, 120)


def test_two_tables_take_turns(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[Tail] = []

    def counted(connection: Connection) -> Tail:
        reads.append(tail_of(connection))
        return reads[-1]

    with log.table() as one, log.table() as other:
        one.write([entry(0)])
        other.open()
        monkeypatch.setattr("gateway.audit.entry_table.tail_of", counted)
        for number in range(1, 5):
            one.write([entry(number)])
        assert not reads, "the edge is kept while nobody else writes"
        other.write([entry(5)])
        one.write([entry(6)])
        other.write([entry(7)])
        assert [tail.frontier.size for tail in reads] == [5, 6, 7]
    assert verified(log) == 8


def test_a_tree_that_lacks_a_part_is_not_built_upon(log: Log) -> None:
    write(log, range(6))
    spoil(log, "DELETE FROM leaves WHERE idx = 3")
    with log.table() as table:
        assert table.write([entry(9)]) == [Fate.FAILED]
        assert table.trouble == "DamagedTreeError"


# What an entry brings along


def kept(call_id: str, sealed: bytes = b"sealed") -> tuple[Row, ...]:
    row = {"call_id": call_id, "part": "request", "nr": 0, "tenant": "acme", "key_id": "k", "sealed": sealed, "at": "t"}
    key = {"id": "k", "tenant": "acme", "wrapped": b"wrapped", "made_at": "t"}
    return (DATA_KEYS, key), (KEPT, row)


def test_rows_beside_an_entry_are_written_with_it_and_once(log: Log) -> None:
    first, second = (replace(entry(number), beside=kept(f"c{number}")) for number in range(2))
    with log.table() as table:
        assert table.write([first, second]) == [Fate.DURABLE, Fate.DURABLE]
        assert table.write([replace(first, beside=kept("c0", b"other"))]) == [Fate.DURABLE], "the same entry, once more"
    assert values(log, "SELECT sealed FROM kept ORDER BY call_id") == [b"sealed", b"sealed"]
    assert values(log, "SELECT id FROM data_keys") == ["k"], "a key of several entries is one row"


def test_a_refused_entry_leaves_no_rows(log: Log) -> None:
    write(log, [0])
    other = Entry(call_id="c0", phase=Phase.OPENED, at="t", body='{"other":1}', beside=kept("c0"))
    with log.table() as table:
        assert table.write([replace(entry(1), beside=kept("c1")), other]) == [Fate.DURABLE, Fate.REFUSED]
    assert values(log, "SELECT call_id FROM kept") == ["c1"]
    assert verified(log) == 2


def test_an_entry_whose_rows_cannot_be_written_is_refused_alone(log: Log) -> None:
    broken: Row = (KEPT, {"call_id": "c0", "part": "reply", "nr": 0})
    with log.table() as table:
        fates = table.write([entry(1), replace(entry(0), beside=(*kept("c0"), broken)), entry(2)])
    assert fates == [Fate.DURABLE, Fate.REFUSED, Fate.DURABLE]
    assert value(log, "SELECT count(*) FROM kept") == 0
    assert verified(log) == 2
