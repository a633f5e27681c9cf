"""The rules of break-glass, each by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.assurance import grant as rules
from gateway.assurance.grant import State
from gateway.errors import InvalidRequest, NotPermitted
from gateway.identity.people import Person
from gateway.rules.identity import Role

NOW = datetime(2026, 1, 1, tzinfo=UTC)
REASON = "complaint 4711 of 3 January"


def person(name: str, *roles: Role, tenants: frozenset[str] | None = frozenset({"bank"})) -> Person:
    return Person(id=name, roles=frozenset(roles or {Role.PRIVACY_OFFICER}), tenants=tenants)


OLGA, ONNO = person("olga"), person("onno")


def asked() -> rules.Grant:
    return rules.ask(OLGA, "bank", "call_1", REASON, NOW)


def test_one_asks_another_gives_and_only_the_first_sees_for_a_while() -> None:
    grant = rules.give(asked(), ONNO, NOW, 30)
    assert (grant.state(NOW), grant.ends_at) == (State.GIVEN, NOW + timedelta(minutes=30))
    assert grant.opens_for(OLGA, NOW + timedelta(minutes=29, seconds=59))
    assert not grant.opens_for(ONNO, NOW)
    assert not grant.opens_for(OLGA, NOW + timedelta(minutes=30))
    assert grant.state(NOW + timedelta(minutes=30)) is State.ENDED


def test_nobody_gives_their_own() -> None:
    with pytest.raises(NotPermitted, match="nobody agrees to their own request"):
        rules.give(asked(), OLGA, NOW, 30)


@pytest.mark.parametrize(
    "who",
    [
        person("a", Role.AUDITOR),
        person("a", Role.OPERATOR, Role.DEVELOPER),
        person("a", tenants=frozenset({"shop"})),
        person("a", tenants=frozenset()),
    ],
)
def test_only_officers_of_the_tenant_ask_give_or_refuse(who: Person) -> None:
    attempts: tuple[Callable[[], object], ...] = (
        lambda: rules.ask(who, "bank", "call_1", REASON, NOW),
        lambda: rules.give(asked(), who, NOW, 30),
        lambda: rules.refuse(asked(), who, NOW),
    )
    for attempt in attempts:
        with pytest.raises(NotPermitted, match="no such thing, or it is not yours"):
            attempt()


def test_whoever_loses_the_role_or_the_tenant_sees_nothing_more() -> None:
    grant = rules.give(asked(), ONNO, NOW, 30)
    assert grant.opens_for(person("olga", tenants=None), NOW)
    assert not grant.opens_for(person("olga", Role.AUDITOR), NOW)
    assert not grant.opens_for(person("olga", tenants=frozenset({"shop"})), NOW)


@pytest.mark.parametrize("reason", ["", "   ", "too short", "a    b    c", "x" * 501])
def test_a_reason_says_something(reason: str) -> None:
    with pytest.raises(InvalidRequest, match="10 to 500 characters"):
        rules.ask(OLGA, "bank", "call_1", reason, NOW)


def test_a_request_that_nobody_answers_lapses() -> None:
    grant = asked()
    assert grant.state(NOW + timedelta(hours=23, minutes=59)) is State.WAITING
    assert grant.state(NOW + timedelta(hours=24)) is State.LAPSED
    answers: tuple[Callable[[], object], ...] = (
        lambda: rules.give(grant, ONNO, NOW + timedelta(hours=24), 30),
        lambda: rules.refuse(grant, ONNO, NOW + timedelta(days=2)),
    )
    for answer in answers:
        with pytest.raises(NotPermitted, match="it is lapsed"):
            answer()


def test_what_was_answered_is_not_answered_again() -> None:
    refused, given_ = rules.refuse(asked(), ONNO, NOW), rules.give(asked(), ONNO, NOW, 30)
    assert refused.state(NOW + timedelta(days=9)) is State.REFUSED
    for grant in (refused, given_):
        with pytest.raises(NotPermitted, match="does not wait for an answer any more"):
            rules.give(grant, person("otto"), NOW, 30)
        with pytest.raises(NotPermitted, match="does not wait"):
            rules.refuse(grant, person("otto"), NOW)


def test_whoever_asked_may_take_it_back() -> None:
    assert rules.refuse(asked(), OLGA, NOW).refused_by == "olga"


def test_the_reason_stays_out_of_the_repr() -> None:
    assert REASON not in repr(asked())


steps = st.lists(
    st.tuples(
        st.sampled_from(["give", "refuse"]),
        st.sampled_from([OLGA, ONNO, person("otto"), person("x", Role.AUDITOR)]),
        st.integers(0, 3_000),
    ),
    max_size=6,
)


@given(steps, st.sampled_from([OLGA, ONNO, person("otto")]), st.integers(0, 4_000), st.integers(1, 60))
def test_whatever_happens_nobody_sees_without_two(
    taken: list[tuple[str, Person, int]], viewer: Person, at: int, minutes: int
) -> None:
    grant = asked()
    for step, who, minute in taken:
        moment = NOW + timedelta(minutes=minute)
        try:
            grant = rules.give(grant, who, moment, minutes) if step == "give" else rules.refuse(grant, who, moment)
        except NotPermitted:
            continue
    if grant.opens_for(viewer, NOW + timedelta(minutes=at)):
        assert viewer.id == grant.asked_by != grant.given_by
        assert grant.given_by in ("onno", "otto")
        assert grant.refused_by is None
