"""The garbage collector of a process that serves.

What is there when the process begins to serve, recognizers with their dictionaries, compiled policy and modules, stays until
it ends: some 300,000 objects. A full collection visits each of them, 0.2 s of CPU time in which no answer moves, and finds
nothing. So they are left out (`gc.freeze`), and the collections of what is young come less often. An exchange leaves few cycles
behind, if any: reference counting frees it.
"""

from __future__ import annotations

import gc

_YOUNG, _MIDDLE, _OLD = 10_000, 20, 10
"""Allocations between two collections of the youngest; then how many of each generation make one of the next."""


def settle() -> None:
    """Call it once, when everything has been loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
