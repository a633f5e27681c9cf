"""How training says what it does."""

from __future__ import annotations

import sys
import time


def tell(what: str) -> None:
    """A line with the time, at once."""
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {what}\n")
    sys.stdout.flush()
