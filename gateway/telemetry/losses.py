"""What telemetry could not deliver. It is dropped rather than kept or waited for, so it has to be counted."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping

from gateway.telemetry.otel_settings import Signal

QUEUE_FULL = "queue_full"
EXPORT_FAILED = "export_failed"


class Losses:
    """Counts by signal and reason. Any thread may use it; nothing here waits but for the moment of a count."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[Signal, str]] = Counter()

    def lost(self, signal: Signal, reason: str, count: int = 1) -> None:
        """Count spans or log records that will never arrive."""
        with self._lock:
            self._counts[signal, reason] += count

    def counts(self) -> Mapping[tuple[Signal, str], int]:
        """What was lost since the start."""
        with self._lock:
            return dict(self._counts)
