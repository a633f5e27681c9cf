"""A progress bar for those who wait."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress

_PATIENCE_S = 1.0


class Bar:
    """Shows up on the error output after a second of work, and only on a terminal; `total` counts what there is to do."""

    def __init__(self, total: int, console: Console | None = None, title: str = "Reading") -> None:
        self._console = console or Console(stderr=True)
        self._progress = Progress(console=self._console, transient=True)
        self._task = self._progress.add_task(title, total=total)
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._progress.stop()

    @property
    def is_shown(self) -> bool:
        return self._progress.live.is_started

    def advance(self, count: int) -> None:
        """So many more are done."""
        self._progress.advance(self._task, count)
        if self._console.is_terminal and not self.is_shown and time.monotonic() - self._began > _PATIENCE_S:
            self._progress.start()
