"""Whatever a body holds, it becomes a row; what our own gateway writes is read in full."""

from __future__ import annotations

import random

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.event import ExchangeRecord, Outcome, Timings, Verdict
from gateway.audit.log import Phase, entry_of
from gateway.exchange import Attempt, CacheState, FindingCount, Served
from gateway.explorer.index.buckets import BOUNDS_MS, bucket, buckets_from, percentile
from gateway.explorer.index.filters import Filters
from gateway.explorer.index.reading import LoggedEntry, busy_ms, row_of, told_by
from gateway.explorer.index.row import Found, Row
from gateway.explorer.index.sums import Measure, changes
from gateway.explorer.index.terms import groups_of, term_of, terms_of
from gateway.obligations import OperatorKind
from gateway.protocol.usage import Usage, UsageSource
from gateway.protocol.wire import Surface

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("outcome", "tenant", "decision", "usage", "timings_ms", "findings", "opened_at", "status", "cost", "stream", "cache")


def entry(body: str, phase: str = "completed", at: str = "2026-01-02T03:04:05.678Z") -> LoggedEntry:
    return LoggedEntry(3, "c1", phase, at, body)


@given(st.dictionaries(st.sampled_from(FIELDS), JSON), st.sampled_from(("completed", "opened")), st.text(max_size=30))
def test_no_body_stops_it(body: dict[str, object], phase: str, at: str) -> None:
    row = row_of(entry(orjson.dumps(body).decode(), phase, at))
    assert row.seq == 3
    assert len(row.opened_at) == 24
    assert terms_of(row)
    assert {key.measure for key in changes((), [row])} <= {measure.value for measure in Measure}
    assert changes([row], [row]) == {}


@given(st.text(max_size=40))
def test_no_text_stops_it_either(text: str) -> None:
    assert row_of(entry(text)).call_id == "c1"


def test_what_the_gateway_writes_is_read_in_full() -> None:
    record = ExchangeRecord(
        call_id="c1",
        surface=Surface.CHAT,
        opened_at="2026-01-02T03:04:05.000Z",
        outcome=Outcome.COMPLETED,
        tenant="acme",
        principal="app",
        team="claims",
        model="small",
        stream=True,
        conversation="conv_1",
        decision=Verdict(allow=True, rule="tenants.acme", reason="May.", policy_version="v1"),
        findings=(FindingCount(entity="PERSON", operator=OperatorKind.MASK, recognizer="r", count=2, max_score=0.9),),
        deployment="one",
        attempts=(
            Attempt(deployment="two", result="upstream_error", started_ms=3.0, ended_ms=4.0),
            Attempt(deployment="one", result="answered", started_ms=5.0, ended_ms=8.0),
        ),
        served=Served(model="qwen3:8b", version="2026-10", digest="sha256:ab", external=True),
        cache=CacheState.MISS,
        usage=Usage(input_tokens=10, output_tokens=5, source=UsageSource.COUNTED),
        cost=25,
        timings_ms=Timings(committed=2.0, first_event=8.0, total=90.0),
        status=200,
    )
    written = entry_of(record, Phase.COMPLETED)
    assert row_of(LoggedEntry(3, written.call_id, written.phase.value, written.at, written.body)) == Row(
        seq=3,
        call_id="c1",
        opened_at="2026-01-02T03:04:05.000Z",
        completed_at=written.at,
        tenant="acme",
        team="claims",
        principal="app",
        surface="chat/completions",
        model="small",
        deployment="one",
        outcome="completed",
        allow=True,
        rule="tenants.acme",
        policy_version="v1",
        status=200,
        stream=True,
        cache="miss",
        conversation="conv_1",
        duration_ms=90.0,
        first_event_ms=8.0,
        input_tokens=10,
        output_tokens=5,
        cost=25,
        version="2026-10",
        external=True,
        busy_ms=85.0,
        tokens_from="counted",
        found=(Found("PERSON", "mask", 2),),
    )


TOOK = {"deployment": "one", "timings_ms": {"committed": 2.0, "total": 90.0}}


@pytest.mark.parametrize(
    ("body", "busy"),
    [
        (TOOK, 88.0),
        (TOOK | {"attempts": "one", "cache": "miss"}, 88.0),
        (TOOK | {"attempts": [{"result": "abandoned", "started_ms": 50.0}]}, 88.0),
        (TOOK | {"attempts": [{"result": "answered", "started_ms": 95.0}]}, 0.0),
        (TOOK | {"cache": "hit"}, None),
        (TOOK | {"deployment": None}, None),
        (TOOK | {"timings_ms": {"total": 90.0}}, None),
    ],
)
def test_a_deployment_is_at_it_until_the_exchange_ends(body: dict[str, object], busy: float | None) -> None:
    assert busy_ms(body) == busy


def test_tokens_of_old_records_were_reported() -> None:
    row = row_of(entry('{"outcome":"completed","usage":{"input_tokens":3,"output_tokens":null}}'))
    assert (row.tokens_from, row_of(entry('{"outcome":"completed"}')).tokens_from) == ("reported", None)


def test_an_end_before_an_opening_is_an_end() -> None:
    told = told_by([entry('{"outcome":"completed"}'), entry('{"outcome":"incomplete"}', "opened")])
    assert [(one.row.outcome, one.ended) for one in told] == [("completed", True)]


def test_terms_are_the_same_for_good() -> None:
    assert term_of("tenant", "acme") == 7598639737017344857
    assert term_of("tenant", "acme") != term_of("team", "acme")
    assert 0 <= term_of("status", 200) < 2**63


def test_a_filter_asks_for_what_a_row_has() -> None:
    row = Row(
        seq=1, call_id="c", opened_at="", tenant="a", allow=False, status=403, duration_ms=250.0, found=(Found("X", "", 1),)
    )
    asked = Filters(tenants=frozenset({"a", "b"}), allow=False, status=403, entity="X", min_duration_ms=200)
    assert all(terms_of(row) & set(group) for group in groups_of(asked))
    assert not all(terms_of(row) & set(group) for group in groups_of(Filters(tenants=None, min_duration_ms=400)))


@given(st.floats(0, 1e9), st.floats(0, 1e9))
def test_a_longer_duration_is_in_a_later_bucket(one: float, another: float) -> None:
    low, high = sorted((one, another))
    assert bucket(low) <= bucket(high)
    assert bucket(high) in buckets_from(low)


@pytest.mark.parametrize("share", [0.5, 0.95])
def test_percentiles_are_within_a_bucket_of_the_true_ones(share: float) -> None:
    chance = random.Random(3)
    durations = sorted(chance.lognormvariate(6, 1) for _ in range(2_000))
    counts: dict[int, int] = {}
    for one in durations:
        counts[bucket(one)] = counts.get(bucket(one), 0) + 1
    true, told = durations[int(share * 2_000)], percentile(counts, share)
    assert told is not None
    assert true / 1.78 <= told <= true * 1.78


def test_percentiles_at_the_ends() -> None:
    assert percentile({}, 0.5) is None
    assert percentile({0: 2}, 0.5) == 0.5
    assert percentile({len(BOUNDS_MS): 1}, 0.95) == BOUNDS_MS[-1]
