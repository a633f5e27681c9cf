"""What the revisions make is what the tables say, whoever began, and however many begin at once."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from gateway.audit.check import check_log
from gateway.errors import AuditUnavailable
from gateway.store import migrate, open_database, open_existing
from gateway.store.migrations import adoption
from gateway.store.tables.all import METADATA
from tests.audit.logs import log_in, sign_now, value, values, write
from tests.store.databases import sqlite_at, sqlite_url
from tests.store.old_files import old_file
from tests.store.postgres import Server


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.sqlite"


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield sqlite_url(path)
        return
    server: Server = request.getfixturevalue("postgres")
    with server.database(template="template1") as url:
        yield url


def differences(url: str) -> list[Any]:
    with closing(open_database(url)) as database, database.reading() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA))


def test_the_revisions_make_what_the_tables_say(empty_url: str) -> None:
    assert differences(empty_url) == []


def test_the_head_is_the_last_revision() -> None:
    scripts = ScriptDirectory(str(Path(migrate.__file__).parent / "migrations"))
    assert scripts.get_heads() == [migrate.HEAD]


def test_processes_that_start_at_once_make_one_schema(empty_url: str) -> None:
    program = "import sys; from gateway.store import open_database; open_database(sys.argv[1]).close()"
    processes = [subprocess.Popen([sys.executable, "-c", program, empty_url]) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert differences(empty_url) == []


# Files from before there were revisions


@pytest.mark.parametrize("version", [1, 2, 3])
def test_an_older_file_becomes_what_a_new_one_is(path: Path, version: int) -> None:
    """But for NOT NULL at an INTEGER PRIMARY KEY, which is never NULL in SQLite, whatever was declared."""
    old_file(path, version)
    assert {change[0][0] for change in differences(sqlite_url(path))} == {"modify_nullable"}
    new = sqlite_at(path.with_name("new.sqlite"))
    names = "SELECT name || ' ' || type FROM sqlite_schema ORDER BY 1"
    with new.reading() as made, sqlite_at(path).reading() as upgraded:
        assert made.exec_driver_sql(names).all() == upgraded.exec_driver_sql(names).all()


@pytest.mark.parametrize("version", [1, 2])
def test_the_entries_of_an_older_file_become_leaves_in_order(path: Path, version: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adoption, "_BATCH", 4)
    old_file(path, version, range(1, 11))
    log = log_in(path)
    write(log, range(3))
    assert values(log, "SELECT seq - idx FROM leaves") == [1] * 13
    assert value(log, "SELECT count(*) FROM entries WHERE call_id LIKE 'old-%' AND body = '{}'") == 10
    sign_now(log)
    assert check_log(log.database).entries == 13


def test_an_older_file_with_gaps(path: Path) -> None:
    """Whatever made them: leaves count on, and each is found."""
    old_file(path, 2, [2, 3, 7, 8, 9, 30, 31, 32, 33, 1_000_000])
    log = log_in(path)
    write(log, range(5))
    assert value(log, "SELECT max(seq) FROM leaves") == 1_000_005
    sign_now(log)
    assert check_log(log.database).entries == 15


def test_a_migration_that_fails_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old_file(path, 2, range(1, 11))

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk full")

    monkeypatch.setattr(adoption, "_leaf", fail)
    with pytest.raises(AuditUnavailable, match="cannot be opened: OperationalError"):
        sqlite_at(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    assert not names & {"leaves", "alembic_version"}


# What is left alone


def test_a_newer_schema_is_refused(database_url: str) -> None:
    with closing(open_database(database_url)) as database, database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for opening in (open_database, open_existing):
        with pytest.raises(AuditUnavailable, match="newer version"):
            opening(database_url)


def test_a_newer_file_without_revisions_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as newer:
        newer.execute("PRAGMA user_version = 4")
    with pytest.raises(AuditUnavailable, match="newer version"):
        sqlite_at(path)


def test_a_database_of_something_else_is_left_alone(empty_url: str) -> None:
    from sqlalchemy import create_engine, inspect

    engine = create_engine(empty_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE mine (x INTEGER)")
    for opening in (open_database, open_existing):
        with pytest.raises(AuditUnavailable, match="holds something else"):
            opening(empty_url)
    assert inspect(engine).get_table_names() == ["mine"]
    engine.dispose()


def test_who_only_reads_upgrades_nothing(path: Path) -> None:
    old_file(path, 2, range(3))
    with pytest.raises(AuditUnavailable, match="of an older version"):
        open_existing(sqlite_url(path))
    sqlite_at(path)
    open_existing(sqlite_url(path)).close()


def test_who_only_reads_makes_nothing(empty_url: str, path: Path) -> None:
    with pytest.raises(AuditUnavailable, match=r"There is no record|cannot be opened"):
        open_existing(empty_url)
    assert list(path.parent.iterdir()) == []
