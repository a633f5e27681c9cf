"""The commands of `gateway audit`."""

from __future__ import annotations

import typer

from gateway.cli.audit.acts import acts
from gateway.cli.audit.export import export
from gateway.cli.audit.index import index
from gateway.cli.audit.key import key
from gateway.cli.audit.listing import list_exchanges
from gateway.cli.audit.resume import resume
from gateway.cli.audit.retain import retain
from gateway.cli.audit.rotate_key import rotate_key
from gateway.cli.audit.verify import verify

app = typer.Typer(name="audit", help="Read the record of exchanges and of acts, and prove it.", no_args_is_help=True)
app.command("verify")(verify)
app.command("export")(export)
app.command("index")(index)
app.command("key")(key)
app.command("rotate-key")(rotate_key)
app.command("resume")(resume)
app.command("list")(list_exchanges)
app.command("acts")(acts)
app.command("retain")(retain)


@app.callback()
def audit() -> None:
    """Read the record of exchanges and of acts, and prove it."""
