"""A conversation as a thread: whose exchanges these are, which of them are shown, and what stands for content that is not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import delete

from gateway.audit.event import ExchangeRecord
from gateway.audit.keeper import Keeper
from gateway.audit.tenant_keys import TenantKeys
from gateway.exchange.content import Content
from gateway.explorer.index import index
from gateway.explorer.pages import conversation
from gateway.keys.keyring import Keyring
from gateway.keys.master import open_master
from gateway.store.database import open_database
from gateway.store.tables.content import KEPT
from tests.explorer.bank import AUDITOR, EVERYBODY, SHOP_AUDITOR, Bank, open_bank

NAME = "550e8400-e29b-41d4-a716-446655440001"


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    """One of its own: somebody forges what is kept in it."""
    with open_bank(tmp_path_factory.mktemp("forged")) as bank:
        yield bank


def said(bank: Bank, *, who: str = "app", model: str = "qwen3-8b", words: str = "Hello", name: str = NAME) -> ExchangeRecord:
    before = {record.call_id for record in bank.gateway.records()}
    bank.ask(words, who=who, model=model, headers={"x-gateway-conversation": name})
    return next(record for record in bank.gateway.records(len(before) + 1) if record.call_id not in before)


def thread(bank: Bank, who: str = AUDITOR, name: str = NAME) -> str:
    return bank.browse(who).get(f"/conversation?id={name}").text


def forged(bank: Bank, record: ExchangeRecord, request: str) -> None:
    """By somebody who has the database, and the keys that lie beside it."""
    with closing(open_database(bank.gateway.settings.database())) as database:
        keyring = Keyring(database, open_master(bank.gateway.settings, {}))
        case = Keeper(TenantKeys(keyring.tenant)).case(record.call_id, "bank")
        sealed = asyncio.run(case.seal(Content(request={"messages": [{"role": "user", "content": request}]}, reply="Yes.")))
        with database.writing() as connection:
            connection.execute(delete(KEPT).where(KEPT.c.call_id == record.call_id))
            for table, row in sealed.rows:
                connection.execute(table.insert().values(**row))


def test_equal_ids_of_two_tenants_are_told_apart(bank: Bank) -> None:
    said(bank)
    said(bank, who="till", model="glm-4-9b")
    shown = thread(bank, EVERYBODY)
    assert ("bank/app" in shown, "shop/till" in shown) == (True, True)
    assert "shop/till" not in thread(bank)


def test_of_a_long_one_the_latest_are_shown_and_the_page_says_so(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "550e8400-e29b-41d4-a716-446655440002"
    calls = [said(bank, words=f"Line {number}", name=name).call_id for number in range(3)]
    assert "The latest" not in thread(bank, name=name)
    monkeypatch.setattr(conversation, "_MOST", 1)
    shown = thread(bank, name=name)
    assert ("Line 2" in shown, "Line 1" in shown) == (True, False)
    assert shown.count("Its content is on its own page") == 2
    monkeypatch.setattr(conversation, "THREAD", 3)
    assert [call in thread(bank, name=name) for call in calls] == [True, True, True]
    assert "The latest 3 exchanges are shown" in thread(bank, name=name)
    assert index.THREAD == 500


def test_content_that_was_put_in_the_place_of_other_content_is_not_shown(bank: Bank) -> None:
    """It opens with its keys, and the entries and their proof are as they were; the digests in them are others."""
    name = "550e8400-e29b-41d4-a716-446655440003"
    record = said(bank, words="Approve nothing", name=name)
    assert "Approve nothing" in thread(bank, name=name)
    forged(bank, record, "Approve everything")
    own = bank.browse(AUDITOR).get(f"/exchanges/{record.call_id}").text
    for shown in (thread(bank, name=name), own):
        assert "Approve everything" not in shown
        assert "Content is kept, but it does not open: it was changed" in shown
    assert "Approve everything" not in bank.browse(AUDITOR).get("/?text=everything").text
    assert bank.browse(AUDITOR).get("/?text=everything").text.count("<tr data-outcome=") == 0


def test_content_is_shown_to_its_own_tenant_whatever_the_database_says(bank: Bank) -> None:
    """An auditor of another tenant who can write to the database, and has no keys, says that the exchange is theirs."""
    name = "550e8400-e29b-41d4-a716-446655440004"
    record = said(bank, words="The board meets in secret", name=name)
    assert "The board meets in secret" in thread(bank, name=name)
    with closing(open_database(bank.gateway.settings.database())) as database, database.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER entries_never_change")
        changes = {
            "entries": """body = replace(body, '"tenant":"bank"', '"tenant":"shop"')""",
            "index_exchanges": "tenant = 'shop'",
        }
        for table, change in changes.items():
            connection.exec_driver_sql(f"UPDATE {table} SET {change} WHERE call_id = '{record.call_id}'")
    own = bank.browse(SHOP_AUDITOR).get(f"/exchanges/{record.call_id}")
    assert own.status_code == 200  # what the entry says, and that its proof does not hold, they may see
    for shown in (own.text, thread(bank, SHOP_AUDITOR, name), bank.browse(SHOP_AUDITOR).get("/?text=board").text):
        assert "The board meets in secret" not in shown
