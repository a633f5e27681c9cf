"""The commands of `gateway sensitivity`."""

from __future__ import annotations

import typer

from gateway.cli.sensitivity.explain import explain
from gateway.cli.sensitivity.train import train

app = typer.Typer(name="sensitivity", help="Judge what texts are about, and teach it.", no_args_is_help=True)
app.command("explain")(explain)
app.command("train")(train)


@app.callback()
def sensitivity() -> None:
    """Judge what texts are about, and teach it."""
