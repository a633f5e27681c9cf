"""The commands of `gateway knowledge`."""

from __future__ import annotations

import typer

from gateway.cli.knowledge.add import add
from gateway.cli.knowledge.listing import list_documents
from gateway.cli.knowledge.remove import remove
from gateway.cli.knowledge.search import search

app = typer.Typer(name="knowledge", help="The company's own documents.", no_args_is_help=True)
app.command("add")(add)
app.command("list")(list_documents)
app.command("remove")(remove)
app.command("search")(search)
