from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import event, select, update

from gateway.errors import KeyDestroyed, ProtectionUnavailable, Unreadable
from gateway.keys.data_key import DataKey
from gateway.keys.destruction import destroy_data_keys, destroy_tenant_key, scrub
from gateway.keys.key_source import KeyFile
from gateway.keys.keyring import Keyring
from gateway.keys.local import LocalMaster
from gateway.keys.rotation import status
from gateway.store import Database, open_database
from gateway.store.tables.content import DATA_KEYS, TENANT_KEYS

AT = "2026-01-01T00:00:00.000Z"


def _kept(database: Database, keyring: Keyring, tenant: str = "bank") -> DataKey:
    key = keyring.tenant(tenant).new_data_key()
    with database.writing() as connection:
        connection.execute(DATA_KEYS.insert().values(**key.row(AT)))
    return key


def test_a_tenants_key_is_made_once_and_lasts(database: Database, master: LocalMaster) -> None:
    tag = Keyring(database, master).tenant("bank").tag("Anna Schmidt")
    again = Keyring(database, master).tenant("bank")
    assert again.tag(" ANNA  schmidt ") == tag
    assert len(tag) == 32
    assert Keyring(database, master).tenant("shop").tag("Anna Schmidt") != tag


def test_of_several_processes_that_make_it_one_is_first(database_url: str, tmp_path: Path) -> None:
    together, tags = threading.Barrier(4), []

    def use() -> None:
        opened = open_database(database_url)
        ring = Keyring(opened, LocalMaster(KeyFile(tmp_path / "master.key")))
        together.wait()
        tags.append(ring.tenant("bank").tag("value"))
        opened.close()

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tags) == 4
    assert len(set(tags)) == 1


def test_of_several_threads_that_wait_one_asks_the_master_key(database: Database, source: KeyFile) -> None:
    class Counting(LocalMaster):
        asked = 0

        def unwrap(self, wrapped: bytes, context: str) -> bytes:
            self.asked += 1
            return super().unwrap(wrapped, context)

    master = Counting(source)
    ring, together = Keyring(database, master), threading.Barrier(4)

    def use() -> None:
        together.wait()
        ring.tenant("bank")

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert master.asked == 1


def test_sub_keys_are_for_one_purpose_of_one_tenant(keyring: Keyring) -> None:
    bank, shop = keyring.tenant("bank"), keyring.tenant("shop")
    keys = {bank.sub_key("answers"), bank.sub_key("vault"), shop.sub_key("answers")}
    assert len(keys) == 3
    assert bank.sub_key("answers") == keyring.tenant("bank").sub_key("answers")


def test_a_data_key_opens_what_it_sealed_and_nothing_else(database: Database, keyring: Keyring) -> None:
    key, other = _kept(database, keyring), _kept(database, keyring)
    sealed = key.seal(b"Anna", "call_1/request/0")
    assert keyring.data_key(key.id).unseal(sealed, "call_1/request/0") == b"Anna"
    for wrong, context in ((other, "call_1/request/0"), (key, "call_2/request/0")):
        with pytest.raises(Unreadable):
            keyring.data_key(wrong.id).unseal(sealed, context)


def test_a_data_key_that_another_tenants_row_claims_does_not_open(database: Database, keyring: Keyring) -> None:
    key = _kept(database, keyring)
    keyring.tenant("shop")
    with database.writing() as connection:
        connection.execute(update(DATA_KEYS).where(DATA_KEYS.c.id == key.id).values(tenant="shop"))
    with pytest.raises(Unreadable):
        keyring.data_key(key.id)


def test_no_plain_key_shows(database: Database, keyring: Keyring) -> None:
    key = _kept(database, keyring)
    text = repr((key, keyring, keyring.tenant("bank"), key.row(AT)["id"]))
    for name in ("_plain", "wrapped", "_sub_keys"):
        assert name not in text


