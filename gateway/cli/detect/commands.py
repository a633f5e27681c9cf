"""The commands of `gateway detect`."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from gateway.cli.detect.evaluation import evaluate
from gateway.cli.detect.session import EXIT_STATUS
from gateway.cli.detect.spans import spans
from gateway.cli.detect.text import find


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
app.command("spans", epilog=EXIT_STATUS)(spans)
app.command("eval", epilog=EXIT_STATUS)(evaluate)
app.command("text", epilog=EXIT_STATUS)(find)
