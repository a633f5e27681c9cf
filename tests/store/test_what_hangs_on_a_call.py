"""What older gateways kept beyond its call goes with the next round of retention; whom files mention is found out anew."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from gateway.assurance.retention import Retired, retire
from gateway.audit.act import Action, ActOutcome, entry_of_act, new_act
from gateway.audit.entry_table import EntryTable, Fate
from gateway.audit.keeper import Keeper
from gateway.audit.tenant_keys import TenantKeys
from gateway.exchange import COPY
from gateway.exchange.content import Content
from gateway.knowledge.seeking import mark_sought
from gateway.knowledge.uploads.files import NewFile, add_file, mark_processed
from gateway.knowledge.uploads.jobs import LEASE, ToScan, ToSeek, take_up
from gateway.moments import written
from gateway.store import Database, open_database
from gateway.store.tables.content import DATA_KEYS, KEPT
from gateway.store.tables.knowledge import DOCUMENTS
from gateway.store.tables.ledger import ENTRIES
from tests.assurance.kept import House
from tests.store.databases import database_url, postgres

__all__ = ["database_url", "postgres"]


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    with closing(open_database(database_url)) as database:
        yield House(database, tmp_path)


def correct(house: House, call_id: str, days: int | None) -> str:
    """A correction as it was kept once, with a time of its own."""
    act = new_act(Action.FEEDBACK_GIVE, tenant="bank", principal="app", target=call_id).ended(ActOutcome.DONE)
    case = Keeper(TenantKeys(house.keyring.tenant)).case(act.act_id, "bank", days)
    rows = asyncio.run(case.seal(Content(request={"correction": "She was dismissed."}))).rows
    with closing(EntryTable(house.database)) as table:
        assert table.write([replace(entry_of_act(act), beside=rows)]) == [Fate.DURABLE]
    return act.act_id


def upgraded(house: House, url: str) -> Database:
    with house.database.writing() as connection:
        connection.exec_driver_sql("DROP INDEX knowledge_documents_unsought")
        connection.exec_driver_sql("ALTER TABLE knowledge_documents DROP COLUMN unsought")
        connection.exec_driver_sql("ALTER TABLE grants DROP COLUMN seal")
        connection.exec_driver_sql("DROP TABLE vault_items")
        connection.exec_driver_sql("DROP TABLE vault_mentions")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0014'")
    return open_database(url)


def kept(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(connection.execute(select(KEPT.c.call_id)).scalars())


def test_what_outlived_its_call_is_erased_by_retention(house: House, database_url: str) -> None:
    house.keep("call_1", days=9)
    for copy in ("call_1", "erased"):
        house.keep(f"{copy}{COPY}", days=9)
    house.keep("call_2", days=2)
    house.keep("call_3")
    corrections = {call: correct(house, call, 9) for call in ("call_1", "call_2", "call_3", "erased")}
    endless = correct(house, "call_2", None)
    now = datetime.now(UTC)
    assert retire(house.database, now) == Retired()
    before = kept(house.database)
    with closing(upgraded(house, database_url)) as database:
        assert kept(database) == before  # it goes on the record, not by the way
        assert retire(database, now) == Retired(2, 2)
        assert before - kept(database) == {f"erased{COPY}", corrections["erased"]}
        retire(database, now + timedelta(days=3))
        assert before - kept(database) == {f"erased{COPY}", "call_2"} | {corrections["erased"], corrections["call_2"], endless}
        with database.reading() as connection:
            alive = connection.execute(select(DATA_KEYS.c.id).where(DATA_KEYS.c.wrapped.is_not(None))).all()
        assert len(alive) == len(kept(database))


def test_a_correction_whose_entry_was_erased_ends_at_once(house: House, database_url: str) -> None:
    """Nothing tells which call it was about. The log's own triggers keep others from this."""
    house.keep("call_1", days=9)
    act = correct(house, "call_1", 9)
    with house.database.writing() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER entries_never_change")
        else:
            connection.exec_driver_sql("ALTER TABLE entries DISABLE TRIGGER USER")
        connection.execute(update(ENTRIES).where(ENTRIES.c.call_id == act).values(body=""))
    with closing(upgraded(house, database_url)) as database:
        assert retire(database, datetime.now(UTC)) == Retired(1, 1)
        assert kept(database) == {"call_1"}


def test_uploaded_files_are_looked_through_once_more(house: House, database_url: str) -> None:
    now, owner = datetime.now(UTC), house.keyring.tenant("bank")
    new = NewFile(owner="app", name="a.txt", content=b"alpha", purpose="assistants", expires_at=None)
    with house.database.writing() as connection:
        file = add_file(connection, owner, new, now)
        assert take_up(connection, now) is not None
        mark_processed(connection, "bank", file, frozenset())
        assert take_up(connection, now) is None
    with closing(upgraded(house, database_url)) as database, database.writing() as connection:
        job = take_up(connection, now)
    assert job == ToScan("bank", file)


def test_documents_are_looked_through_once(house: House, database_url: str) -> None:
    now, owner = datetime.now(UTC), house.keyring.tenant("bank")
    row = {"collection": "c", "source": b"s", "root": b"r", "digest": b"d", "shelf": 1, "key_id": "dk", "sealed": b"x"}
    with house.database.writing() as connection:
        connection.execute(DOCUMENTS.insert().values(id="kd_1", tenant=owner.tenant, added_at=written(now), **row))
        assert take_up(connection, now) is None
    with closing(upgraded(house, database_url)) as database, database.writing() as connection:
        assert take_up(connection, now) == ToSeek("bank", "kd_1")
        assert take_up(connection, now) is None
        mark_sought(connection, "bank", "kd_1", {})
        assert take_up(connection, now + 2 * LEASE) is None
