"""How the commands of `gateway eval` end: the report, and a status that says whether the one on trial is worse."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import orjson
import typer

from gateway.cli.eval.report import Report
from gateway.printable import printable

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]


def end(report: Report, names: tuple[str, str], as_json: bool) -> None:
    """Prints the report, and exits with 1 where the second of the two is worse."""
    if as_json:
        said: dict[str, Any] = {"models": names, **asdict(report)}
        typer.echo(orjson.dumps(said).decode())
    else:
        typer.echo("\n".join(map(printable, report.lines(names))))
    raise typer.Exit(1 if report.worse else 0)
