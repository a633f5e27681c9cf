"""Brings a database to the newest schema, by the revisions in `migrations`.

Files that were written before there were revisions name their version in `user_version`: 1 to 3, as the first revisions.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

HEAD = "0017"
"""The newest revision: what this gateway reads and writes."""

_SCRIPTS = Path(__file__).parent / "migrations"
_VERSIONS = "alembic_version"
_UNVERSIONED = {1: "0001", 2: "0002", 3: "0003"}
_ALONE = (
    "SET LOCAL lock_timeout = 0",
    "SET LOCAL statement_timeout = 0",
    "SELECT pg_advisory_xact_lock(30796665482998885)",  # a number of our own: "migrate" in bytes
)


class MissingSchemaError(Exception):
    """There is nothing of ours."""


class ForeignSchemaError(Exception):
    """There is something, and it is not ours."""


class OlderSchemaError(Exception):
    """An older gateway wrote it."""


class NewerSchemaError(Exception):
    """A newer gateway wrote it."""


def is_current(connection: Connection) -> bool:
    return _revision(connection) == HEAD


def require_current(connection: Connection) -> None:
    """Raises MissingSchemaError, ForeignSchemaError, OlderSchemaError or NewerSchemaError."""
    found = _revision(connection) or _unversioned(connection)
    if found is None:
        raise MissingSchemaError
    if found != HEAD:
        raise OlderSchemaError if _is_known(found) else NewerSchemaError


def upgrade(connection: Connection) -> None:
    """In the caller's transaction: of several processes that start at once, one does the work.

    Raises ForeignSchemaError or NewerSchemaError, and changes nothing then.
    """
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    if connection.dialect.name == "postgresql":
        for statement in _ALONE:
            connection.exec_driver_sql(statement)
    scripts = _scripts()
    logging.getLogger("alembic").setLevel(logging.WARNING)
    context = MigrationContext.configure(connection, opts={"fn": lambda found, _: scripts._upgrade_revs(HEAD, found)})
    found = _revision(connection)
    if found is None and (found := _unversioned(connection)):
        context.stamp(scripts, found)
    if found is not None and not _is_known(found):
        raise NewerSchemaError
    with Operations.context(context):
        context.run_migrations()


def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(_SCRIPTS))


def _is_known(revision: str) -> bool:
    return revision.isdecimal() and int(revision) <= int(HEAD)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSIONS):
        return None
    found = connection.exec_driver_sql(f"SELECT version_num FROM {_VERSIONS}").scalar()  # noqa: S608
    return None if found is None else str(found)


def _unversioned(connection: Connection) -> str | None:
    """What a file from before there were revisions corresponds to; None for an empty database.

    Raises ForeignSchemaError or NewerSchemaError.
    """
    version = 0
    if connection.dialect.name == "sqlite":
        version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
    if version > max(_UNVERSIONED):
        raise NewerSchemaError
    if version == 0 and inspect(connection).get_table_names():
        raise ForeignSchemaError
    return _UNVERSIONED.get(version)
