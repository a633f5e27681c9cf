"""Items of answers that mention a person are found, given out and erased alike, on SQLite and on Postgres."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import Table, delete, update

from gateway.assurance.subject_export import document
from gateway.moments import read, written
from gateway.store.tables.content import DATA_KEYS
from gateway.store.tables.vault import VAULT_ITEMS, VAULT_MENTIONS
from gateway.vault.drawer import item_tag
from gateway.vault.items import Item, keep
from gateway.vault.mentioned import Closed, MentioningItem, count_mentioning, mentioning
from gateway.vault.moments import moments
from gateway.vault.removal import VaultErasure
from tests.assurance.kept import ANNA, AT, ZHANG, House

NOON: datetime = read(AT)
HOUR = 3_600


def keep_item(
    house: House, named: str, text: str, values: Collection[str], *, tenant: str = "bank", ttl_s: int = HOUR, later_s: int = 0
) -> None:
    owner = house.keyring.tenant(tenant)
    item = {"type": "message", "id": named, "content": [{"type": "output_text", "text": text}]}
    with house.database.writing() as connection:
        kept = {item_tag(owner, "app", named): Item(orjson.dumps(item), frozenset(values))}
        keep(connection, owner, kept, moments(NOON + timedelta(seconds=later_s), ttl_s))


def found(house: House, *values: str, tenant: str = "bank", now: str = AT) -> list[MentioningItem]:
    whom = house.subject(*values, tenant=tenant)
    with house.database.reading() as connection:
        items = list(mentioning(connection, tenant, whom.tags, now))
        assert len(items) == count_mentioning(connection, tenant, whom.tags, now)
    return items


def exported(house: House, *values: str, now: str = AT) -> list[dict[str, Any]]:
    with house.database.reading() as connection:
        told = json.loads(b"".join(document(connection, house.keyring, house.subject(*values), now)))
    items: list[dict[str, Any]] = told["kept_items"]
    assert told["number_of_kept_items"] == len(items)
    return items


def alter(house: House, table: Table, column: str, value: object) -> None:
    with house.database.writing() as connection:
        connection.execute(update(table).values({column: value}))


def test_items_that_mention_a_person_are_found_and_those_of_others_are_not(house: House) -> None:
    keep_item(house, "msg_1", f"{ANNA} and {ZHANG}", {ANNA, ZHANG})
    keep_item(house, "msg_2", ZHANG, {ZHANG})
    keep_item(house, "msg_3", "anna@example.com", {"anna@example.com"}, later_s=60)
    keep_item(house, "msg_1", ANNA, {ANNA}, tenant="shop")
    one, other = found(house, "anna  SCHMIDT", "anna@example.com")
    assert (one.tenant, one.kept_at, one.kept_until, one.closed) == ("bank", AT, written(NOON + timedelta(hours=1)), None)
    assert other.kept_at == written(NOON + timedelta(minutes=1))
    assert [one.tenant for one in found(house, ANNA, tenant="shop")] == ["shop"]
    assert found(house, "Nobody") == []
    both = exported(house, ANNA, "anna@example.com")
    assert [one["item"]["content"][0]["text"] for one in both] == ["<VALUE_1> and <VALUE_2>", "<VALUE_1>"]
    assert [one["your_values"] for one in both] == [{"<VALUE_1>": ANNA}, {"<VALUE_1>": "anna@example.com"}]
    assert [one["not_shown"] for one in both] == [None, None]
    assert ZHANG not in json.dumps(both, ensure_ascii=False)


def test_many_are_found_in_batches(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some go in the same moment."""
    monkeypatch.setattr("gateway.vault.mentioned._BATCH", 2)
    for number in range(7):
        keep_item(house, f"msg_{number}", ANNA, {ANNA, "anna@example.com"}, later_s=number // 3)
    items = found(house, ANNA, "anna@example.com")
    assert len({one.item for one in items}) == 7
    assert [one.kept_until for one in items] == sorted(one.kept_until for one in items)


def test_after_its_time_there_is_nothing(house: House) -> None:
    """Also where nobody has removed it yet."""
    keep_item(house, "msg_1", ANNA, {ANNA})
    keep_item(house, "msg_2", ANNA, {ANNA}, ttl_s=2 * HOUR)
    end = written(NOON + timedelta(hours=1))
    assert len(found(house, ANNA, now=end)) == len(exported(house, ANNA, now=end)) == 1
    assert len(found(house, ANNA)) == 2


def test_after_erasing_there_is_nothing_but_what_is_of_others(house: House) -> None:
    keep_item(house, "msg_1", ANNA, {ANNA})
    keep_item(house, "msg_2", ZHANG, {ZHANG})
    keep_item(house, "msg_1", ANNA, {ANNA}, tenant="shop")
    assert asyncio.run(VaultErasure(house.database).erase("bank", house.subject(ANNA).tags)) == 1
    assert (found(house, ANNA), exported(house, ANNA)) == ([], [])
    assert len(found(house, ZHANG)) == len(found(house, ANNA, tenant="shop")) == 1


@pytest.mark.parametrize(
    ("table", "column", "value", "before", "shown"),
    [
        (DATA_KEYS, "wrapped", None, Closed.ERASED, "erased"),
        (VAULT_ITEMS, "sealed", b"", Closed.ID_GIVEN_TWICE, "id_given_twice"),
        (VAULT_ITEMS, "sealed", b"something else of some length, sealed by nobody", None, "unreadable"),
        (DATA_KEYS, "wrapped", b"something else of some length, wrapped by nobody", None, "unreadable"),
    ],
    ids=["its key destroyed", "an id of two", "changed", "its key changed"],
)
def test_what_does_not_open_is_told_of(
    house: House, table: Table, column: str, value: object, before: Closed | None, shown: str
) -> None:
    keep_item(house, "msg_1", ANNA, {ANNA})
    alter(house, table, column, value)
    assert [one.closed for one in found(house, ANNA)] == [before]
    (one,) = exported(house, ANNA)
    assert (one["item"], one["your_values"], one["not_shown"]) == (None, {}, shown)
    assert one["kept_until"] == written(NOON + timedelta(hours=1))


def test_an_item_whose_key_has_no_row_is_told_of(house: House) -> None:
    keep_item(house, "msg_1", ANNA, {ANNA})
    with house.database.writing() as connection:
        connection.execute(delete(DATA_KEYS))
    assert [(one.kept_at, one.closed) for one in found(house, ANNA)] == [(None, Closed.ERASED)]
    assert [one["not_shown"] for one in exported(house, ANNA)] == ["erased"]


def test_nothing_of_another_tenant_is_opened(house: House) -> None:
    """Whoever has the database alone can write that it is this one's."""
    keep_item(house, "msg_1", f"{ANNA} of the shop", {ANNA}, tenant="shop")
    house.keyring.tenant("bank")
    (tag,) = house.subject(ANNA).tags
    for table in (VAULT_ITEMS, DATA_KEYS, VAULT_MENTIONS):
        alter(house, table, "tenant", "bank")
    alter(house, VAULT_MENTIONS, "subject", tag)
    (one,) = exported(house, ANNA)
    assert (one["item"], one["not_shown"]) == (None, "unreadable")


def test_where_somebodys_value_is_not_found_again_the_item_is_not_shown(house: House) -> None:
    keep_item(house, "msg_1", f"{ANNA} knows Lisa", {ANNA, "Li"})
    (one,) = exported(house, ANNA)
    assert (one["item"], one["your_values"], one["not_shown"]) == (None, {}, "others_values")
