from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from gateway.assurance.break_glass import BreakGlass, act_of
from gateway.assurance.grant import State
from gateway.audit.act import Action
from gateway.errors import InvalidRequest, NotPermitted
from gateway.keys.destruction import destroy_tenant_key
from gateway.store.tables.grants import GRANTS
from tests.assurance.kept import ANNA, House
from tests.assurance.test_grant import OLGA, ONNO, REASON, person


class Clock:
    now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def glass(house: House, clock: Clock) -> BreakGlass:
    house.keep("call_1", originals={"<PERSON_1>": ANNA})
    house.keep("call_2")
    return BreakGlass(house.database, house.keyring, 30, clock)


def test_from_asking_to_the_end(glass: BreakGlass, clock: Clock) -> None:
    grant = glass.ask(OLGA, "call_1", f"  {REASON}\n ")
    assert (grant.tenant, grant.reason) == ("bank", REASON)
    assert glass.granted("call_1", OLGA) is None
    clock.now += timedelta(hours=2)
    given = glass.give(grant.id, ONNO)
    assert glass.granted("call_1", OLGA) == given
    assert glass.granted("call_1", ONNO) is None
    assert glass.granted("call_2", OLGA) is None
    clock.now += timedelta(minutes=30)
    assert glass.granted("call_1", OLGA) is None
    assert glass.find(grant.id, OLGA).state(clock.now) is State.ENDED


def test_what_is_written_comes_back_as_it_was(glass: BreakGlass) -> None:
    first = glass.ask(OLGA, "call_1", REASON)
    assert glass.find(first.id, ONNO) == first
    refused = glass.refuse(first.id, ONNO)
    assert glass.list(OLGA) == (refused,)
    assert glass.list(person("x", tenants=frozenset({"shop"}))) == ()
    assert glass.list(person("x", tenants=None), call_id="call_2") == ()


def test_where_there_are_no_originals_there_is_nothing_to_ask_for(glass: BreakGlass) -> None:
    with pytest.raises(InvalidRequest, match="No originals are kept"):
        glass.ask(OLGA, "call_2", REASON)
    assert glass.list(OLGA) == ()


def test_what_is_not_there_and_what_is_not_yours_look_the_same(glass: BreakGlass) -> None:
    grant, stranger = glass.ask(OLGA, "call_1", REASON), person("x", tenants=frozenset({"shop"}))
    told = set()
    attempts: tuple[Callable[[], object], ...] = (
        lambda: glass.ask(OLGA, "call_9", REASON),
        lambda: glass.ask(stranger, "call_1", REASON),
        lambda: glass.give("bg_none", ONNO),
        lambda: glass.give(grant.id, stranger),
        lambda: glass.find(grant.id, stranger),
    )
    for attempt in attempts:
        with pytest.raises(NotPermitted) as refused:
            attempt()
        told.add(refused.value.message)
    assert len(told) == 1


def test_of_two_answers_at_the_same_moment_one_counts(glass: BreakGlass, monkeypatch: pytest.MonkeyPatch) -> None:
    grant = glass.ask(OLGA, "call_1", REASON)
    stale = glass.find(grant.id, ONNO)
    glass.refuse(grant.id, ONNO)
    monkeypatch.setattr(glass, "find", lambda *_: stale)
    with pytest.raises(NotPermitted, match="somebody else at the same moment"):
        glass.give(grant.id, person("otto"))
    monkeypatch.undo()
    assert glass.find(grant.id, ONNO).given_by is None


@pytest.mark.parametrize(
    "forged",
    [
        {"given_by": "onno", "given_at": "2026-01-01T00:00:00.000Z", "ends_at": "2027-01-01T00:00:00.000Z"},
        {"ends_at": "2027-01-01T00:00:00.000Z"},
        {"call_id": "call_2"},
        {"asked_by": "onno"},
        {"seal": None},
    ],
    ids=["given", "longer", "of another exchange", "to somebody else", "unsealed"],
)
def test_whoever_has_the_database_alone_gives_no_leave(
    glass: BreakGlass, house: House, clock: Clock, forged: dict[str, str | None]
) -> None:
    """Two officers agree, also where one of them administers the database."""
    grant = glass.ask(OLGA, "call_1", REASON)
    if "given_by" not in forged:
        glass.give(grant.id, ONNO)
        clock.now += timedelta(minutes=31 if "ends_at" in forged else 1)
    with house.database.writing() as connection:
        connection.execute(update(GRANTS).values(**forged))
    for officer in (OLGA, ONNO):
        assert glass.granted("call_1", officer) is None
        assert glass.granted("call_2", officer) is None


@pytest.mark.parametrize(
    "forged", [{"call_id": "call_2"}, {"asked_by": "carl"}, {"reason": "Something else"}, {"id": "bg_1"}, {"seal": None}]
)
def test_whoever_has_the_database_alone_changes_no_request(
    glass: BreakGlass, house: House, forged: dict[str, str | None]
) -> None:
    """What another officer is shown, and agrees to, is what was asked for."""
    grant = glass.ask(OLGA, "call_1", REASON)
    with house.database.writing() as connection:
        connection.execute(update(GRANTS).values(**forged))
    assert glass.list(ONNO) == ()
    for answer in (glass.give, glass.refuse):
        with pytest.raises(NotPermitted):
            answer(forged.get("id") or grant.id, ONNO)
    with house.database.writing() as connection:
        connection.execute(update(GRANTS).values(given_by=None))
    assert glass.granted("call_1", OLGA) is None


def test_leave_of_a_tenant_that_was_erased_is_none(glass: BreakGlass, house: House) -> None:
    glass.give(glass.ask(OLGA, "call_1", REASON).id, ONNO)
    with house.database.writing() as connection:
        destroy_tenant_key(connection, "bank", "2026-01-01T00:00:00.000Z")
    house.keyring.forget("bank")
    assert glass.granted("call_1", OLGA) is None


def test_an_act_says_who_why_and_on_what(glass: BreakGlass) -> None:
    grant = glass.ask(OLGA, "call_1", REASON)
    act = act_of(Action.BREAK_GLASS_SHOW, OLGA, grant)
    assert (act.actor, act.tenant, act.target, act.result, act.note) == ("olga", "bank", "call_1", grant.id, REASON)
