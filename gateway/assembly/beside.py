"""Work without an end, beside the exchanges. A fault ends none of it for good and none in silence: it is logged, counted, told
to whoever asks for readiness, and the work is begun again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic

from gateway.errors import GatewayError
from gateway.faults import internal_fault

_log = logging.getLogger(__name__)

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 15.0
_WELL_S = 60.0
"""Longer than a database or Redis is waited for."""


class Task(StrEnum):
    """What goes on, as logs, metrics and readiness call it."""

    POLICY = "policy"
    SIBLINGS = "siblings"
    HEALTH = "health"
    ERASURES = "erasures"
    CLEARINGS = "clearings"
    RETENTION = "retention"
    VAULT = "vault"
    UPLOADS = "uploads"
    SHORT_UPLOADS = "short_uploads"
    INDEX = "index"
    JOURNAL = "journal"


@dataclass(frozen=True, slots=True)
class Work:
    """`follow` goes on until it is cancelled; it returns only where there is nothing to do, and raises what it cannot mend.
    Begun anew it counts as well when it has gone on for `well_s` seconds: longer than until what failed is tried again.
    """

    task: Task
    follow: Callable[[], Awaitable[None]]
    well_s: float = _WELL_S


class Beside:
    """`count` hears of each fault: what failed, and the type of the error. Seconds: the pause after a first fault, which
    doubles up to the longest.
    """

    def __init__(
        self,
        count: Callable[[Task, str], None],
        *,
        first_pause_s: float = _FIRST_PAUSE_S,
        longest_pause_s: float = _LONGEST_PAUSE_S,
    ) -> None:
        self._count = count
        self._first_pause_s = first_pause_s
        self._longest_pause_s = longest_pause_s
        self._troubles: dict[Task, str] = {}

    @property
    def troubled(self) -> tuple[Task, ...]:
        """What does not work now."""
        return tuple(sorted(self._troubles))

    async def keep(self, work: Work) -> None:
        """Until it is cancelled, or there is nothing to do."""
        pause_s = self._first_pause_s
        while True:
            began = monotonic()
            well = asyncio.get_running_loop().call_later(work.well_s, self.note, work.task, None)
            try:
                await work.follow()
                self.note(work.task, None)
                return
            except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  (whatever it is, the work is begun again)
                if _is_over():
                    raise asyncio.CancelledError from None
                self.note(work.task, error)
            finally:
                well.cancel()
            if monotonic() - began >= work.well_s:
                pause_s = self._first_pause_s
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, self._longest_pause_s)

    def note(self, task: Task, trouble: BaseException | None) -> None:
        """How a task is; None: well. From any thread, but for each task from one. Trouble that stays is logged once."""
        if trouble is None:
            if self._troubles.pop(task, None) is not None:
                _log.warning("background work goes on again: %s", task)
            return
        self._count(task, type(trouble).__name__)
        words = trouble.message if isinstance(trouble, GatewayError) else type(trouble).__name__
        if self._troubles.get(task) == words:
            return
        self._troubles[task] = words
        _log.error("background work fails, and is begun again: %s: %s", task, words)
        if not isinstance(trouble, GatewayError):
            internal_fault(trouble)  # where, for whoever mends it


def _is_over() -> bool:
    """Whether this task was cancelled itself, and not only something that its work waited for."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0
