"""What the commands that prove the record share: where it lies, who acts, and how they end when something is wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from gateway.audit.export import ExportError
from gateway.audit.signing import KeyFile
from gateway.audit.verify import NotVerified
from gateway.errors import AuditUnavailable
from gateway.settings import Settings

StateDir = Annotated[Path, typer.Option("--state-dir", envvar="GATEWAY_STATE_DIR", help="Folder of the gateway's own files.")]
STATE_DIR = Path(".state")


def key_file(settings: Settings) -> KeyFile:
    return KeyFile(settings.audit_key_path, settings.audit_origin)


@contextmanager
def told(state_dir: Path) -> Iterator[None]:
    """Ends the command with a sentence and status 1 where the block fails in a way that we know."""
    try:
        yield
    except NotVerified as problem:
        fail(f"NOT VERIFIED: {problem}")
    except ExportError as error:
        fail(str(error))
    except AuditUnavailable as error:
        fail(error.message)
    except sqlite3.Error:
        fail(f"there is no readable record in {state_dir}")


def fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1) from None
