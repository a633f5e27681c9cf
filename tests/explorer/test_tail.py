from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.explorer.tail import LASTS_S, TailPasses
from gateway.identity.pepper import Pepper

NOW = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
PASSES = TailPasses(Pepper(b"p" * 32), lambda: NOW)


def at(seconds: int) -> TailPasses:
    return TailPasses(Pepper(b"p" * 32), lambda: NOW + timedelta(seconds=seconds))


def test_a_pass_holds_for_an_hour() -> None:
    ticket = PASSES.issue("session", "tenant=bank", 7)
    assert at(LASTS_S - 1).holds(ticket, "session", "tenant=bank", 7)
    assert not at(LASTS_S).holds(ticket, "session", "tenant=bank", 7)


def test_it_leads_to_nothing_from_before_its_start() -> None:
    ticket = PASSES.issue("session", "", 7)
    assert [PASSES.holds(ticket, "session", "", after) for after in (0, 6, 7, 8)] == [False, False, True, True]
    assert not PASSES.holds(ticket.replace(".7.", ".0."), "session", "", 0)


@pytest.mark.parametrize(("session", "query"), [("other", "tenant=bank"), ("session", ""), ("session", "tenant=shop")])
def test_it_is_bound_to_a_session_and_to_what_is_followed(session: str, query: str) -> None:
    assert not PASSES.holds(PASSES.issue("session", "tenant=bank", 7), session, query, 7)


@given(st.text(max_size=100))
def test_anything_else_is_no_pass(ticket: str) -> None:
    assert not PASSES.holds(ticket, "session", "", 10**9)


def test_its_end_cannot_be_put_off() -> None:
    ends, _, signature = PASSES.issue("session", "", 7).partition(".")
    assert not PASSES.holds(f"{int(ends) + 1}.{signature}", "session", "", 7)
