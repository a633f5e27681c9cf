"""Keeps the index up with the log while a gateway runs: one thread, which looks every second and works a little at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable

from gateway.explorer.index.index import Index

_STINT_S = 0.2
_BREATH_S = 0.1
_PATIENCE = 5
"""How many times as long it rests where the database is in trouble."""


class Follower:
    """Trouble with the index goes to `tell`, and so does that there is none (None). It costs no exchange: the log is what
    counts, and the index is made from it later.

    Several gateways may follow one log; who is slower finds the work done. `batch` entries go into one transaction: few, since
    in SQLite the record of exchanges waits meanwhile.
    """

    def __init__(
        self, index: Index, tell: Callable[[Exception | None], None], *, every_s: float = 1.0, batch: int = 200
    ) -> None:
        self._index = index
        self._tell = tell
        self._every_s = every_s
        self._batch = batch
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="index-follower", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Ends with the transaction that is under way."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        pause = 0.0
        while not self._closing.wait(pause):
            pause = self._stint()

    def _stint(self) -> float:
        """Work a little; for how long to rest afterwards."""
        try:
            done = self._index.catch_up(_STINT_S, self._batch)
        except Exception as error:  # noqa: BLE001  (a thread that dies would leave the index behind without a word)
            self._tell(error)
            return _PATIENCE * self._every_s
        self._tell(None)
        return self._every_s if done else _BREATH_S
