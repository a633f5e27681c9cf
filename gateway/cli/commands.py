"""All commands, by their nouns, in the order in which help shows them.

A noun is loaded when one of its commands is called: to load them all takes longer than most commands do.
"""

from __future__ import annotations

from collections import UserDict
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from gateway import __version__

_ALONE = ("serve", "demo")
_WITH_COMMANDS = (
    "policy",
    "keys",
    "audit",
    "subject",
    "break-glass",
    "master-key",
    "cache",
    "detect",
    "fhe",
    "deployments",
    "routing",
    "cost",
    "knowledge",
    "dp",
    "sensitivity",
    "eval",
    "assurance",
)


class _Rooms(UserDict[str, Any]):
    """Commands by their nouns."""

    def __getitem__(self, noun: str) -> Any:
        if self.data[noun] is None:
            self.data[noun] = _loaded(noun)
        return self.data[noun]


class _Gateway(TyperGroup):
    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = _Rooms(dict.fromkeys((*_ALONE, *_WITH_COMMANDS)))


def _loaded(noun: str) -> Any:
    room, group = f"gateway.cli.{noun.replace('-', '_')}", typer.Typer()
    if noun in _ALONE:
        group.command(noun)(getattr(import_module(f"{room}.command"), noun))
    else:
        group.add_typer(import_module(f"{room}.commands").app)
    return typer.main.get_group(group).commands[noun]


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gateway {__version__}")
        raise typer.Exit


cli = typer.Typer(cls=_Gateway, name="gateway", no_args_is_help=True, add_completion=False)


@cli.callback()
def gateway(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """A privacy gateway in front of your own models."""
