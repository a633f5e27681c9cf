"""The commands of `gateway fhe`."""

from __future__ import annotations

import typer

from gateway.cli.fhe.agreement import agreement
from gateway.cli.fhe.client import client
from gateway.cli.fhe.client_part import client_part
from gateway.cli.fhe.serve import serve

app = typer.Typer(
    name="fhe", help="Compute on what cannot be read: an endpoint under homomorphic encryption.", no_args_is_help=True
)
app.command("serve")(serve)
app.command("client-part")(client_part)
app.command("client")(client)
app.command("agreement")(agreement)
