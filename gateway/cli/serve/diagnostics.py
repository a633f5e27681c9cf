"""What a serving process says of itself, on stderr. No line quotes an exception or what another library was given."""

from __future__ import annotations

import logging
import sys
import time
from pathlib import PurePath

from gateway.printable import printable

_OURS = ("gateway", "uvicorn", "opentelemetry")
"""Their messages are about addresses, files and settings. Others, such as asyncio of a task that failed, quote values."""


class DiscreetFormatter(logging.Formatter):
    """Time, level, logger and message, on one line; of an exception its type and place."""

    def format(self, record: logging.LogRecord) -> str:
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        fault = f" ({_place(record.exc_info[1])})" if record.exc_info and record.exc_info[1] else ""
        return f"{at} {record.levelname} {record.name}: {_message(record)}{fault}"


def diagnostics_to_stderr() -> None:
    """Send warnings and errors of this process there. Call it once, where the process begins to serve."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(DiscreetFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING)


def _message(record: logging.LogRecord) -> str:
    if record.name.partition(".")[0] in _OURS:
        return printable(record.getMessage())
    return f"a message that may quote values, from {PurePath(record.pathname).name}:{record.lineno}"


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{where}"
