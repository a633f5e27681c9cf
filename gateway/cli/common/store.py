"""What commands on content that is kept share: the database with its keys, how values are given, and how they end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer

from gateway.audit.verify import NotVerified
from gateway.cli.common.record import existing, fail, writable
from gateway.errors import GatewayError
from gateway.keys.keyring import Keyring
from gateway.keys.master import MasterKey, open_master
from gateway.settings import Settings
from gateway.store.database import Database

Values = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[VALUE]...", help="Values of one person: names, addresses, numbers. Default: from the input, one a line."
    ),
]
Tenant = Annotated[str, typer.Option(help="The tenant whose data it is.")]


@dataclass(frozen=True, slots=True)
class Store:
    """The database and the keys in it."""

    database: Database
    master: MasterKey
    keyring: Keyring


@contextmanager
def opened(settings: Settings) -> Iterator[Store]:
    """Where there is a record; nothing is made where there is none. Raises ProtectionUnavailable."""
    with _with_keys(settings, existing) as store:
        yield store


@contextmanager
def made(settings: Settings) -> Iterator[Store]:
    """Made where there is none: for what may be kept before anything has happened. Raises ProtectionUnavailable."""
    with _with_keys(settings, writable) as store:
        yield store


@contextmanager
def _with_keys(settings: Settings, record: Callable[[Settings], AbstractContextManager[Database]]) -> Iterator[Store]:
    with record(settings) as database:
        master = open_master(settings, os.environ)
        yield Store(database, master, Keyring(database, master))


@contextmanager
def told() -> Iterator[None]:
    """Ends the command with a sentence and status 1 where the block fails in a way that we know."""
    try:
        yield
    except NotVerified as problem:
        fail(f"NOT VERIFIED: {problem}")
    except GatewayError as error:
        fail(error.message)


def values_given(values: Sequence[str] | None) -> Sequence[str]:
    """Arguments show in the shell's history and in the list of processes; what comes by the input does not."""
    if values and list(values) != ["-"]:
        return values
    if sys.stdin.isatty():
        typer.echo("one value a line, then Ctrl-D:", err=True)
    return [line.strip() for line in sys.stdin if line.strip()]
