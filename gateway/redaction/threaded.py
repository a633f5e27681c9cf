"""Runs detection beside the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Container, Sequence

from gateway.errors import DetectionUnavailable
from gateway.exchange import DetectionRules, Finding
from gateway.redaction.detect import Analyzer
from gateway.redaction.workers import RefusedError, Workers


class ThreadedDetector:
    """A `Detector` that runs its core in threads of its own, so that neither load nor a hang blocks the event loop.

    `timeout_s` bounds one call, waiting included. At most `backlog` calls wait; more are refused, so that a core that
    hangs turns requests away instead of collecting them.
    """

    def __init__(self, core: Analyzer, *, threads: int = 2, timeout_s: float = 30.0, backlog: int = 64) -> None:
        self._core = core
        self._timeout_s = timeout_s
        self._workers = Workers(threads=threads, backlog=backlog, name="detect")

    async def detect(
        self, texts: Sequence[str], *, rules: DetectionRules = DetectionRules(), kept: Container[str] = frozenset()
    ) -> list[tuple[Finding, ...]]:
        abandoned = threading.Event()
        try:
            future = self._workers.submit(lambda: self._analyze(texts, rules, kept, abandoned))
            async with asyncio.timeout(self._timeout_s):
                return await asyncio.wrap_future(future)
        except DetectionUnavailable:
            raise
        except TimeoutError:
            raise DetectionUnavailable("detection took too long, so nothing was forwarded") from None
        except RefusedError:
            raise DetectionUnavailable("detection is overloaded, so nothing was forwarded", retry_after=1) from None
        except Exception:  # noqa: BLE001 - whatever it says may quote the text
            raise DetectionUnavailable("detection failed, so nothing was forwarded") from None
        finally:
            abandoned.set()

    def close(self) -> None:
        """Stop the threads; one that hangs is left behind and does not keep the process alive."""
        self._workers.close()

    def _analyze(
        self, texts: Sequence[str], rules: DetectionRules, kept: Container[str], abandoned: threading.Event
    ) -> list[tuple[Finding, ...]]:
        """Between texts, and while the core works on one, it looks whether anybody still waits."""

        def check() -> None:
            if abandoned.is_set():
                raise TimeoutError

        found = []
        for text in texts:
            check()
            found.append(self._core.analyze(text, rules=rules, kept=kept, check=check))
        return found
