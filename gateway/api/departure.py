"""A client that leaves ends its answer, in the very task that gives it.

A task of its own for the answer, and one more to wait for whichever comes first, would cost each request as much as reading its
body. So the answer is given where the server asks for it, and whoever sees the client leave cancels it there.
"""

from __future__ import annotations

import asyncio
from types import TracebackType


class Departure:
    """Around the work that is done for one client, in the current task. Left by `cancel`, the block ends without an error."""

    def __init__(self) -> None:
        self._task = asyncio.current_task()
        self._left = False
        self._over = False

    def cancel(self, _: object = None) -> None:
        """The client has left. Called by others, while the work waits for something; nothing happens when it is done."""
        if self._task is not None and not self._over and not self._left:
            self._left = True
            self._task.cancel()

    def __enter__(self) -> Departure:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        self._over = True
        if self._task is None or not self._left:
            return False
        others_too = self._task.uncancel() > 0  # as a server that stops
        return kind is asyncio.CancelledError and not others_too
