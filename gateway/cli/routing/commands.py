"""The commands of `gateway routing`."""

from __future__ import annotations

import typer

from gateway.cli.routing.compare import compare

app = typer.Typer(name="routing", help="See how deployments did, side by side.", no_args_is_help=True)
app.command("compare")(compare)


@app.callback()
def routing() -> None:
    """See how deployments did, side by side."""
