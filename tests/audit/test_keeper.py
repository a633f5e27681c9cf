"""What is kept is sealed so that it can be erased by its keys, and opens again for those who have them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, update

from gateway.audit.entry_table import EntryTable, Fate
from gateway.audit.event import ExchangeRecord, Outcome
from gateway.audit.keeper import Case, Keeper, Sealed
from gateway.audit.kept import altered, read_content
from gateway.audit.log import Phase, entry_of
from gateway.audit.tenant_keys import TenantKeys
from gateway.errors import AuditUnavailable, ProtectionUnavailable, Unreadable
from gateway.exchange.content import Content, Mark
from gateway.keys.data_key import DataKey, TenantKey
from gateway.keys.keyring import Keyring
from gateway.moments import utc_now
from gateway.obligations import OperatorKind
from gateway.protocol.wire import Surface
from gateway.store import Database
from gateway.store.tables.content import DATA_KEYS, KEPT, SUBJECTS
from tests.audit.keyrings import keyring_on

MARK = Mark(
    pointer="/messages/0/content",
    start=5,
    end=15,
    entity="PERSON",
    operator=OperatorKind.PLACEHOLDER,
    recognizer="tagger",
    score=0.85,
)
REQUEST: dict[str, Any] = {"messages": [{"role": "user", "content": "I am <PERSON_1>, 你好"}]}
WHOLE = Content(
    request=REQUEST,
    marks=(MARK,),
    originals={"<PERSON_1>": "Ann Lee", "<PERSON_2>": "ANN LEE", "<PERSON_3>": "张伟"},
    values=frozenset({"Ann Lee", "ANN LEE", "张伟", "+86 138 1234 5678"}),
)


@pytest.fixture
def keyring(sqlite: Database, tmp_path: Path) -> Keyring:
    return keyring_on(sqlite, tmp_path)


@pytest.fixture
def keeper(keyring: Keyring) -> Keeper:
    return Keeper(TenantKeys(keyring.tenant))


@pytest.mark.parametrize(("originals", "beside"), [(3, False), (30, True)])
async def test_much_is_sealed_beside_the_loop(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch, originals: int, beside: bool
) -> None:
    threads = set()
    make = TenantKey.new_data_key

    def noted(key: TenantKey) -> DataKey:
        threads.add(threading.current_thread() is not threading.main_thread())
        return make(key)

    monkeypatch.setattr(TenantKey, "new_data_key", noted)
    await keeper.case("call_1", "acme").seal(Content(originals={f"<PERSON_{n}>": f"Ann Lee {n}" for n in range(originals)}))
    assert threads == {beside}


def write(database: Database, sealed: Sealed, digests: Mapping[str, str] | None = None) -> None:
    """With the entry that it goes along with, which has its digests."""
    recorded = sealed.digests if digests is None else digests
    record = ExchangeRecord(
        call_id="c-1", surface=Surface.CHAT, opened_at=utc_now(), outcome=Outcome.COMPLETED, content=recorded
    )
    with closing(EntryTable(database)) as table:
        assert table.write([entry_of(record, Phase.COMPLETED, sealed.rows)]) == [Fate.DURABLE]


def of(sealed: Sealed, table: Table) -> list[Mapping[str, Any]]:
    return [row for own, row in sealed.rows if own is table]


def opened(database: Database, keyring: Keyring, *, tenant: str = "acme", originals: bool = False) -> Content:
    with database.reading() as connection:
        return read_content(connection, keyring, "c-1", tenant, originals=originals)


async def sealed_whole(case: Case) -> Sealed:
    first, then = await case.seal(WHOLE), await case.seal(Content(reply="Hello <PERSON_1>"))
    return Sealed((*first.rows, *then.rows), {**first.digests, **then.digests})


async def test_what_was_sealed_opens_again_in_either_database(database: Database, tmp_path: Path) -> None:
    keyring = keyring_on(database, tmp_path)
    sealed = await sealed_whole(Keeper(TenantKeys(keyring.tenant)).case("c-1", "acme"))
    write(database, sealed)
    assert opened(database, keyring) == Content(request=REQUEST, reply="Hello <PERSON_1>", marks=(MARK,))
    assert opened(database, keyring, originals=True).originals == WHOLE.originals
    assert set(sealed.digests) == {"request/0", "reply/0", "marks/0", "original/0", "original/1", "original/2"}
    assert sealed.digests["reply/0"] == sha256(of(sealed, KEPT)[-1]["sealed"]).hexdigest()


async def test_an_exchange_has_one_key_and_each_subject_another(keeper: Keeper, keyring: Keyring) -> None:
    sealed = await sealed_whole(keeper.case("c-1", "acme"))
    keys = {row["id"] for row in of(sealed, DATA_KEYS)}
    by_part: dict[str, set[str]] = {}
    for row in of(sealed, KEPT):
        by_part.setdefault(row["part"], set()).add(row["key_id"])
    assert by_part["request"] == by_part["reply"] == by_part["marks"]
    assert len(by_part["original"]) == 2  # two spellings of one name are one subject
    assert by_part["request"] | by_part["original"] == keys
    assert len(by_part["request"]) == 1
    subjects = {row["tag"]: row["key_id"] for row in of(sealed, SUBJECTS)}
    tag = keyring.tenant("acme").tag
    assert set(subjects) == {tag("ann lee"), tag("张伟"), tag("13812345678")}
    assert subjects[tag("13812345678")] == ""  # it has no original that is kept
    assert {subjects[tag("ann lee")], subjects[tag("张伟")]} == by_part["original"]


async def test_tags_of_others_lead_to_it_too(keeper: Keeper, keyring: Keyring) -> None:
    tag = keyring.tenant("acme").tag
    sealed = await keeper.case("c-1", "acme").seal(replace(WHOLE, tags=frozenset({tag("Bob"), tag("张伟")})))
    subjects = {row["tag"]: row["key_id"] for row in of(sealed, SUBJECTS)}
    assert set(subjects) == {tag(one) for one in ("Ann Lee", "张伟", "13812345678", "Bob")}
    assert [bool(subjects[tag(one)]) for one in ("Bob", "张伟")] == [False, True]


@pytest.mark.parametrize(
    ("days", "limit", "end"),
    [(30, "2026", "2026"), (None, "2026", "2026"), (30, "2999", "own"), (30, None, "own"), (None, None, None)],
)
async def test_it_ends_with_what_it_hangs_on_if_not_sooner(
    keeper: Keeper, days: int | None, limit: str | None, end: str | None
) -> None:
    sealed = await keeper.case("c-1", "acme", days, no_longer_than=limit).seal(Content(reply="x"))
    (row,) = of(sealed, KEPT)
    if end == "own":
        assert _seconds(row["expires_at"]) - _seconds(row["at"]) == 30 * 86_400
    else:
        assert row["expires_at"] == end


async def test_nothing_of_it_is_readable_in_the_rows(keeper: Keeper) -> None:
    raw = repr((await sealed_whole(keeper.case("c-1", "acme"))).rows).encode()
    for secret in ("Ann", "ANN", "张伟", "PERSON", "你好", "Hello", "138 1234", "13812345"):
        assert secret.encode() not in raw
        assert secret.encode("unicode_escape") not in raw


async def test_equal_content_is_sealed_differently_each_time(keeper: Keeper) -> None:
    first, second = [await keeper.case(call, "acme").seal(Content(reply="same")) for call in ("c-1", "c-2")]
    assert of(first, KEPT)[0]["sealed"] != of(second, KEPT)[0]["sealed"]
    assert len(of(first, KEPT)[0]["sealed"]) == len(of(second, KEPT)[0]["sealed"])


async def test_how_long_a_sealed_part_is_tells_how_long_it_was_and_nothing_else(keeper: Keeper) -> None:
    """Compressed, the first would be shorter."""
    same, other = "secret: tiger; guess: tiger", "secret: tiger; guess: whale"
    lengths = {len(of(await keeper.case("c", "acme").seal(Content(reply=text)), KEPT)[0]["sealed"]) for text in (same, other)}
    assert len(lengths) == 1


async def test_a_value_that_comes_again_is_one_subject(keeper: Keeper) -> None:
    case = keeper.case("c-1", "acme")
    first = await case.seal(Content(values=frozenset({"Ann Lee"})))
    again = await case.seal(Content(values=frozenset({"ann lee"}), originals={"<PERSON_1>": "ann lee"}))
    assert len(of(first, SUBJECTS)) == 1
    assert again.rows == ()  # the subject has no key by now, and must not get an original without one


async def test_content_ends_when_policy_says(keeper: Keeper) -> None:
    for days, spans in ((None, None), (30, 30 * 86_400)):
        row = of(await keeper.case("c-1", "acme", days).seal(Content(reply="x")), KEPT)[0]
        assert (row["expires_at"] is None) is (spans is None)
        if spans is not None:
            assert (_seconds(row["expires_at"]) - _seconds(row["at"])) == spans


async def test_a_part_whose_key_is_destroyed_is_not_there(sqlite: Database, keeper: Keeper, keyring: Keyring) -> None:
    sealed = await sealed_whole(keeper.case("c-1", "acme"))
    write(sqlite, sealed)
    whose = next(row for row in of(sealed, SUBJECTS) if row["tag"] == keyring.tenant("acme").tag("张伟"))
    with sqlite.writing() as connection:
        connection.execute(update(DATA_KEYS).where(DATA_KEYS.c.id == whose["key_id"]).values(wrapped=None))
    left = opened(sqlite, keyring, originals=True)
    assert left.originals == {"<PERSON_1>": "Ann Lee", "<PERSON_2>": "ANN LEE"}
    assert left.reply == "Hello <PERSON_1>"
    with sqlite.writing() as connection:
        connection.execute(update(DATA_KEYS).values(wrapped=None))
    assert opened(sqlite, keyring, originals=True) == Content()


async def test_what_was_never_kept_is_not_there(sqlite: Database, keyring: Keyring) -> None:
    assert opened(sqlite, keyring, originals=True) == Content()


@pytest.mark.parametrize("change", [{"nr": 7}, {"part": "reply"}, {"sealed": b"\0" * 60}])
async def test_a_part_that_was_moved_or_changed_does_not_open(
    sqlite: Database, keeper: Keeper, keyring: Keyring, change: dict[str, object]
) -> None:
    write(sqlite, await keeper.case("c-1", "acme").seal(Content(request=REQUEST)))
    with sqlite.writing() as connection:
        connection.execute(update(KEPT).values(**change))
    with pytest.raises(Unreadable) as refusal:
        opened(sqlite, keyring)
    assert "PERSON" not in str(refusal.value)


@pytest.mark.parametrize("recorded", ["first", "none"])
async def test_what_somebody_with_the_keys_put_in_its_place_does_not_open(
    sqlite: Database, keeper: Keeper, keyring: Keyring, recorded: str
) -> None:
    """It opens with the keys that lie beside it, and is bound to its place; but the record has another digest, or none."""
    first, forged = [await sealed_whole(keeper.case("c-1", "acme")) for _ in range(2)]
    write(sqlite, forged, first.digests if recorded == "first" else {})
    with pytest.raises(Unreadable):
        opened(sqlite, keyring)
    with sqlite.reading() as connection:
        assert set(altered(connection, "c-1")) == set(forged.digests)


async def test_it_opens_as_its_own_tenants_whatever_the_database_says(
    sqlite: Database, keeper: Keeper, keyring: Keyring
) -> None:
    """Somebody with the database alone may write that a call is of the tenant whose record they may see."""
    write(sqlite, await sealed_whole(keeper.case("c-1", "acme")))
    with sqlite.writing() as connection:
        connection.execute(update(KEPT).values(tenant="shop"))
        connection.execute(update(DATA_KEYS).values(tenant="shop"))
    for tenant in ("shop", "acme"):
        with pytest.raises(Unreadable):
            opened(sqlite, keyring, tenant=tenant)
    with sqlite.writing() as connection:
        connection.execute(update(DATA_KEYS).values(tenant="acme"))
    assert opened(sqlite, keyring).request == REQUEST
    with pytest.raises(Unreadable):
        opened(sqlite, keyring, tenant="shop")


async def test_what_is_kept_as_it_was_recorded_is_not_altered(sqlite: Database, keeper: Keeper) -> None:
    write(sqlite, await sealed_whole(keeper.case("c-1", "acme")))
    with sqlite.reading() as connection:
        assert altered(connection, "c-1") == ()
        assert altered(connection, "another") == ()


async def test_without_the_tenants_key_nothing_is_sealed() -> None:
    def lost(tenant: str) -> TenantKey:
        raise ProtectionUnavailable("The key service does not answer.")

    with pytest.raises(AuditUnavailable) as refusal:
        await Keeper(TenantKeys(lost)).case("c-1", "acme").seal(WHOLE)
    assert refusal.value.__suppress_context__


async def test_large_content_does_not_hold_up_the_event_loop(keeper: Keeper, sqlite: Database, keyring: Keyring) -> None:
    """While it is sealed, the loop still turns."""
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    case = keeper.case("c-1", "acme")
    await case.seal(Content(reply="x"))  # the tenant's key is at hand from here on
    turning = asyncio.create_task(turn())
    await asyncio.sleep(0)
    before = turns
    sealed = await case.seal(Content(values=frozenset(f"person {number}" for number in range(2_000))))
    turning.cancel()
    assert turns > before
    assert len(of(sealed, SUBJECTS)) == 2_000


async def test_a_tenants_key_is_held_for_a_moment_only(keyring: Keyring) -> None:
    asked, now = list[str](), [0.0]

    def open_key(tenant: str) -> TenantKey:
        asked.append(tenant)
        return keyring.tenant(tenant)

    keys = TenantKeys(open_key, lambda: now[0])
    for moment in (0.0, 9.9, 10.0, 10.1):
        now[0] = moment
        await keys.of("acme")
    assert asked == ["acme", "acme"]


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
