"""Who runs a command, for the record."""

from __future__ import annotations

import getpass


def actor() -> str:
    """The name under which the process runs."""
    try:
        return f"cli:{getpass.getuser()}"
    except (OSError, KeyError, ImportError):  # a container may run under a number that has no name
        return "cli:unknown"
