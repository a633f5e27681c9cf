"""What the commands on the record share: where it lies, and how they end when something is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from pydantic import SecretStr

from gateway.audit.export import ExportError
from gateway.audit.signing import KeyFile
from gateway.audit.verify import NotVerified
from gateway.errors import AuditUnavailable
from gateway.printable import printable_lines
from gateway.settings import Settings
from gateway.store.database import Database, open_database, open_existing

StateDir = Annotated[Path, typer.Option("--state-dir", envvar="GATEWAY_STATE_DIR", help="Folder of the gateway's own files.")]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database", envvar="GATEWAY_DATABASE_URL", help="postgresql://user@host/name. Default: SQLite in the state folder."
    ),
]
STATE_DIR = Path(".state")


def settings_of(state_dir: Path, url: str | None) -> Settings:
    """Those of the environment, with what was given on the command line."""
    return Settings(state_dir=state_dir, database_url=None if url is None else SecretStr(url))


@contextmanager
def readable(settings: Settings) -> Iterator[Database]:
    """The record, for reading; nothing is made where there is none."""
    _require_file(settings)
    try:
        database = open_existing(settings.database())
    except AuditUnavailable as error:
        fail(f"there is no readable record in {place_of(settings)}: {error.message}")
    with closing(database):
        yield database


@contextmanager
def existing(settings: Settings) -> Iterator[Database]:
    """The record, for acts on what it holds; nothing is made where there is none. Raises AuditUnavailable."""
    with readable(settings), writable(settings) as database:
        yield database


@contextmanager
def writable(settings: Settings) -> Iterator[Database]:
    """The record, for acts; made where there is none. Raises AuditUnavailable, which names the place."""
    try:
        opened = open_database(settings.database())
    except AuditUnavailable as error:
        raise AuditUnavailable(f"the record in {place_of(settings)} cannot be used: {error.message}") from None
    with closing(opened) as database:
        yield database


def _require_file(settings: Settings) -> None:
    """A folder that was mistyped must not read as one in which nothing has happened."""
    if settings.database_url is None and not settings.audit_path.exists():
        fail(f"there is no record in {settings.state_dir}; --state-dir names another")


def place_of(settings: Settings) -> str:
    """For a message; a database's address may hold a password."""
    return "the database" if settings.database_url else str(settings.state_dir)


def key_file(settings: Settings) -> KeyFile:
    """The key that signs the log's checkpoints."""
    return KeyFile(settings.audit_key_path, settings.audit_origin)


@contextmanager
def told() -> Iterator[None]:
    """Ends the command with a sentence and status 1 where the block fails in a way that we know."""
    try:
        yield
    except NotVerified as problem:
        fail(f"NOT VERIFIED: {problem}")
    except ExportError as error:
        fail(str(error))
    except AuditUnavailable as error:
        fail(error.message)


def fail(message: str) -> NoReturn:
    """Ends the command with status 1. What is wrong may be named by whoever did it, such as an entry that somebody forged."""
    typer.echo(printable_lines(message), err=True)
    raise typer.Exit(1) from None
