"""Runs detection where it holds nobody up: a few words at once, anything larger beside the event loop, in turns."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Container, Iterator, Sequence
from typing import Protocol, runtime_checkable

from gateway.detection.detect import Analyzer
from gateway.detection.service.workers import RefusedError, Steps, Workers
from gateway.errors import DetectionUnavailable
from gateway.exchange import Finding
from gateway.rules.detection import DetectionRules

LEAST = 4_000
"""Characters as which a call counts at least, since whoever waits for it takes memory as well."""

STEP = 8_000
"""Code points that a thread works on before other requests have their turn; a text that is longer is one step."""


@runtime_checkable
class InlineAnalyzer(Analyzer, Protocol):
    """An analyzer that vouches for itself: within a bound it may run on the event loop, since it is quick and cannot hang."""

    def inline_characters(self, rules: DetectionRules) -> int:
        """Code points up to which an analysis under these rules takes a millisecond or two; 0 where it may hang.

        A change of threads costs 0.2 ms of CPU time, as much as 200 code points do at 1 ms for 1,000, and under load the
        wait for a thread on top, so about 1,000 is a good bound for an engine of that speed.
        """


class ThreadedDetector:
    """A `Detector` that runs its core in threads of its own, so that neither load nor a hang blocks the event loop.

    `timeout_s` bounds one call, waiting included. A tenant has at most `backlog` characters in hand, or one call; more are
    refused, so that neither its flood nor a core that hangs collects requests without end. A burst of short texts waits.
    Tenants have their turns by `rules.tenant`.
    """

    def __init__(self, core: Analyzer, *, threads: int = 3, timeout_s: float = 30.0, backlog: int = 16_000_000) -> None:
        self._core = core
        self._inline_characters = core.inline_characters if isinstance(core, InlineAnalyzer) else _none
        self._timeout_s = timeout_s
        self._workers = Workers(threads=threads, backlog=backlog, name="detect", long_step=STEP)

    async def detect(
        self, texts: Sequence[str], *, rules: DetectionRules = DetectionRules(), kept: Container[str] = frozenset()
    ) -> list[tuple[Finding, ...]]:
        abandoned = threading.Event()
        try:
            if self._is_quick(texts, rules):
                return [self._core.analyze(text, rules=rules, kept=kept, check=_carry_on) for text in texts]
            steps = self._steps(texts, rules, kept, abandoned)
            async with asyncio.timeout(self._timeout_s):
                weight = max(LEAST, sum(map(len, texts)))
                return await asyncio.wrap_future(self._workers.submit(steps, tenant=rules.tenant, weight=weight))
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

    def _is_quick(self, texts: Sequence[str], rules: DetectionRules) -> bool:
        return not texts or 0 < sum(map(len, texts)) <= self._inline_characters(rules)

    def _steps(
        self, texts: Sequence[str], rules: DetectionRules, kept: Container[str], abandoned: threading.Event
    ) -> Steps[list[tuple[Finding, ...]]]:
        """Between texts, and while the core works on one, it looks whether anybody still waits."""

        def check() -> None:
            if abandoned.is_set():
                raise TimeoutError

        found = []
        for group in groups(texts, STEP):
            yield sum(map(len, group))
            for text in group:
                check()
                found.append(self._core.analyze(text, rules=rules, kept=kept, check=check))
        return found


def groups(texts: Sequence[str], limit: int) -> Iterator[Sequence[str]]:
    """Neighbours together, as long as they have at most `limit` code points; one that has more is alone."""
    first = size = 0
    for at, text in enumerate(texts):
        if at > first and size + len(text) > limit:
            yield texts[first:at]
            first, size = at, 0
        size += len(text)
    yield texts[first:]


def _none(_: DetectionRules) -> int:
    """The bound of an analyzer that does not vouch for itself."""
    return 0


def _carry_on() -> None:
    """The `check` of work that is done at once."""
