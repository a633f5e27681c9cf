"""Threads of the explorer's own. A search may take a second and a file of evidence a minute, also when its reader has hung up:
in the event loop's threads, which are few, exchanges would wait behind them for their tenants' keys.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

_THREADS = 4

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Readers:
    """So many read at once; whoever comes then waits. Nobody but readers of the explorer waits for them."""

    def __init__(self, threads: int = _THREADS) -> None:
        self._pool = ThreadPoolExecutor(threads, "explorer")

    async def run(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Raises what the work raises."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, partial(work, *args, **kwargs))
