"""An OTLP receiver that keeps all spans, log records and metrics which it gets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from oteltap import OtelTapHttpProtobufReceiver, OtelTapHttpProtobufReceiverSettings

from tests.support.calls import closed_port


class Received:
    """What came so far."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.spans: list[Span] = []
        self.logs: list[LogRecord] = []
        self.metrics: list[Metric] = []

    @property
    def raw(self) -> bytes:
        kept: list[Any] = [*self.spans, *self.logs, *self.metrics]
        return b"".join(one.SerializeToString() for one in kept)

    async def until(self, enough: Callable[[], bool]) -> None:
        """Wait until this holds; what was sent needs a moment to arrive."""
        async with asyncio.timeout(20):
            while not enough():
                await asyncio.sleep(0.02)

    def measured(self, name: str) -> bool:
        """Whether this metric has come."""
        return any(one.name == name for one in self.metrics)

    def points(self, name: str) -> dict[tuple[str, ...], float]:
        """The last export of a counter or histogram: its values, or counts, by the values of labels in their names' order."""
        metric = [one for one in self.metrics if one.name == name][-1]
        counts = {labels(point): point.as_int or point.as_double for point in metric.sum.data_points}
        return counts or {labels(point): point.count for point in metric.histogram.data_points}


def labels(point: Any) -> tuple[str, ...]:
    return tuple(value for _, value in sorted(attributes(point).items()))


def attributes(said: Any) -> dict[str, Any]:
    """Of a span, a log record or a point."""
    return {pair.key: plain(pair.value) for pair in said.attributes}


def plain(value: AnyValue) -> Any:
    kind = str(value.WhichOneof("value"))
    if kind == "array_value":
        return [plain(one) for one in value.array_value.values]
    if kind == "kvlist_value":
        return {pair.key: plain(pair.value) for pair in value.kvlist_value.values}
    return getattr(value, kind)


@asynccontextmanager
async def receiving() -> AsyncIterator[Received]:
    """Receive on a free port of the loopback until the block ends."""
    port = closed_port()
    received = Received(f"http://127.0.0.1:{port}")
    async with OtelTapHttpProtobufReceiver(OtelTapHttpProtobufReceiverSettings(http_port=port)) as tap:
        keeping = (
            _keep(tap.stream_traces(), received.spans),
            _keep(tap.stream_logs(), received.logs),
            _keep(tap.stream_metrics(), received.metrics),
        )
        tasks = [asyncio.create_task(one) for one in keeping]
        await asyncio.sleep(0)
        try:
            yield received
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _keep(stream: AsyncIterator[Any], kept: list[Any]) -> None:
    async for message in stream:
        kept.append(message)
