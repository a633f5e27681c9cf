"""The commands of `gateway master-key`."""

from __future__ import annotations

import typer

from gateway.cli.master_key.rotate import rotate
from gateway.cli.master_key.status import status

app = typer.Typer(name="master-key", help="The key under which tenants' keys are wrapped.", no_args_is_help=True)
app.command("status")(status)
app.command("rotate")(rotate)
