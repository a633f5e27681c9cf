"""The index reads every entry once, in order, however it is stopped and whoever reads along."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from sqlalchemy import Connection, event, select, update

from gateway.explorer.index.batch import Batch, batch_of
from gateway.explorer.index.dialect import insert_many
from gateway.explorer.index.filters import Filters
from gateway.explorer.index.index import Index
from gateway.explorer.index.mark import VERSION
from gateway.explorer.index.reading import Told
from gateway.explorer.index.sums import changes
from gateway.store import Database
from gateway.store.tables.index import INDEX_HOURS, INDEX_MARK
from tests.explorer.index.logs import ended, follow_all, opened, rows, sums, write

FOUND = [{"entity": "PERSON", "operator": "placeholder", "count": 2}, {"entity": "PERSON", "operator": "mask", "count": 1}]
LOG = (
    opened(1, model="small", findings=FOUND),
    opened(2),
    ended(1, model="small", findings=FOUND, usage={"input_tokens": 10, "output_tokens": 5}, cost=25, cache="miss"),
    ended(3, "denied", decision={"allow": False, "rule": "rules.no", "policy_version": "v1"}, status=403),
    opened(4, tenant="globex"),
    ended(4, "failed", tenant="globex", error_code="upstream_unreachable", status=502),
    ended(5, "rejected", tenant=None, decision=None, status=401),
)


def everything(index: Index) -> tuple[object, ...]:
    return index.search(Filters(tenants=None), limit=1_000).rows


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_what_is_indexed_does_not_depend_on_the_pieces_it_was_read_in(database: Database, limit: int) -> None:
    index = Index(database)
    write(database, LOG)
    follow_all(index, limit)
    assert everything(index) == tuple(sorted(rows(LOG), key=lambda row: -row.seq))
    assert sums(database) == changes((), rows(LOG))
    assert index.follow() == 0


def test_an_exchange_is_there_when_it_opens_and_changes_when_it_ends(database: Database) -> None:
    index = Index(database)
    write(database, LOG[:1])
    follow_all(index)
    (row,) = index.search(Filters(tenants=None, outcome="incomplete")).rows
    write(database, LOG[2:3])
    follow_all(index)
    assert index.search(Filters(tenants=None, outcome="incomplete")).rows == ()
    (after,) = index.search(Filters(tenants=None, outcome="completed", cache="miss")).rows
    assert (row.seq, row.completed_at) == (after.seq, None)
    assert after.cost == 25


def test_acts_are_passed_over(database: Database) -> None:
    index = Index(database)
    write(database, [opened(1)._replace(call_id="act_1")], kind="act")
    write(database, [opened(2)])
    assert index.follow() == 2
    assert [row.call_id for row in index.search(Filters(tenants=None)).rows] == ["c2"]


def test_several_gateways_count_every_exchange_once(database: Database) -> None:
    write(database, [entry for number in range(60) for entry in (opened(number), ended(number))])
    read: list[int] = []

    def gateway() -> None:
        index = Index(database)
        while index.behind():
            read.append(index.follow(7))

    threads = [threading.Thread(target=gateway) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(read) == 120
    totals = {key.word: amounts.number for key, amounts in sums(database).items() if key[:3] == ("outcome", "all", "day")}
    assert totals == {"completed": 60}


def test_nobody_waits_while_a_batch_is_worked_out(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record of exchanges takes the lock at that time."""

    def slowly(connection: Connection, told: Sequence[Told]) -> Batch:
        batch = batch_of(connection, told)
        write(database, [ended(2)])
        return batch

    write(database, [opened(1), ended(1)])
    index = Index(database)
    monkeypatch.setattr("gateway.explorer.index.index.batch_of", slowly)
    assert index.follow() == 2
    monkeypatch.undo()
    assert index.follow() == 1
    assert [row.call_id for row in index.search(Filters(tenants=None)).rows] == ["c2", "c1"]


