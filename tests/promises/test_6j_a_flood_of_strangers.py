"""Promise 6, where nobody knows who called: the record is bounded, and says how many there were."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from gateway.audit.act import Action, ActOutcome
from gateway.audit.act_reader import read_acts
from gateway.audit.reader import read_exchanges
from tests.store.databases import sqlite_at
from tests.support.backend import backend_in_thread
from tests.support.gateway import policy_text, running_gateway
from tests.support.otlp import Collector, collecting

TOLD_APART = 300
STRANGERS = 500


def last_count(collector: Collector) -> int:
    """As the metrics told it last."""
    (told,) = ExportMetricsServiceRequest.FromString(collector.exports[-1].body).resource_metrics
    (counter,) = (one for one in told.scope_metrics[0].metrics if one.name == "gateway.record.strangers_counted")
    return int(counter.sum.data_points[0].as_int)


def test_a_flood_of_strangers_is_counted_and_nobody_else_is_lost(tmp_path: Path) -> None:
    with backend_in_thread() as backend, collecting() as collector:
        exported = {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": collector.endpoint}
        with running_gateway(tmp_path, policy_text(backend.url), environ=exported) as gateway:
            with httpx.Client(base_url=gateway.base_url) as client, ThreadPoolExecutor(8) as crowd:

                def knock(nr: int) -> int:
                    path = "/models" if nr % 5 == 0 else "/chat/completions"
                    return client.request("GET" if nr % 5 == 0 else "POST", path).status_code

                assert set(crowd.map(knock, range(STRANGERS))) == {401}
            known = gateway.chat("hi")
            assert known.status_code == 200
            audit = gateway.settings.audit_path
    with closing(sqlite_at(audit)) as database:
        exchanges = [row.record for row in read_exchanges(database, limit=1_000)]
        acts = [row.act for row in read_acts(database, limit=1_000)]
    (count,) = (act for act in acts if act.action is Action.STRANGERS_COUNT)
    assert count.outcome is ActOutcome.DONE
    assert count.result is not None
    assert last_count(collector) == int(count.result)
    strangers = [one for one in exchanges if one.principal is None]
    tried = [act for act in acts if act.action is Action.MODELS_LIST]
    assert len(strangers) + len(tried) + int(count.result) == STRANGERS
    assert TOLD_APART <= len(strangers) + len(tried) < STRANGERS
    assert known.headers["x-request-id"] in {one.call_id for one in exchanges}
