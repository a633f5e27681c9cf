"""A receiver for what telemetry exports, and an environment that does not ask for any."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support.otlp import Collector, collecting


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as received:
        yield received
