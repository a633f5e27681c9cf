from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from gateway.assurance.certificate import TITLE, verified
from gateway.assurance.confirmation import confirmed
from gateway.assurance.erasure import Erased, Eraser
from gateway.assurance.subjects import Subject, count, find
from gateway.audit.act import Action, new_act
from gateway.audit.enter import entered
from gateway.audit.verify import NotVerified, VerifierKey
from gateway.errors import KeyDestroyed, ProtectionUnavailable
from gateway.exchange import COPY
from gateway.exchange.content import Content
from gateway.store import open_database
from gateway.store.tables.assurance import ERASURES
from gateway.store.tables.content import DATA_KEYS, KEPT, SUBJECTS
from tests.assurance.kept import ANNA, AT, ZHANG, House

PHONE = "+49 30 5550123"


async def _fill(house: House) -> None:
    await asyncio.to_thread(_filled, house)


def _filled(house: House) -> None:
    """Runs a loop of its own."""
    house.keep("call_1", "from <PERSON_1> to <PERSON_2>", {"<PERSON_1>": ANNA, "<PERSON_2>": ZHANG})
    house.keep("call_2", "about <PERSON_1>", {"<PERSON_1>": ZHANG})
    house.keep("call_3", "call me", values=frozenset({ANNA, PHONE}))
    house.keep("call_4", "also here", {"<PERSON_1>": ANNA}, tenant="shop")


class Place:
    """Somewhere else; `fails` so many times."""

    def __init__(self, fails: int = 0) -> None:
        self.asked: list[tuple[str, Collection[bytes] | None]] = []
        self.fails = fails

    async def erase(self, tenant: str, tags: Collection[bytes] | None) -> int:
        if self.fails:
            self.fails -= 1
            raise ProtectionUnavailable("The cache is down.")
        self.asked.append((tenant, tags))
        return 3


def _rows(house: House) -> tuple[int, int]:
    with house.database.reading() as connection:
        kept, subjects = (
            connection.execute(select(func.count()).select_from(table)).scalar_one() for table in (KEPT, SUBJECTS)
        )
    return kept, subjects


def _found(house: House, whom: Subject) -> list[str]:
    with house.database.reading() as connection:
        return [one.call_id for one in find(connection, whom)]


async def test_a_person_is_erased_and_nobody_else(house: House) -> None:
    await _fill(house)
    place = Place()
    done: list[int] = []
    whom = house.subject(ANNA)
    erased = await Eraser(house.database, house.keyring, [place]).erase(whom, "cli:olga", done.append)
    assert (erased.exchanges, erased.data_keys, erased.elsewhere) == (2, 3, 3)
    assert place.asked == [("bank", whom.tags)]
    assert sum(done) == 2
    assert _found(house, whom) == []
    for call in ("call_1", "call_3"):
        gone = house.content(call)
        assert (gone.request, gone.reply, gone.marks) == (None, None, ())
    assert house.content("call_1").originals == {"<PERSON_2>": ZHANG}
    assert house.content("call_2").originals == {"<PERSON_1>": ZHANG}
    assert house.content("call_4", "shop").originals == {"<PERSON_1>": ANNA}
    assert _found(house, house.subject(ZHANG)) == ["call_1", "call_2"]
    assert _found(house, house.subject(PHONE)) == []


async def test_a_key_that_somebody_copied_the_row_of_is_gone_too(house: House) -> None:
    await _fill(house)
    with house.database.reading() as connection:
        key_id = connection.execute(
            select(KEPT.c.key_id).where(KEPT.c.call_id == "call_1", KEPT.c.part == "request")
        ).scalar_one()
    house.keyring.data_key(key_id)
    await Eraser(house.database, house.keyring).erase(house.subject(ANNA), "cli:olga")
    with pytest.raises(KeyDestroyed):
        house.keyring.data_key(key_id)
    with house.database.reading() as connection:
        row = connection.execute(select(DATA_KEYS).where(DATA_KEYS.c.id == key_id)).one()
    assert row.wrapped is None
    assert row.destroyed_at is not None


