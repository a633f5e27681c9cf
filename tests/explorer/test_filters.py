from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.explorer.filters import asked
from gateway.explorer.index.filters import Filters

NOW = datetime(2027, 1, 15, 12, tzinfo=UTC)
EVERY = {
    "since": "2027-01-15T08:00",
    "until": "2027-01-15T09:00:00.5+01:00",
    "tenant": "bank",
    "team": "claims",
    "principal": "desk",
    "model": "qwen3-8b",
    "deployment": "frankfurt",
    "decision": "deny",
    "rule": "tenants.bank.models",
    "entity": "PERSON",
    "outcome": "denied",
    "status": "403",
    "min_ms": "12.5",
    "error_code": "policy_denied",
    "cache": "hit",
    "conversation": "conv_1",
    "policy": "8fb9a296759f",
    "text": "claim",
}


def test_every_filter_is_read_from_the_address() -> None:
    wanted = asked(EVERY, frozenset({"bank"}), NOW)
    assert wanted.problems == ()
    assert wanted.filters == Filters(
        tenants=frozenset({"bank"}),
        since="2027-01-15T08:00:00.000Z",
        until="2027-01-15T08:00:00.500Z",
        tenant="bank",
        team="claims",
        principal="desk",
        model="qwen3-8b",
        deployment="frankfurt",
        outcome="denied",
        allow=False,
        rule="tenants.bank.models",
        policy_version="8fb9a296759f",
        status=403,
        error_code="policy_denied",
        cache="hit",
        entity="PERSON",
        conversation="conv_1",
        min_duration_ms=12.5,
        text="claim",
    )


def test_the_address_of_the_next_page_asks_for_the_same() -> None:
    wanted = asked(EVERY, None, NOW)
    assert asked(dict(parse_qsl(wanted.query)), None, NOW) == wanted


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("since", "yesterday"),
        ("since", "0001-01-01T00:00:00+14:00"),
        ("until", "9999-12-31T23:59:59-14:00"),
        ("until", "2027-13-01"),
        ("decision", "maybe"),
        ("outcome", "fine"),
        ("status", "9"),
        ("status", "ok"),
        ("min_ms", "-1"),
        ("min_ms", "nan"),
        ("tenant", "a\x00b"),
    ],
)
def test_what_makes_no_sense_is_named_and_not_left_out_in_silence(name: str, written: str) -> None:
    assert asked({name: written}, None, NOW).problems == (name,)


def test_what_content_is_searched_for_is_not_put_on_record() -> None:
    wanted = asked({"text": "Alice Johnson", "tenant": "bank"}, None, NOW)
    assert wanted.words == "tenant=bank text=(13 characters)"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2027-01-15", "2027-01-15T00:00"),
        ("2027-01-15T08:00:07+01:00", "2027-01-15T07:00:07"),
        ("2027-01-15T08:00:07.25", "2027-01-15T08:00:07.250"),
        ("soon", ""),
    ],
)
def test_a_moment_is_shown_as_a_browser_can_send_it_again(written: str, shown: str) -> None:
    wanted = asked({"since": written}, None, NOW)
    assert wanted.field("since") == shown
    assert wanted.field("tenant") == ""
    assert not shown or asked({"since": shown}, None, NOW).filters == wanted.filters


def test_empty_fields_and_unknown_ones_ask_for_nothing() -> None:
    assert asked({"tenant": "  ", "drop": "table"}, None, NOW).words == "everything"


def test_so_long_ago_as_commands_have_it() -> None:
    wanted = asked({"since": "7d", "until": "90m"}, None, NOW)
    assert (wanted.filters.since, wanted.filters.until) == ("2027-01-08T12:00:00.000Z", "2027-01-15T10:30:00.000Z")
    assert (wanted.field("since"), wanted.query) == ("2027-01-08T12:00", "since=7d&until=90m")


@given(st.dictionaries(st.sampled_from(sorted(EVERY)), st.text(max_size=300)))
def test_no_address_breaks_it(query: dict[str, str]) -> None:
    wanted = asked(query, frozenset({"bank"}), NOW)
    assert wanted.filters.tenants == frozenset({"bank"})
    assert set(wanted.problems) <= set(wanted.given)
