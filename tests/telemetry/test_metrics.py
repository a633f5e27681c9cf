"""Metrics are off unless an OTEL_* setting turns them on, and then a real receiver gets them, without a raw byte."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import HistogramDataPoint, Metric, NumberDataPoint

from gateway.audit.event import ExchangeRecord, Outcome, Timings
from gateway.exchange import CacheState, FindingCount
from gateway.obligations import OperatorKind
from gateway.policy.status import PolicyEvent, PolicyStatus, ReloadOutcome
from gateway.protocol.usage import Usage
from gateway.protocol.wire import Surface
from gateway.telemetry.instruments import Metrics
from gateway.telemetry.losses import EXPORT_FAILED, QUEUE_FULL, Losses
from gateway.telemetry.metrics import configure_metrics
from gateway.telemetry.otel_settings import Signal
from tests.support.otlp import Collector, Export

SECRET = "alice@example.com"
RECORD = ExchangeRecord(
    call_id="c-1",
    surface=Surface.CHAT,
    opened_at="2026-01-02T03:04:05.678Z",
    outcome=Outcome.COMPLETED,
    tenant="acme",
    principal="bob",
    model="small",
    deployment="local",
    usage=Usage(input_tokens=300, output_tokens=5, response_id="r-1", response_model="a-backend-s-word"),
    timings_ms=Timings(decided=1.0, committed=100.0, total=1_600.0),
    status=200,
    route_reason=SECRET,
)
STATUS = PolicyStatus(version="v1", loaded_at="2026-01-02T03:04:05.678Z", path="p", last_attempt="2026-01-02T03:04:05.678Z")


def metrics_of(export: Export) -> dict[str, Metric]:
    """By name."""
    request = ExportMetricsServiceRequest.FromString(export.body)
    return {metric.name: metric for metric in request.resource_metrics[0].scope_metrics[0].metrics}


@pytest.fixture
def exported(collector: Collector) -> Callable[[Callable[[Metrics], None]], Mapping[str, Metric]]:
    """Uses the instruments of a gateway and returns what the receiver got."""

    def run(use: Callable[[Metrics], None]) -> Mapping[str, Metric]:
        metrics = configure_metrics({"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint})
        use(metrics)
        metrics.shutdown()
        return metrics_of(collector.exports[-1])

    return run


Exported = Callable[[Callable[[Metrics], None]], Mapping[str, Metric]]


def labels(point: NumberDataPoint | HistogramDataPoint) -> dict[str, str]:
    return {pair.key: pair.value.string_value for pair in point.attributes}


def counts(metric: Metric) -> dict[tuple[str, ...], int]:
    """A counter's points by the values of their labels, in the order of the labels' names."""
    assert metric.sum.is_monotonic
    return {tuple(value for _, value in sorted(labels(point).items())): point.as_int for point in metric.sum.data_points}


def test_exchanges_are_counted_by_outcome_surface_and_tenant(exported: Exported, collector: Collector) -> None:
    def use(metrics: Metrics) -> None:
        for tenant in ("acme", "acme", "other"):
            metrics.measure(replace(RECORD, tenant=tenant))
        metrics.measure(replace(RECORD, outcome=Outcome.ABORTED, surface=Surface.RESPONSES))
        unknown = ExchangeRecord(call_id="c-2", surface=Surface.CHAT, opened_at="", outcome=Outcome.DENIED, status=401)
        metrics.measure(replace(unknown, error_code="invalid_api_key"))

    assert counts(exported(use)["gateway.exchanges"]) == {
        ("completed", "chat/completions", "acme"): 2,
        ("completed", "chat/completions", "other"): 1,
        ("aborted", "responses", "acme"): 1,
        ("denied", "chat/completions"): 1,
    }
    assert not any(word in collector.raw for word in (b"bob", b"c-1", b"r-1", b"a-backend-s-word", SECRET.encode()))


def test_an_operation_is_measured_as_the_conventions_say(exported: Exported) -> None:
    sent = exported(lambda metrics: metrics.measure(RECORD))
    duration, usage = sent["gen_ai.client.operation.duration"], sent["gen_ai.client.token.usage"]
    (taken,) = duration.histogram.data_points
    assert (duration.unit, usage.unit) == ("s", "{token}")
    assert (taken.count, taken.sum) == (1, 1.5)
    assert list(taken.explicit_bounds) == [
        0.01,
        0.02,
        0.04,
        0.08,
        0.16,
        0.32,
        0.64,
        1.28,
        2.56,
        5.12,
        10.24,
        20.48,
        40.96,
        81.92,
    ]
    of_the_model = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "small"}
    assert labels(taken) == of_the_model

    tokens = {labels(point)["gen_ai.token.type"]: point for point in usage.histogram.data_points}
    assert {kind: point.sum for kind, point in tokens.items()} == {"input": 300, "output": 5}
    assert [int(math.log(bound, 4) + 0.5) for bound in tokens["input"].explicit_bounds] == list(range(14))
    assert labels(tokens["output"]) == of_the_model | {"gen_ai.token.type": "output"}


def test_an_operation_that_failed_says_how_and_a_silent_backend_used_nothing(exported: Exported) -> None:
    failed = replace(RECORD, outcome=Outcome.FAILED, error_code="upstream_timeout", status=504, usage=Usage(output_tokens=0))
    sent = exported(lambda metrics: metrics.measure(failed))
    (taken,) = sent["gen_ai.client.operation.duration"].histogram.data_points
    assert labels(taken)["error.type"] == "upstream_timeout"
    (used,) = sent["gen_ai.client.token.usage"].histogram.data_points
    assert (labels(used)["gen_ai.token.type"], used.count, used.sum) == ("output", 1, 0)


def test_what_no_backend_was_asked_is_no_operation(exported: Exported) -> None:
    def use(metrics: Metrics) -> None:
        metrics.measure(replace(RECORD, outcome=Outcome.DENIED, deployment=None, usage=Usage()))
        metrics.measure(replace(RECORD, outcome=Outcome.FAILED, timings_ms=Timings(total=3.0), usage=Usage()))

    assert set(exported(use)) == {"gateway.exchanges"}


def test_a_tenant_too_many_for_a_series_is_still_counted(exported: Exported) -> None:
    def use(metrics: Metrics) -> None:
        for number in range(2_100):
            metrics.measure(replace(RECORD, tenant=f"t{number}", deployment=None))

    points = exported(use)["gateway.exchanges"].sum.data_points
    assert len(points) <= 2_001
    assert sum(point.as_int for point in points) == 2_100


def test_the_policy_is_seen(exported: Exported) -> None:
    hour_ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    stale = replace(STATUS, loaded_at=hour_ago, stale=True, problem="p:1:1: broken; fix: mend it")
    refused = PolicyEvent(outcome=ReloadOutcome.REFUSED, version="b", previous="a", problems=1, summary=stale.problem or "")

    def use(metrics: Metrics) -> None:
        metrics.watch_policy(lambda: stale)
        metrics.policy_event(refused)
        metrics.policy_event(refused)
        metrics.policy_event(replace(refused, outcome=ReloadOutcome.APPLIED))

    sent = exported(use)
    assert counts(sent["gateway.policy.reloads"]) == {("refused",): 2, ("applied",): 1}
    (shown,) = sent["gateway.policy.stale"].gauge.data_points
    assert (shown.as_int, labels(shown)) == (1, {})
    (age,) = sent["gateway.policy.age"].gauge.data_points
    assert 3_600 <= age.as_double < 7_200
    assert sent["gateway.policy.age"].unit == "s"


def test_faults_of_background_work_are_counted_by_type(exported: Exported) -> None:
    def use(metrics: Metrics) -> None:
        for error in ("KeyError", "KeyError", "AuditUnavailable"):
            metrics.background_failed("erasures", error)

    assert counts(exported(use)["gateway.background.faults"]) == {
        ("KeyError", "erasures"): 2,
        ("AuditUnavailable", "erasures"): 1,
    }


def test_a_policy_in_force_is_not_stale_and_never_from_the_future(exported: Exported) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    sent = exported(lambda metrics: metrics.watch_policy(lambda: replace(STATUS, loaded_at=tomorrow)))
    assert sent["gateway.policy.stale"].gauge.data_points[0].as_int == 0
    assert sent["gateway.policy.age"].gauge.data_points[0].as_double == 0


def test_findings_are_counted_by_type_and_operator(exported: Exported) -> None:
    mail = FindingCount(entity="EMAIL_ADDRESS", operator=OperatorKind.MASK, recognizer="email", count=2, max_score=1.0)
    name = replace(mail, entity="PERSON", operator=OperatorKind.PLACEHOLDER, recognizer="tagger", count=1)

    def use(metrics: Metrics) -> None:
        for findings in ((mail, name, replace(name, recognizer="list")), (mail,)):
            metrics.measure(replace(RECORD, findings=findings))
        metrics.measure(replace(RECORD, tenant=None, outcome=Outcome.DENIED, findings=()))

    assert counts(exported(use)["gateway.findings"]) == {
        ("EMAIL_ADDRESS", "mask", "acme"): 4,
        ("PERSON", "placeholder", "acme"): 2,
    }


def test_what_the_cache_said_and_what_answers_cost(exported: Exported) -> None:
    def use(metrics: Metrics) -> None:
        for cache, cost in (
            (CacheState.HIT, 0),
            (CacheState.MISS, 1_500_000),
            (CacheState.MISS, 250_000),
            (CacheState.NONE, None),
        ):
            metrics.measure(replace(RECORD, cache=cache, cost=cost))

    sent = exported(use)
    assert counts(sent["gateway.cache.answers"]) == {("hit", "acme"): 1, ("miss", "acme"): 2}
    (spent,) = sent["gateway.spend"].sum.data_points
    assert (spent.as_double, labels(spent)) == (1.75, {"gateway.tenant": "acme", "gen_ai.request.model": "small"})


def test_only_a_stream_has_a_first_chunk(exported: Exported) -> None:
    def use(metrics: Metrics) -> None:
        metrics.measure(RECORD)
        metrics.measure(replace(RECORD, stream=True, timings_ms=replace(RECORD.timings_ms, first_event=350.0)))

    (first,) = exported(use)["gen_ai.client.operation.time_to_first_chunk"].histogram.data_points
    assert (first.count, first.sum) == (1, 0.25)


def test_what_telemetry_lost_is_exported(exported: Exported) -> None:
    losses = Losses()

    def use(metrics: Metrics) -> None:
        metrics.watch_losses(losses.counts)
        losses.lost(Signal.TRACES, QUEUE_FULL, 3)
        losses.lost(Signal.TRACES, QUEUE_FULL)
        losses.lost(Signal.LOGS, EXPORT_FAILED, 512)

    assert counts(exported(use)["gateway.telemetry.lost"]) == {("queue_full", "traces"): 4, ("export_failed", "logs"): 512}
