"""A database on a Postgres server, for any number of gateways on any number of machines."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

LOCK_S = 2
"""How long a transaction waits for a lock that another gateway holds."""
_SESSION = {
    "synchronous_commit": "on",  # whatever the server's default is: a commit that returned is on its disk
    "lock_timeout": f"{LOCK_S}s",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "10s",  # a gateway that hangs in a transaction holds the lock of all others
}
_CONNECT = {
    "application_name": "privacy-gateway",
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # milliseconds; a server that vanished is noticed
}


_WRITING = {"target_session_attrs": "read-write"}
"""A name that led to a standby for a while after a fail-over leaves no connection to it in the pool, where nothing could be
written until a restart (https://www.postgresql.org/docs/current/libpq-connect.html).
"""


class DriverMissingError(Exception):
    """psycopg is not installed."""


class NotDurableError(Exception):
    """The server loses transactions that it has confirmed, or mangles text."""


def postgres_engine(url: URL, *, create: bool) -> Engine:
    """Connects at first use. What the URL's query says of the connection goes before what we say. Raises DriverMissingError."""
    try:
        import psycopg  # noqa: F401
    except ImportError:
        raise DriverMissingError from None
    wanted = _CONNECT | (_WRITING if create else {})
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={name: value for name, value in wanted.items() if name not in url.query},
        isolation_level="READ COMMITTED",
        paramstyle="format",
        pool_pre_ping=True,
        pool_timeout=5,
        pool_size=5,
        max_overflow=10,
        hide_parameters=True,
    )
    session = _SESSION | ({} if create else {"default_transaction_read_only": "on"})
    event.listen(engine, "connect", lambda connection, _: _configure(connection, session))
    return engine


def require_durable(connection: Connection) -> None:
    """Raises NotDurableError for a server that does not sync to its disk, or does not store Unicode."""
    query = "SELECT current_setting('fsync'), current_setting('server_encoding')"
    if tuple(connection.exec_driver_sql(query).one()) != ("on", "UTF8"):
        raise NotDurableError


def be_quick(connection: Connection) -> None:
    """This transaction does not wait for the disk (https://www.postgresql.org/docs/current/wal-async-commit.html)."""
    connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")


def _configure(connection: Any, session: dict[str, str]) -> None:
    with connection.cursor() as cursor:
        for name, value in session.items():
            cursor.execute("SELECT set_config(%s, %s, false)", (name, value))
    connection.commit()
