"""`gateway detect`: what the gateway finds in a text, why, and how well it finds what is labelled.

The libraries behind it take seconds to load, so they are imported when a command needs them and not by these modules.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from gateway.cli import detect_files
from gateway.cli.detect_input import STDIN, checked, read_text
from gateway.cli.detect_session import EXIT_STATUS, AsJson, PolicyFile, TenantName, require, require_both, told, workbench
from gateway.cli.progress import Bar
from gateway.obligations import OperatorKind

if TYPE_CHECKING:
    from gateway.cli.detect_engine import Workbench


class _TextByDefault(TyperGroup):
    """What is not the name of a command is a text to look at: `gateway detect "…"`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        named = not args or args[0] in self.commands or args[0] == "--help"
        return super().parse_args(ctx, args if named else ["text", *args])


app = typer.Typer(
    name="detect",
    cls=_TextByDefault,
    help="Find personal data. `gateway detect TEXT` is short for `gateway detect text TEXT`.",
    epilog=EXIT_STATUS,
    no_args_is_help=True,
)
app.command(name="spans", epilog=EXIT_STATUS)(detect_files.spans)
app.command(name="eval", epilog=EXIT_STATUS)(detect_files.evaluate)


@app.command(name="text", epilog=EXIT_STATUS)
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
    from gateway.cli.detect_report import findings_json

    with Bar(len(text) * (2 if redacted else 1)) as bar:
        found = bench.findings(text, bar.advance)
        copy = bench.redacted(text, bar.advance) if redacted else None
    typer.echo(findings_json(text, found, bench.trace(text, found) if explain else None, copy))


def _print_findings(bench: Workbench, text: str, *, explain: bool) -> None:
    from gateway.cli.detect_report import explained, findings_table

    with Bar(len(text)) as bar:
        found = bench.findings(text, bar.advance)
    if explain:
        Console().print(explained(text, bench.trace(text, found)), soft_wrap=True)
    else:
        Console().print(findings_table(text, found))
