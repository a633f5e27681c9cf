"""The commands of `gateway break-glass`."""

from __future__ import annotations

import typer

from gateway.cli.break_glass.ask import ask
from gateway.cli.break_glass.give import give
from gateway.cli.break_glass.listing import list_grants
from gateway.cli.break_glass.refuse import refuse
from gateway.cli.break_glass.show import show

app = typer.Typer(
    name="break-glass",
    help="See originals, with the leave of a second privacy officer. Your key is asked for, or taken from GATEWAY_PERSON_KEY.",
    no_args_is_help=True,
)
app.command("ask")(ask)
app.command("give")(give)
app.command("refuse")(refuse)
app.command("list")(list_grants)
app.command("show")(show)
