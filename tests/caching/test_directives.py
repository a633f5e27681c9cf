from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.caching.directives import Directives, directives_of


@pytest.mark.parametrize(
    ("header", "asked"),
    [
        (None, Directives()),
        ("", Directives()),
        ("no-store", Directives(no_store=True)),
        ("No-Cache", Directives(no_cache=True)),
        ("only-if-cached, max-age=60", Directives(only_if_cached=True, max_age_s=60)),
        ('max-age="5"', Directives(max_age_s=5)),
        ("max-age=60, max-age=5", Directives(max_age_s=5)),
        ("max-age=soon", Directives(max_age_s=0)),
        ("max-age", Directives(max_age_s=0)),
        ("max-age=-1", Directives(max_age_s=0)),
        ("min-fresh=30", Directives(min_fresh_s=30)),
        ("min-fresh=x", Directives(min_fresh_s=2**31)),
        ("max-stale=100, no-transform, stale-if-error", Directives()),
        ('private="no-store, x"', Directives()),
        (",, no-store ,", Directives(no_store=True)),
        ("no-store; max-age=60", Directives(no_store=True, max_age_s=60)),
        ("max-age = 60; no-cache", Directives(no_cache=True, max_age_s=60)),
        ("no-store no-cache", Directives(no_store=True, no_cache=True)),
        ('private="no-store; no-cache"', Directives()),
        ("max-age=99999999999999999999", Directives(max_age_s=2**31)),
    ],
)
def test_what_a_client_asks(header: str | None, asked: Directives) -> None:
    assert directives_of(header) == asked


@pytest.mark.parametrize(
    ("header", "age", "accepted"),
    [
        ("", 0, True),
        ("", 10, True),
        ("", 10.1, False),
        ("no-cache", 0, False),
        ("max-age=5", 5, True),
        ("max-age=5", 5.1, False),
        ("max-age=0", 0.3, False),
        ("max-stale=100", 11, False),
        ("min-fresh=4", 6, True),
        ("min-fresh=4", 7, False),
    ],
)
def test_how_old_an_answer_may_be(header: str, age: float, accepted: bool) -> None:
    assert directives_of(header).accept(age, ttl_s=10) is accepted


@given(st.text())
def test_no_header_is_a_trouble(header: str) -> None:
    asked = directives_of(header)
    assert asked.max_age_s is None or asked.max_age_s >= 0
    assert asked.no_store <= ("no-store" in header.lower())