@pytest.mark.parametrize("broken_at", ["step", "place", "scrub"])
async def test_what_was_cut_short_is_finished_by_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch, broken_at: str
) -> None:
    await _fill(house)
    monkeypatch.setattr("gateway.assurance.erasure._BATCH", 1)
    place = Place(fails=1 if broken_at == "place" else 0)
    eraser, whom, seen = Eraser(house.database, house.keyring, [place]), house.subject(ANNA), []

    def stop(done: int) -> None:
        seen.append(done)
        if broken_at == "step":
            raise InterruptedError

    def unclean(_: object) -> None:
        raise ProtectionUnavailable("The database's journal is in use.")

    with monkeypatch.context() as patch:
        if broken_at == "scrub":
            patch.setattr("gateway.assurance.erasure.scrub", unclean)
        with pytest.raises((InterruptedError, ProtectionUnavailable)):
            await eraser.erase(whom, "cli:olga", stop)
    again = await eraser.erase(whom, "cli:onno")
    assert (again.exchanges, again.data_keys, again.asked_by) == (2, 3, "cli:olga")
    eraser.finish(again, "the certificate")
    fresh = await eraser.erase(whom, "cli:onno")
    assert fresh.id != again.id
    assert (fresh.exchanges, fresh.data_keys) == (0, 0)


async def test_a_tenant_is_erased_as_a_whole(house: House) -> None:
    await _fill(house)
    place = Place()
    erased = await Eraser(house.database, house.keyring, [place]).erase_tenant("bank", "cli:olga")
    assert (erased.exchanges, erased.data_keys, erased.tags) == (3, 6, "")
    assert place.asked == [("bank", None)]
    assert house.content("call_4", "shop").originals == {"<PERSON_1>": ANNA}
    assert house.content("call_1") == Content()
    for refused in (lambda: house.subject(ANNA), lambda: house.keyring.tenant("bank")):
        with pytest.raises(KeyDestroyed):
            refused()
    assert _rows(house) == (3, 1)


@pytest.mark.parametrize("broken_after", range(4))
async def test_a_tenants_erasure_that_was_cut_short_leaves_nothing_readable_and_is_finished_by_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch, broken_after: int
) -> None:
    await _fill(house)
    monkeypatch.setattr("gateway.assurance.erasure._BATCH", 1)
    steps = 0

    def cut_short(step: Callable[[], int]) -> int:
        nonlocal steps
        if steps == broken_after:
            raise InterruptedError
        steps += 1
        return step()

    eraser = Eraser(house.database, house.keyring)
    with monkeypatch.context() as patch:
        patch.setattr("gateway.assurance.erasure.paced", cut_short)
        with pytest.raises(InterruptedError):
            await eraser.erase_tenant("bank", "cli:olga")
    assert [house.content(f"call_{number}") for number in (1, 2, 3)] == [Content()] * 3
    with pytest.raises(KeyDestroyed):
        house.keyring.tenant("bank")
    again = await eraser.erase_tenant("bank", "cli:onno")
    assert (again.exchanges, again.data_keys, again.asked_by) == (3, 6, "cli:olga")
    assert _rows(house) == (3, 1)
    with house.database.reading() as connection:
        alive = select(DATA_KEYS.c.tenant).where(DATA_KEYS.c.wrapped.is_not(None)).distinct()
        assert connection.execute(alive).scalars().all() == ["shop"]


async def test_data_keys_of_other_places_go_with_the_tenant(house: House) -> None:
    await _fill(house)
    with house.database.writing() as connection:
        connection.execute(DATA_KEYS.insert().values(house.keyring.tenant("bank").new_data_key().row(AT)))
    assert (await Eraser(house.database, house.keyring).erase_tenant("bank", "cli:olga")).data_keys == 7


async def test_the_log_still_verifies_and_the_certificate_says_what_was_done(house: House) -> None:
    await _fill(house)
    note, erased = await _certified(house)
    assert house.verify() == 6
    said = verified(note, house.signing.load().current.public)
    assert said["tags"] == [tag.hex() for tag in house.subject(ANNA).tags]
    assert (said["tenant"], said["exchanges"], said["asked_by"], said["id"]) == ("bank", 2, "cli:olga", erased.id)
    assert (said["log"]["leaf"], said["log"]["size"]) == (5, 6)
    assert said["finished_at"] > said["begun_at"]
    assert ANNA not in note
    with house.database.reading() as connection:
        assert connection.execute(select(ERASURES.c.certificate)).scalar_one() == note


async def _certified(house: House) -> tuple[str, Erased]:
    eraser, whom = Eraser(house.database, house.keyring), house.subject(ANNA)
    act = new_act(Action.SUBJECT_ERASE, actor="cli:olga", tenant="bank", target=whom.name)
    with entered(house.database, act):
        erased = await eraser.erase(whom, "cli:olga")
    note = confirmed(house.database, house.signing, erased, act.act_id, datetime.now(UTC))
    eraser.finish(erased, note)
    return note, erased


