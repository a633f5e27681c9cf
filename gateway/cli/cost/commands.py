"""The commands of `gateway cost`."""

from __future__ import annotations

import typer

from gateway.cli.cost.report import report

app = typer.Typer(name="cost", help="What was used, and what it cost.", no_args_is_help=True)
app.command("report")(report)


@app.callback()
def cost() -> None:
    """What was used, and what it cost."""
