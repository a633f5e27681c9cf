"""`gateway detect text`: what is found in one text, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from gateway.cli.common.progress import Bar
from gateway.cli.detect.input import STDIN, checked, read_text
from gateway.cli.detect.session import AsJson, PolicyFile, TenantName, require, require_both, told, workbench
from gateway.obligations import OperatorKind

if TYPE_CHECKING:
    from gateway.cli.detect.engine import Workbench


def find(
    text: Annotated[str | None, typer.Argument(metavar="[TEXT|-]", help="The text; - for standard input.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="A file to read instead, in UTF-8.")] = None,
    as_json: AsJson = False,
    redacted: Annotated[bool, typer.Option("--redacted", help="Print the text as a model would get it.")] = False,
    operator: Annotated[
        OperatorKind | None, typer.Option("--operator", help="With --redacted: what to do with every finding.")
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say who found what, and why it counts.")] = False,
    policy: PolicyFile = None,
    tenant: TenantName = None,
) -> None:
    """Show what is found in a text: where, what, how sure, by which recognizer."""
    require((text is None) != (file is None), "give a text, or --file, or - for standard input")
    require(redacted or operator is None, "--operator goes with --redacted")
    require_both(policy, tenant)
    with told():
        given = _given(text, file)
        bench = workbench(policy, tenant, operator)
        if as_json:
            _print_json(bench, given, redacted=redacted, explain=explain)
        elif redacted:
            _print_copy(bench, given)
        else:
            _print_findings(bench, given, explain=explain)


def _given(text: str | None, file: Path | None) -> str:
    if file is not None:
        return read_text(file)
    return read_text(STDIN) if text == str(STDIN) else checked(text or "")


def _print_copy(bench: Workbench, text: str) -> None:
    with Bar(len(text)) as bar:
        copy = bench.redacted(text, bar.advance)
    typer.echo(copy, nl=not copy.endswith("\n"))


def _print_json(bench: Workbench, text: str, *, redacted: bool, explain: bool) -> None:
    from gateway.cli.detect.report import findings_json

    with Bar(len(text) * (2 if redacted else 1)) as bar:
        found = bench.findings(text, bar.advance)
        copy = bench.redacted(text, bar.advance) if redacted else None
    typer.echo(findings_json(text, found, bench.trace(text, found) if explain else None, copy))


def _print_findings(bench: Workbench, text: str, *, explain: bool) -> None:
    from gateway.cli.detect.report import explained, findings_table

    with Bar(len(text)) as bar:
        found = bench.findings(text, bar.advance)
    if explain:
        Console().print(explained(text, bench.trace(text, found)), soft_wrap=True)
    else:
        Console().print(findings_table(text, found))
