"""The commands of `gateway cache`."""

from __future__ import annotations

import typer

from gateway.cli.cache.clear import clear

app = typer.Typer(name="cache", help="Cached answers.", no_args_is_help=True)
app.command("clear")(clear)


@app.callback()
def cache() -> None:
    """Cached answers."""
