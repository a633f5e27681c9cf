"""One interface to two databases, which says what is wrong without saying more."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select

from gateway.errors import AuditUnavailable
from gateway.settings import Settings
from gateway.store import Database, open_database, open_existing
from gateway.store.database import _database
from gateway.store.tables.content import TENANT_KEYS
from tests.store.databases import calm, sqlite_at, sqlite_url

KEY = {"tenant": "acme", "wrapped": b"secret", "made_at": "t"}


def tenants(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(connection.execute(select(TENANT_KEYS.c.tenant)).scalars())


def test_what_is_written_is_read(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(insert(TENANT_KEYS), [KEY, KEY | {"tenant": "张伟"}])
    assert tenants(database) == ["acme", "张伟"]


def test_what_need_not_be_durable_is_written_as_well(database: Database) -> None:
    with database.writing(durable=False) as connection:
        connection.execute(insert(TENANT_KEYS), KEY)
        quick = _waits_for_the_disk(connection)
    with database.writing() as connection:
        others = _waits_for_the_disk(connection)
    assert (tenants(database), quick, others) == (["acme"], False, True)


def _waits_for_the_disk(connection: Connection) -> bool:
    if connection.dialect.name == "sqlite":
        return bool(connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2)
    return bool(connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on")


def test_a_block_that_fails_writes_nothing(database: Database) -> None:
    def fail() -> None:
        with database.writing() as connection:
            connection.execute(insert(TENANT_KEYS), KEY)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert tenants(database) == []


def test_an_error_of_the_database_is_typed_and_quotes_nothing(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    with database.writing() as connection:
        connection.execute(insert(TENANT_KEYS), KEY)
    with pytest.raises(AuditUnavailable) as caught, database.writing() as connection:
        connection.execute(insert(TENANT_KEYS), KEY | {"made_at": "secret"})
    assert caught.value.message == "The database cannot be written."
    assert caught.value.__cause__ is None
    with pytest.raises(AuditUnavailable), database.reading() as connection:
        connection.exec_driver_sql("SELECT secret FROM tenant_keys")
    assert "secret" not in caplog.text
    assert len(caplog.records) == 2


def test_who_only_reads_writes_nothing(database: Database, database_url: str) -> None:
    reader = open_existing(database_url)
    with pytest.raises(AuditUnavailable), reader.writing() as connection:
        connection.execute(insert(TENANT_KEYS), KEY)
    reader.close()
    assert tenants(database) == []


def test_a_reader_sees_what_is_committed_meanwhile(database: Database) -> None:
    with database.reading() as connection:
        assert connection.execute(select(TENANT_KEYS.c.tenant)).all() == []
        with database.writing() as other:
            other.execute(insert(TENANT_KEYS), KEY)
        assert len(connection.execute(select(TENANT_KEYS.c.tenant)).all()) == 1


def test_a_connection_that_is_used_while_the_database_is_closed_is_closed_as_it_comes_back(database: Database) -> None:
    with database.reading() as connection:
        driver_connection = connection.connection.driver_connection
        database.close()
        assert connection.execute(select(TENANT_KEYS.c.tenant)).all() == []
    with pytest.raises(database.errors):
        driver_connection.execute("SELECT 1")  # type: ignore[union-attr]


def test_two_engines_share_a_database(database: Database, database_url: str) -> None:
    other = open_database(database_url)
    with other.writing() as connection:
        connection.execute(insert(TENANT_KEYS), KEY)
    other.close()
    assert tenants(database) == ["acme"]


# SQLite


def test_what_is_deleted_is_gone_from_the_files(tmp_path: Path) -> None:
    database, marked = sqlite_at(tmp_path / "audit.sqlite"), b"find-me" * 300
    with database.reading():  # so that the journal stays
        with database.writing() as connection:
            connection.execute(insert(TENANT_KEYS), KEY | {"wrapped": marked})
        with database.writing() as connection:
            connection.execute(TENANT_KEYS.update().values(wrapped=None))
        assert database.scrub()
        files = [file.read_bytes() for file in tmp_path.iterdir()]
    assert len(files) > 1
    assert not any(b"find-me" in file for file in files)


def test_a_file_that_was_taken_away_is_not_made_anew_by_a_reader(tmp_path: Path) -> None:
    database = sqlite_at(tmp_path / "audit.sqlite")
    (tmp_path / "audit.sqlite").unlink()
    with pytest.raises(AuditUnavailable):
        tenants(database)
    assert not (tmp_path / "audit.sqlite").exists()


@pytest.mark.parametrize("name", ["a b?c=d#e%41.sqlite", "审计.sqlite"])
def test_a_path_is_taken_as_it_is(tmp_path: Path, name: str) -> None:
    sqlite_at(tmp_path / name).close()
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_the_default_is_a_file_in_the_state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "state").mkdir()
    settings = Settings(state_dir=Path("state"))
    assert settings.database() == sqlite_url(tmp_path / "state" / "audit.sqlite")
    open_database(settings.database()).close()
    assert settings.audit_path.is_file()


# What cannot be opened


@pytest.mark.parametrize("url", ["", "audit.sqlite", "mysql://host/name", "postgresql:/x:y:z", "http://host/secret"])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(AuditUnavailable) as caught:
        open_database(url)
    assert "secret" not in caught.value.message


def test_a_server_that_is_not_there(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(AuditUnavailable) as caught:
        open_database("postgresql://me:secret@127.0.0.1:1/none?connect_timeout=1")
    assert caught.value.message == "The database cannot be opened: OperationalError."
    assert "secret" not in caplog.text


def test_postgres_without_a_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(AuditUnavailable, match=r"pip install -e '\.\[postgres\]'"):
        open_database("postgresql://host/name")


def test_a_database_shows_no_password(database: Database) -> None:
    assert "Engine" not in repr(database)
    assert "@" not in database.where


def test_a_place_is_the_same_however_it_is_connected_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def place(url: str) -> str:
        database = _database(url, create=True)
        database.close()
        return database.place

    said = "postgresql://gateway@db.example.com:5432/record"
    assert place("postgresql://gateway:secret@db.example.com:5432/record?sslmode=verify-full") == place(said)
    others = ("postgresql://gateway@db.example.com:5433/record", "postgresql://gateway@db2.example.com:5432/record")
    schema = (f"{said}?options=-csearch_path%3Dtwo", f"{said}?host=db3.example.com", f"{said}2")
    assert len({place(one) for one in (said, *others, *schema)}) == 6
    monkeypatch.chdir(tmp_path)
    assert place("sqlite:///audit.sqlite") == place(f"sqlite:///{tmp_path}/audit.sqlite") == str(tmp_path / "audit.sqlite")


def test_as_long_as_the_version_is_the_same_nothing_was_committed(sqlite: Database) -> None:
    assert sqlite.path is not None
    with calm(sqlite.path) as age:
        age()
        first = sqlite.version()
        assert first is not None
        assert tenants(sqlite) == []
        assert sqlite.version() == first, "who reads changes nothing"
        with sqlite.writing() as connection:
            connection.execute(insert(TENANT_KEYS), KEY)
        assert sqlite.version() is None, "one more commit might look the same"
        age()
        assert sqlite.version() not in (None, first)


def test_of_a_server_and_of_a_file_that_nobody_has_open_there_is_no_version(database: Database) -> None:
    assert database.version() is None