async def test_a_certificate_that_was_changed_is_none(small_house: House) -> None:
    await _fill(small_house)
    note, _ = await _certified(small_house)
    key = small_house.signing.load().current.public
    for changed, trusted in (
        (note.replace('"exchanges": 2', '"exchanges": 9'), key),
        (note.replace(TITLE, "example.com/log"), key),
        (note.rpartition("\n\n")[0], key),
        (note.replace("\u2014 ", "\u2014 x"), key),
        (note[:-8] + "\n", key),
        ("", key),
        (note, VerifierKey(key.name, key.id, bytes(reversed(key.public)))),
    ):
        with pytest.raises(NotVerified):
            verified(changed, trusted)


async def test_without_the_act_on_record_there_is_no_certificate(small_house: House) -> None:
    await _fill(small_house)
    erased = await Eraser(small_house.database, small_house.keyring).erase(small_house.subject(ANNA), "cli:olga")
    with pytest.raises(ProtectionUnavailable, match="not on the record"):
        confirmed(small_house.database, small_house.signing, erased, "act_none", datetime.now(UTC))


@pytest.mark.parametrize("bytes_", [1, 8_000_000])
async def test_a_copy_goes_before_its_call(house: House, monkeypatch: pytest.MonkeyPatch, bytes_: int) -> None:
    """Of what was kept without tags of its own the call's alone tell: whatever stops an erasure, the next one finds it."""
    monkeypatch.setattr("gateway.assurance.portions._BYTES", bytes_)
    for number in range(3):
        await asyncio.to_thread(house.keep, f"call_{number}", values=frozenset({ANNA}))
        await asyncio.to_thread(house.keep, f"call_{number}{COPY}")
    await asyncio.to_thread(house.keep, f"call_9{COPY}")
    steps: list[int] = []

    def stop(done: int) -> None:
        steps.append(done)
        if len(steps) == 1:
            raise KeyboardInterrupt

    eraser, whom = Eraser(house.database, house.keyring), house.subject(ANNA)
    with contextlib.suppress(KeyboardInterrupt):
        await eraser.erase(whom, "cli:olga", stop)
    with house.database.reading() as connection:
        left = connection.execute(select(func.count(KEPT.c.call_id.distinct()))).scalar_one() - 1
        assert left == (5 if bytes_ == 1 else 0)
        assert count(connection, whom) == left
    assert (await eraser.erase(whom, "cli:olga", stop)).exchanges == sum(steps) == 6
    with house.database.reading() as connection:
        assert set(connection.execute(select(KEPT.c.call_id)).scalars()) == {f"call_9{COPY}"}


async def test_a_copy_that_holds_only_others_originals_is_done(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes before its call, which fills the next portion: it must not come again and again."""
    monkeypatch.setattr("gateway.assurance.portions._BYTES", 1)
    await asyncio.to_thread(house.keep, "call_1", "about <PERSON_1>", {"<PERSON_1>": ANNA})
    await asyncio.to_thread(house.keep, f"call_1{COPY}", "about <PERSON_2>", {"<PERSON_2>": ZHANG})
    steps: list[int] = []

    def stop(done: int) -> None:
        steps.append(done)
        if len(steps) == 9:
            raise TimeoutError

    whom = house.subject(ANNA)
    assert (await Eraser(house.database, house.keyring).erase(whom, "cli:olga", stop)).exchanges == sum(steps) == 2
    with house.database.reading() as connection:
        assert count(connection, whom) == 0
    assert house.content(f"call_1{COPY}") == Content(originals={"<PERSON_2>": ZHANG})


async def test_nothing_readable_is_left_on_the_disk(small_house: House, tmp_path: Path) -> None:
    """Neither the value, nor a redacted text, nor what was sealed, nor a key: in no file, the WAL among them."""
    await _fill(small_house)
    with small_house.database.reading() as connection:
        mine = select(KEPT.c.sealed).where(KEPT.c.call_id == "call_3")
        sealed = [bytes(one) for one in connection.execute(mine).scalars()]
        keys = [bytes(one) for one in connection.execute(select(DATA_KEYS.c.wrapped)).scalars()]
    with closing(open_database(f"sqlite:///{tmp_path / 'audit.sqlite'}")) as gateway, gateway.reading():
        before = _files(tmp_path)
        assert all(one in before for one in sealed)
        erased = await Eraser(small_house.database, small_house.keyring).erase(small_house.subject(ANNA, ZHANG), "cli:olga")
        left = _files(tmp_path)
    assert erased.exchanges == 3
    for text in (ANNA, ZHANG, "from <PERSON_1>", "call me", "5550123"):
        assert text.encode() not in left
    assert not any(one in left for one in sealed)
    assert sum(key in left for key in keys) == 2  # the other tenant's


def _files(folder: Path) -> bytes:
    return b"\0".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
