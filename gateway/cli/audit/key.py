"""`gateway audit key`: the key that signs the log's checkpoints."""

from __future__ import annotations

import typer

from gateway.cli.common.record import STATE_DIR, StateDir, key_file, told
from gateway.settings import Settings


def key(state_dir: StateDir = STATE_DIR) -> None:
    """Print the verifier key, which an auditor notes elsewhere; the signing key is made if there is none."""
    keys = key_file(Settings(state_dir=state_dir))
    new = not keys.path.exists()
    with told():
        found = keys.load()
    if new:
        typer.echo(f"a new signing key was made in {state_dir}: there was none", err=True)
    typer.echo(str(found.current.public))