def test_a_batch_is_void_where_another_gateway_was_faster(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    index, other = Index(database), Index(database)
    write(database, [opened(1), opened(2)])
    index.follow()
    write(database, [ended(1), ended(2)])

    def overtaken(connection: Connection, told: Sequence[Told]) -> Batch:
        batch = batch_of(connection, told)
        monkeypatch.undo()
        other.follow(1)
        return batch

    monkeypatch.setattr("gateway.explorer.index.index.batch_of", overtaken)
    assert index.follow() == 0
    follow_all(index)
    totals = {key.word: amounts.number for key, amounts in sums(database).items() if key[:3] == ("outcome", "all", "day")}
    assert {word: number for word, number in totals.items() if number} == {"completed": 2}


def test_sqlite_is_asked_once_for_all_rows_of_a_kind(database: Database) -> None:
    """By the row, the driver would wait for the interpreter after each, with the lock in its hand."""
    if database.kind == "postgres":
        pytest.skip("Postgres has no lock that all who write share")
    index = Index(database)
    write(database, [opened(number) for number in range(30)])
    index.follow()
    write(database, [ended(number, findings=FOUND) for number in range(30)])
    by_the_row: list[str] = []

    def note(_: object, __: object, statement: str, ___: object, ____: object, many: bool) -> None:
        by_the_row.extend([statement] * many)

    event.listen(database.engine, "before_cursor_execute", note)
    assert index.follow() == 30
    assert by_the_row == []
    assert len(index.search(Filters(tenants=None, outcome="completed")).rows) == 30
    assert index.search(Filters(tenants=None, outcome="incomplete")).rows == ()


@pytest.mark.parametrize("word", ["plain", "it's 李", "a\0b", '"\\', "\u2028"])
def test_rows_stand_in_the_database_as_they_were_given(database: Database, word: str) -> None:
    given = [(word, 2**62, -1), ("other", 0, 5)]
    if database.kind == "postgres" and "\0" in word:
        pytest.skip("Postgres has no such texts, and the index makes none")
    with database.writing() as connection:
        insert_many(connection, INDEX_HOURS, given)
    with database.reading() as connection:
        found = connection.execute(select(INDEX_HOURS)).all()
    assert sorted(map(tuple, found)) == sorted(given)


def test_a_new_index_is_the_same_as_the_old_one(database: Database) -> None:
    index = Index(database)
    write(database, LOG)
    follow_all(index)
    before = everything(index), sums(database)
    index.rebuild()
    follow_all(index)
    assert (everything(index), sums(database)) == before


def test_an_index_that_was_being_emptied_when_a_gateway_stopped_is_emptied_by_the_next(database: Database) -> None:
    index = Index(database)
    write(database, LOG)
    follow_all(index)
    index.rebuild()
    assert index.follow() > 0
    follow_all(Index(database))
    assert sums(database) == changes((), rows(LOG))


def test_an_index_of_an_older_form_is_made_anew_and_of_a_newer_one_left_alone(database: Database) -> None:
    index = Index(database)
    write(database, LOG)
    follow_all(index)
    with database.writing() as connection:
        connection.execute(update(INDEX_MARK).values(version=VERSION - 1))
    follow_all(index)
    assert index.mark().version == VERSION
    assert sums(database) == changes((), rows(LOG))
    write(database, [opened(9)])
    with database.writing() as connection:
        connection.execute(update(INDEX_MARK).values(version=VERSION + 1))
    assert index.follow() == 0
    assert len(everything(index)) == 5


def test_what_cannot_be_read_is_indexed_as_such(database: Database) -> None:
    index = Index(database)
    hostile = ("", "{", "[]", "null", '{"outcome": 7}', '{"outcome": "' + "x" * 10, "\\u0000")
    write(database, [opened(number)._replace(body=text) for number, text in enumerate(hostile)])
    write(database, [ended(0, "completed"), ended(1)._replace(body="")])
    follow_all(index)
    found = {row.call_id: row for row in index.search(Filters(tenants=None)).rows}
    assert len(found) == len(hostile)
    assert found.pop("c0").readable
    assert all(not row.readable and row.tenant is None for row in found.values())
    assert len(index.search(Filters(tenants=None, outcome="unreadable")).rows) == len(hostile) - 1
    assert index.search(Filters(tenants=frozenset({"acme"}))).rows[0].call_id == "c0"


def test_an_end_that_cannot_be_read_takes_nothing_away_from_the_opening(database: Database) -> None:
    index = Index(database)
    write(database, [opened(1, model="small")])
    follow_all(index)
    write(database, [ended(1)._replace(body="")])
    follow_all(index)
    row = index.exchange("c1", None)
    assert row is not None
    assert (row.model, row.outcome, row.readable) == ("small", "unreadable", False)
    assert row.completed_at is not None


def test_text_that_somebody_spoiled_in_the_file_does_not_stop_it(sqlite: Database) -> None:
    write(sqlite, [opened(1), opened(2)])
    with sqlite.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER entries_never_change")
        connection.exec_driver_sql("UPDATE entries SET body = CAST(X'7BFFFE' AS TEXT), at = CAST(X'FF' AS TEXT) WHERE seq = 1")
    index = Index(sqlite)
    follow_all(index)
    row = index.exchange("c1", None)
    assert row is not None
    assert (row.readable, row.opened_at) == (False, "1970-01-01T00:00:00.000Z")
    assert index.exchange("c2", None) is not None


def test_hostile_values_are_stored_as_they_are_or_not_at_all(database: Database) -> None:
    hostile = "<script>\0' OR 1=1 --\u2028" + "x" * 5_000
    telling = ended(
        1, tenant=hostile, model="' ; DROP", cost=2**60, status=-1, usage={"input_tokens": "many", "output_tokens": True}
    )
    write(
        database, [telling, ended(2, findings=[7, {"entity": hostile, "operator": [], "count": 1}], timings_ms={"total": -5})]
    )
    index = Index(database)
    follow_all(index)
    row, other = index.exchange("c1", None), index.exchange("c2", None)
    assert row is not None
    assert other is not None
    assert row.tenant is not None
    assert (len(row.tenant), "\0" in row.tenant, row.model) == (500, False, "' ; DROP")
    assert (row.cost, row.status, row.input_tokens, row.output_tokens) == (None, None, None, None)
    assert (other.findings, other.duration_ms) == (1, None)


def test_how_far_it_is_behind(database: Database) -> None:
    index = Index(database)
    assert index.behind() == 0
    write(database, LOG)
    assert index.behind() == len(LOG)
    index.follow(3)
    assert (index.behind(), index.mark().seq) == (4, 3)
    assert index.catch_up(60.0, limit=2)
    assert index.behind() == 0


def test_catching_up_ends_when_its_time_is_over(database: Database) -> None:
    write(database, LOG)
    ticks = iter(range(0, 1_000, 10))
    index = Index(database, monotonic=lambda: float(next(ticks)))
    assert not index.catch_up(15.0, limit=1)
    assert index.mark().seq == 2
