"""The commands of `gateway deployments`."""

from __future__ import annotations

import typer

from gateway.cli.deployments.check import check

app = typer.Typer(name="deployments", help="The backends that policy names.", no_args_is_help=True)
app.command("check")(check)


@app.callback()
def deployments() -> None:
    """The backends that policy names."""
