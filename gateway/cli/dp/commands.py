"""The commands of `gateway dp`."""

from __future__ import annotations

import typer

from gateway.cli.dp.budgets import budgets
from gateway.cli.dp.dataset import dataset
from gateway.cli.dp.declare import declare
from gateway.cli.dp.releases import releases
from gateway.cli.dp.report import report
from gateway.cli.dp.train import train

app = typer.Typer(name="dp", help="Differential privacy: budgets, statistics, training.", no_args_is_help=True)
app.command("dataset")(dataset)
app.command("train")(train)
app.command("declare")(declare)
app.command("budgets")(budgets)
app.command("releases")(releases)
app.command("report")(report)


@app.callback()
def dp() -> None:
    """Differential privacy: budgets, statistics, training."""
