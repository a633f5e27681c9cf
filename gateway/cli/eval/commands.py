"""The commands of `gateway eval`."""

from __future__ import annotations

import typer

from gateway.cli.eval.question_set import on_set
from gateway.cli.eval.shadow import shadow

app = typer.Typer(name="eval", help="Hold a model on trial against the one in force.", no_args_is_help=True)
app.command("set")(on_set)
app.command("shadow")(shadow)


@app.callback()
def evaluate() -> None:
    """Hold a model on trial against the one in force. Exit status: 0 it is not worse, 1 it is, 2 a mistake in the command."""
