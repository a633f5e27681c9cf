"""The commands of `gateway keys`."""

from __future__ import annotations

import typer

from gateway.cli.keys.expire import expire
from gateway.cli.keys.issue import issue
from gateway.cli.keys.listing import list_keys
from gateway.cli.keys.revoke import revoke
from gateway.cli.keys.rotate import rotate

app = typer.Typer(name="keys", help="Issue, list, rotate, expire and revoke keys.", no_args_is_help=True)
app.command("issue")(issue)
app.command("list")(list_keys)
app.command("rotate")(rotate)
app.command("expire")(expire)
app.command("revoke")(revoke)
