"""What an error of the database means for the entries that met it, and for the connection. Pure."""

from __future__ import annotations

import sqlite3

# One entry too many or too large for the disk: smaller companions in its transaction may still fit.
_ONE_BY_ONE = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_TOOBIG})
# After these the connection is as good as before.
_HARMLESS = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_TOOBIG})
# The same by SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html): what cannot be stored, program limits
# and a full disk; a lock that was not to be had, and a statement that took too long.
_ONE_BY_ONE_STATES = ("22", "54", "53100")
_HARMLESS_STATES = (*_ONE_BY_ONE_STATES, "55P03", "57014")

# The connection is gone, or is about to be: the server was stopped, or stops.
_LOST_STATES = ("08", "57P01", "57P02", "57P03")


def lost_connection(error: Exception) -> bool:
    """Whether it was the connection's end, so that another one may do. The driver notices most of these without a SQLSTATE."""
    cause = _cause(error)
    noticed = hasattr(cause, "sqlstate") and not cause.sqlstate and _is_named(cause, "OperationalError")
    return noticed or _state(error).startswith(_LOST_STATES)


def worth_trying_alone(error: Exception) -> bool:
    """Whether one of several entries may be what keeps the others out."""
    return _code(error) in _ONE_BY_ONE or _state(error).startswith(_ONE_BY_ONE_STATES) or _is_of_data(error)


def leaves_connection_intact(error: Exception) -> bool:
    return _code(error) in _HARMLESS or _state(error).startswith(_HARMLESS_STATES) or _is_of_data(error)


def _code(error: Exception) -> int:
    """SQLite's primary result code; -1 for what SQLite did not raise."""
    return getattr(_cause(error), "sqlite_errorcode", -1) & 0xFF


def _state(error: Exception) -> str:
    """The SQLSTATE; empty for what Postgres did not raise, as when the connection is gone."""
    return getattr(_cause(error), "sqlstate", None) or ""


def _is_of_data(error: Exception) -> bool:
    """A DataError by its name in PEP 249: drivers raise it without a code where they notice by themselves."""
    return _is_named(_cause(error), "DataError")


def _is_named(cause: BaseException, name: str) -> bool:
    return any(one.__name__ == name for one in type(cause).__mro__)


def _cause(error: Exception) -> BaseException:
    return getattr(error, "orig", None) or error
