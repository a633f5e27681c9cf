"""The commands of `gateway policy`."""

from __future__ import annotations

import typer

from gateway.cli.policy.check import check
from gateway.cli.policy.effective import show
from gateway.cli.policy.explain import explain
from gateway.cli.policy.replay import replay
from gateway.cli.policy.schema import schema
from gateway.cli.policy.testing import run_tests

app = typer.Typer(name="policy", help="Check, read, test and replay policy files.", no_args_is_help=True)
app.command("effective")(show)
app.command("explain")(explain)
app.command("test")(run_tests)
app.command("replay")(replay)
app.command("check")(check)
app.command("schema")(schema)
