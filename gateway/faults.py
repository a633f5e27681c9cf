"""What nobody expected, as one typed error."""

from __future__ import annotations

import logging
import traceback

from gateway.errors import InternalFault

_log = logging.getLogger(__name__)


def internal_fault(error: BaseException) -> InternalFault:
    """A bug of ours. Only its type and its place are logged: its text may hold what a client or a backend wrote."""
    *_, (frame, line) = traceback.walk_tb(error.__traceback__)
    _log.error("internal fault: %s at %s:%d", type(error).__name__, frame.f_code.co_filename, line)
    return InternalFault("The gateway met an internal error and did not answer.")
