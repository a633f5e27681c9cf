"""The thread keeps the index up with the log, outlives trouble, and tells of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from typer.testing import CliRunner

from gateway.cli.audit.commands import app
from gateway.errors import AuditUnavailable
from gateway.explorer.index.follower import Follower
from gateway.explorer.index.index import Index
from gateway.store import Database, open_database
from tests.explorer.index.logs import ended, opened, write
from tests.store.databases import calm


@contextmanager
def following(index: Index) -> Iterator[list[Exception | None]]:
    """What was told meanwhile."""
    told: list[Exception | None] = []
    follower = Follower(index, told.append, every_s=0.01)
    follower.start()
    try:
        yield told
    finally:
        follower.close()


def wait_for(index: Index) -> None:
    done = threading.Event()
    for _ in range(500):
        if not index.behind():
            return
        done.wait(0.02)
    raise AssertionError("the index did not come to the end of the log")


def test_it_keeps_up(sqlite: Database) -> None:
    index = Index(sqlite)
    write(sqlite, [opened(1)])
    with following(index) as told:
        wait_for(index)
        write(sqlite, [ended(1), opened(2)])
        wait_for(index)
    assert set(told) == {None}
    assert index.mark().seq == 3
    write(sqlite, [opened(3)])
    assert index.behind() == 1


class Counted(Index):
    """Counts how often the database is read."""

    read = 0

    def follow(self, limit: int = 500) -> int:
        self.read += 1
        return super().follow(limit)


def test_a_database_that_did_not_change_is_not_read_again(sqlite: Database) -> None:
    assert sqlite.path is not None
    index = Counted(sqlite)
    write(sqlite, [opened(1)])
    with calm(sqlite.path) as age:
        age()
        assert index.catch_up(1)  # which moves the mark: a change
        age()
        assert index.catch_up(1)
        assert index.catch_up(1)
        assert index.read == 2
        write(sqlite, [ended(1)])
        assert index.catch_up(1)
    assert index.mark().seq == 2


class Troubled(Index):
    """Fails some times, in ways that are known and in one that is not."""

    def __init__(self, database: Database, *errors: Exception) -> None:
        super().__init__(database)
        self.errors = list(errors)

    def catch_up(self, *args: Any, **options: Any) -> bool:
        if self.errors:
            raise self.errors.pop(0)
        return super().catch_up(*args, **options)


def test_trouble_is_told_and_it_goes_on(sqlite: Database) -> None:
    write(sqlite, [opened(1)])
    index = Troubled(sqlite, AuditUnavailable("The database cannot be read."), KeyError("a name"))
    with following(index) as told:
        wait_for(index)
    assert [type(trouble) for trouble in told[:2]] == [AuditUnavailable, KeyError]
    assert set(told[2:]) == {None}


def test_a_follower_that_never_started_can_be_closed(sqlite: Database) -> None:
    Follower(Index(sqlite), lambda _: None).close()


def test_the_command_makes_the_index_and_makes_it_anew(tmp_path: Any) -> None:
    run = CliRunner()
    missing = run.invoke(app, ["index", "--state-dir", str(tmp_path / "none")])
    assert missing.exit_code == 1
    assert not (tmp_path / "none").exists()
    database = open_database(f"sqlite:///{tmp_path / 'audit.sqlite'}")
    write(database, [opened(1), ended(1), opened(2)])
    for options in ([], ["--rebuild"], ["--rebuild"]):
        done = run.invoke(app, ["index", "--state-dir", str(tmp_path), *options])
        assert (done.exit_code, done.stdout) == (0, "the index is up to date with entry 3 of the record\n")
    assert Index(database).exchange("c2", None) is not None
    database.close()