def test_a_destroyed_data_key_is_gone(database: Database, keyring: Keyring) -> None:
    key, other = _kept(database, keyring), _kept(database, keyring)
    with database.writing() as connection:
        assert destroy_data_keys(connection, [key.id, "dk_unknown"], AT) == 1
    with database.writing() as connection:
        assert destroy_data_keys(connection, [key.id], "2027-01-01T00:00:00.000Z") == 0
    for gone in (key.id, "dk_unknown"):
        with pytest.raises(KeyDestroyed):
            keyring.data_key(gone)
    assert keyring.data_key(other.id) == other
    with database.reading() as connection:
        row = connection.execute(select(DATA_KEYS).where(DATA_KEYS.c.id == key.id)).one()
    assert (row.wrapped, row.destroyed_at) == (None, AT)


def test_a_destroyed_tenant_stays_destroyed(database: Database, master: LocalMaster) -> None:
    now = [0.0]
    running, acting = Keyring(database, master, monotonic=lambda: now[0]), Keyring(database, master)
    key = _kept(database, running)
    with database.writing() as connection:
        destroy_tenant_key(connection, "bank", AT)
    acting.forget("bank")
    with pytest.raises(KeyDestroyed):
        acting.tenant("bank")
    with pytest.raises(KeyDestroyed):
        acting.data_key(key.id)
    running.tenant("bank")  # held for five minutes elsewhere, unless it is told
    now[0] = 300.0
    with pytest.raises(KeyDestroyed):
        running.tenant("bank")
    assert status(database, master).destroyed == 1


def test_destroyed_keys_leave_no_bytes_in_the_files(sqlite: Database, master: LocalMaster) -> None:
    keyring = Keyring(sqlite, master)
    keys = [_kept(sqlite, keyring) for _ in range(80)]
    with sqlite.reading() as connection:
        tenants_key = bytes(connection.execute(select(TENANT_KEYS.c.wrapped)).scalar_one())
    assert sqlite.path is not None

    def files() -> bytes:
        assert sqlite.path is not None
        return b"".join(path.read_bytes() for path in sorted(sqlite.path.parent.glob("audit.sqlite*")))

    assert all(key.wrapped in files() for key in keys)
    with sqlite.writing() as connection:
        destroy_data_keys(connection, [key.id for key in keys[::2]], AT)
    scrub(sqlite)
    left = files()
    assert [key.wrapped in left for key in keys] == [number % 2 == 1 for number in range(80)]
    with sqlite.writing() as connection:
        destroy_tenant_key(connection, "bank", AT)
        destroy_data_keys(connection, select(DATA_KEYS.c.id), AT)
    scrub(sqlite)
    left = files()
    assert not any(key.wrapped in left for key in keys)
    assert tenants_key not in left


def test_a_reader_in_the_way_is_waited_for_and_then_told(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.keys.destruction._TRIES", 1)
    monkeypatch.setattr("gateway.keys.destruction._PAUSE_S", 0.0)
    with sqlite.engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        connection.execute(select(DATA_KEYS)).all()
        with sqlite.writing() as writing:
            destroy_data_keys(writing, [], AT)
            writing.execute(DATA_KEYS.insert().values(id="dk_1", tenant="bank", made_at=AT))
        with pytest.raises(ProtectionUnavailable, match="run the same again"):
            scrub(sqlite)
    scrub(sqlite)


def test_both_databases_can_be_scrubbed(database: Database, keyring: Keyring) -> None:
    key = _kept(database, keyring)
    with database.writing() as connection:
        destroy_data_keys(connection, [key.id], AT)
    scrub(database)


def test_in_postgres_dead_rows_are_cleaned_up_wherever_something_of_a_person_may_lie(
    database: Database, keyring: Keyring
) -> None:
    """Tags too: whoever has the tenant's key could ask a dead row whether it is of somebody."""
    said: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *execution: said.append(execution[2]))
    scrub(database)
    places = {"kept", "subjects", "data_keys", "tenant_keys", "vault", "knowledge_mentions", "knowledge_file_mentions"}
    cleaned = {statement.removeprefix("VACUUM ") for statement in said if statement.startswith("VACUUM ")}
    assert places & cleaned == (places if database.kind == "postgres" else set())


def test_without_the_master_key_nothing_opens(database: Database, keyring: Keyring, tmp_path: Path) -> None:
    keyring.tenant("bank")
    other = LocalMaster(KeyFile(tmp_path / "other.key"))
    with pytest.raises(ProtectionUnavailable, match="a master key that the gateway does not have"):
        Keyring(database, other).tenant("bank")
