"""Names of what went wrong, without the values that errors of databases carry."""

from __future__ import annotations


def name_of(error: BaseException) -> str:
    """SQLite's name of the code, psycopg's name of the SQLSTATE, or the name of the class."""
    cause = getattr(error, "orig", None) or error
    return getattr(cause, "sqlite_errorname", None) or type(cause).__name__
