"""The commands of `gateway subject`."""

from __future__ import annotations

import typer

from gateway.cli.subject.erase import erase
from gateway.cli.subject.erase_tenant import erase_tenant
from gateway.cli.subject.export import export
from gateway.cli.subject.find import find
from gateway.cli.subject.verify_certificate import verify_certificate

app = typer.Typer(name="subject", help="What is kept about a person: find, give out, erase.", no_args_is_help=True)
app.command("erase")(erase)
app.command("erase-tenant")(erase_tenant)
app.command("verify-certificate")(verify_certificate)
app.command("find")(find)
app.command("export")(export)
