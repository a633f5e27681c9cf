"""What docs/observability.md says is exported is what the code has names for, and what it shows is what is written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricsData

from gateway.assembly.beside import Task
from gateway.policy.status import PolicyEvent, PolicyStatus, ReloadOutcome
from gateway.settings import Settings
from gateway.telemetry import attributes
from gateway.telemetry.instruments import Metrics
from gateway.telemetry.line_writer import json_line
from gateway.telemetry.lines import access_line, decision_line
from gateway.telemetry.losses import QUEUE_FULL, Losses
from gateway.telemetry.otel_settings import Signal
from tests.telemetry.samples import ACCESS, AT, COUNTED, RECORD, SPAN, VERDICT

TEXT = (Path(__file__).parents[2] / "docs" / "observability.md").read_text(encoding="utf-8")
SCOPES = {"gateway.access", "gateway.decision", "gateway.authenticate", "gateway.redact"}


def section(title: str) -> str:
    return TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def first_cells(title: str) -> set[str]:
    rows = (line.split(" | ")[0] for line in section(title).splitlines() if line.startswith("| `"))
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def names() -> set[str]:
    return {value for name, value in vars(attributes).items() if name.isupper() and name[0] != "_" and isinstance(value, str)}


def test_every_name_is_documented_and_no_other() -> None:
    told = set(re.findall(r"`((?:gateway|gen_ai|http|server|client|error|exception)\.[a-z_.]+)`", TEXT))
    assert told - SCOPES == names()


def test_attributes_and_metrics_stand_in_their_tables() -> None:
    metrics = {value for name, value in vars(attributes).items() if name.endswith("_METRIC")}
    assert first_cells("Metrics") == metrics
    of_metrics = {
        attributes.TYPE_OF_TOKENS,
        attributes.ENTITY,
        attributes.OPERATOR,
        attributes.SIGNAL,
        attributes.POLICY_OUTCOME,
        attributes.WORK,
    }
    assert first_cells("Attributes") == names() - metrics - of_metrics


def test_metrics_are_of_the_kind_and_unit_that_the_table_says() -> None:
    reader, losses = InMemoryMetricReader(), Losses()
    metrics = Metrics(MeterProvider([reader], shutdown_on_exit=False).get_meter("test"), enabled=True, shutdown=lambda: None)
    metrics.watch_losses(losses.counts)
    metrics.watch_strangers(lambda: 3)
    metrics.watch_policy(lambda: PolicyStatus(version="v", loaded_at=RECORD.opened_at, path="p", last_attempt=RECORD.opened_at))
    metrics.policy_event(PolicyEvent(outcome=ReloadOutcome.APPLIED, version="b", previous="a", problems=0, summary=""))
    metrics.background_failed("index", "KeyError")
    losses.lost(Signal.LOGS, QUEUE_FULL)
    metrics.measure(COUNTED)
    data = reader.get_metrics_data()
    assert isinstance(data, MetricsData)
    for metric in data.resource_metrics[0].scope_metrics[0].metrics:
        kind = {"Sum": "counter", "Histogram": "histogram", "Gauge": "gauge"}[type(metric.data).__name__]
        assert f"| `{metric.name}` | {kind}, {metric.unit} | " in TEXT
    assert {metric.name for metric in data.resource_metrics[0].scope_metrics[0].metrics} == first_cells("Metrics")


def test_the_lines_shown_are_the_lines_written() -> None:
    shown = [line.encode() + b"\n" for line in section("The two logs").splitlines() if line.startswith("{")]
    written = [json_line(line, AT) for line in (access_line(ACCESS, RECORD, SPAN), decision_line(RECORD, VERDICT, SPAN))]
    assert [yaml.safe_load(line) for line in shown] == [yaml.safe_load(line) for line in written]


def test_all_work_beside_the_exchanges_is_told() -> None:
    told = section("Work beside the exchanges").partition("None of it ends")[0]
    assert set(re.findall(r"`([a-z_]+)`", told)) == set(Task)


def test_every_setting_named_is_one() -> None:
    for name in re.findall(r"`GATEWAY_([A-Z_]+)`", TEXT):
        assert name.lower() in Settings.model_fields


def test_the_collectors_configuration_is_whole() -> None:
    configured = yaml.safe_load(TEXT.partition("```yaml\n")[2].partition("```")[0])
    for pipeline in configured["service"]["pipelines"].values():
        for kind, used in pipeline.items():
            assert set(used) <= set(configured[kind])
    assert set(configured["service"]["pipelines"]) == {signal.value for signal in Signal}


@pytest.mark.parametrize("bad", ["x=1", "Congo", "a,,b", " a", "a," + "k" * 300])
def test_tracestate_keys_are_keys(bad: str) -> None:
    with pytest.raises(ValueError, match="tracestate_keys"):
        Settings(tracestate_keys=bad)
    assert Settings(tracestate_keys="congo,9t@vendor").tracestate_keys == "congo,9t@vendor"
