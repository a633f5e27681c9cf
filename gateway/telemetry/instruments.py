"""What is measured: exchanges, what was found in them, what models did, the policy, and what telemetry itself lost.

Nothing here is labelled by what a caller or a backend may choose, nor by a principal: each value opens a new series.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from gateway.audit.event import ExchangeRecord
from gateway.exchange import CacheState
from gateway.policy.status import PolicyEvent, PolicyStatus
from gateway.telemetry.attributes import (
    BACKGROUND_METRIC,
    CACHE,
    CACHE_METRIC,
    COST_METRIC,
    ENTITY,
    ERROR_TYPE,
    EXCHANGES_METRIC,
    FINDINGS_METRIC,
    FIRST_CHUNK_METRIC,
    LOCAL_LIMITS_METRIC,
    LOST_METRIC,
    OPERATION_DURATION_METRIC,
    OPERATOR,
    POLICY_AGE_METRIC,
    POLICY_OUTCOME,
    POLICY_RELOADS_METRIC,
    POLICY_STALE_METRIC,
    SIGNAL,
    STRANGERS_METRIC,
    TYPE_OF_TOKENS,
    USAGE_METRIC,
    WORK,
    error_label,
    exchange_labels,
    operation_labels,
    spend_labels,
    tenant_label,
)
from gateway.telemetry.otel_settings import Signal

# The bounds that the GenAI conventions ask for: seconds, and tokens.
_SECONDS = tuple(0.01 * 2**step for step in range(14))
_TOKENS = tuple(4**step for step in range(14))


class Metrics:
    """The instruments. Any thread may use them; nothing here fails, reads content or waits, but for `shutdown`, which sends
    what was counted since the last export, for some seconds at most.
    """

    def __init__(self, meter: Meter, *, enabled: bool, shutdown: Callable[[], None]) -> None:
        self.enabled = enabled
        self.shutdown = shutdown
        self._meter = meter
        self._exchanges = meter.create_counter(EXCHANGES_METRIC, "{exchange}", "Exchanges, by how they ended.")
        self._reloads = meter.create_counter(POLICY_RELOADS_METRIC, "{reload}", "Attempts to replace the policy in force.")
        self._findings = meter.create_counter(FINDINGS_METRIC, "{finding}", "Findings of personal data, by type and operator.")
        self._cached = meter.create_counter(CACHE_METRIC, "{exchange}", "Exchanges that the cache was asked about, by result.")
        self._local = meter.create_counter(
            LOCAL_LIMITS_METRIC, "{exchange}", "Exchanges whose limits one process counted by itself."
        )
        self._background = meter.create_counter(BACKGROUND_METRIC, "{fault}", "Faults of work beside the exchanges.")
        self._spend = meter.create_counter(COST_METRIC, "1", "Cost by the policy's prices, in the policy's currency.")
        self._duration = meter.create_histogram(
            OPERATION_DURATION_METRIC, "s", "GenAI operation duration.", explicit_bucket_boundaries_advisory=_SECONDS
        )
        self._usage = meter.create_histogram(
            USAGE_METRIC, "{token}", "Number of input and output tokens used.", explicit_bucket_boundaries_advisory=_TOKENS
        )

        self._first_chunk = meter.create_histogram(
            FIRST_CHUNK_METRIC, "s", "Time to receive the first chunk.", explicit_bucket_boundaries_advisory=_SECONDS
        )

    def measure(self, record: ExchangeRecord) -> None:
        """Count an exchange that has ended; call it once for each."""
        if self.enabled:
            self._exchanges.add(1, exchange_labels(record))
            self._measure_findings(record)
            self._measure_answer(record)
            self._measure_operation(record)

    def policy_event(self, event: PolicyEvent) -> None:
        """Count an attempt to replace the policy."""
        self._reloads.add(1, {POLICY_OUTCOME: event.outcome.value})

    def background_failed(self, work: str, error: str) -> None:
        """Count a fault of what goes on beside the exchanges, by the type of the error."""
        self._background.add(1, {WORK: work, ERROR_TYPE: error})

    def watch_policy(self, status: Callable[[], PolicyStatus]) -> None:
        """Export from now on how the policy in force is. Call it once."""

        def stale(_: CallbackOptions) -> Iterable[Observation]:
            yield Observation(int(status().stale))

        def age(_: CallbackOptions) -> Iterable[Observation]:
            loaded = datetime.fromisoformat(status().loaded_at)
            yield Observation(max(0.0, (datetime.now(UTC) - loaded).total_seconds()))

        self._meter.create_observable_gauge(
            POLICY_STALE_METRIC, [stale], "1", "1 while the policy file is not the policy in force."
        )
        self._meter.create_observable_gauge(POLICY_AGE_METRIC, [age], "s", "Time since the policy in force was loaded.")

    def watch_losses(self, counts: Callable[[], Mapping[tuple[Signal, str], int]]) -> None:
        """Export from now on what telemetry lost. Call it once."""

        def lost(_: CallbackOptions) -> Iterable[Observation]:
            for (signal, reason), count in counts().items():
                yield Observation(count, {SIGNAL: signal.value, ERROR_TYPE: reason})

        self._meter.create_observable_counter(
            LOST_METRIC, [lost], "{item}", "Spans, log records and lines that were dropped instead of waited for."
        )

    def watch_strangers(self, counted: Callable[[], int]) -> None:
        """Export from now on how many refused strangers the record counted instead of entering each. Call it once."""

        def strangers(_: CallbackOptions) -> Iterable[Observation]:
            yield Observation(counted())

        self._meter.create_observable_counter(
            STRANGERS_METRIC, [strangers], "{refusal}", "Refusals of unknown callers that have no entry of their own."
        )

    def _measure_findings(self, record: ExchangeRecord) -> None:
        for found in record.findings:
            self._findings.add(found.count, tenant_label(record) | {ENTITY: found.entity, OPERATOR: found.operator.value})

    def _measure_answer(self, record: ExchangeRecord) -> None:
        if record.counted_locally:
            self._local.add(1, tenant_label(record))
        if record.cache is not CacheState.NONE:
            self._cached.add(1, tenant_label(record) | {CACHE: record.cache.value})
        if record.cost:
            self._spend.add(record.cost / 1_000_000, spend_labels(record))

    def _measure_operation(self, record: ExchangeRecord) -> None:
        """Only where a backend was to be called: a refusal is no operation of a model, and takes no time of one."""
        began, ended = record.timings_ms.committed, record.timings_ms.total
        if record.deployment is None or began is None or ended is None:
            return
        labels = operation_labels(record)
        self._duration.record(max(0.0, ended - began) / 1000, labels | error_label(record))
        self._measure_first_chunk(record, began)
        for kind, count in (("input", record.usage.input_tokens), ("output", record.usage.output_tokens)):
            if count is not None:
                self._usage.record(count, labels | {TYPE_OF_TOKENS: kind})

    def _measure_first_chunk(self, record: ExchangeRecord, began: float) -> None:
        first = record.timings_ms.first_event
        if record.stream and first is not None:
            self._first_chunk.record(max(0.0, first - began) / 1000, operation_labels(record))
