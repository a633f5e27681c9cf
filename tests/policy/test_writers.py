"""Who may keep documents narrows inwards, and nobody may where nobody says so."""

from __future__ import annotations

import pytest

from gateway.policy.writers import common, may_write

ALL = frozenset({"*"})
SOME = frozenset({"editor", "clerk"})
ONE = frozenset({"editor"})


@pytest.mark.parametrize(
    ("outer", "inner", "both"),
    [(None, ONE, ONE), (ONE, None, ONE), (ALL, ONE, ONE), (ONE, ALL, ONE), (SOME, ONE, ONE), (ONE, frozenset(), frozenset())],
)
def test_the_narrower_of_two(outer: frozenset[str] | None, inner: frozenset[str] | None, both: frozenset[str]) -> None:
    assert common(outer, inner) == both


@pytest.mark.parametrize(
    ("roles", "writers", "may"),
    [((), None, False), ((), ALL, True), (("editor",), SOME, True), (("guest",), SOME, False), ((), SOME, False)],
)
def test_who_may(roles: tuple[str, ...], writers: frozenset[str] | None, *, may: bool) -> None:
    assert may_write(roles, writers) is may
