"""`gateway policy`: check policy files before they are used, and print the schema that editors complete from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.entity_types import entity_types, plugin_offer
from gateway.policy.load import LoadedPolicy, load_policy
from gateway.policy.problems import PolicyError
from gateway.policy.schema import json_schema_text
from gateway.policy.secret_refs import resolve_secrets

app = typer.Typer(name="policy", help="Check policy files.", no_args_is_help=True)


@app.command()
def check(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Policy files, or folders of *.yaml files.")],
    secrets: Annotated[
        bool, typer.Option("--secrets", help="Also read the backends' keys: on the machine that serves.")
    ] = False,
) -> None:
    """Say what is wrong with policy files, with line and fix; exit 1 if anything is."""
    known, surrogates = entity_types()
    failed = False
    for path in _files(paths):
        try:
            loaded = load_policy(path, known_entities=known, surrogate_entities=surrogates, plugins=plugin_offer)
            if secrets:
                resolve_secrets(loaded, os.environ)
            typer.echo(_summary(loaded))
        except PolicyError as error:
            failed = True
            typer.echo(str(error), err=True)
    raise typer.Exit(1 if failed else 0)


@app.command()
def schema() -> None:
    """Print the JSON Schema of policy files (kept in policies/policy.schema.json)."""
    typer.echo(json_schema_text(), nl=False)


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.glob("*.yaml")) or [path]
        else:
            yield path


def _summary(loaded: LoadedPolicy) -> str:
    policy = loaded.policy
    counts = (
        (len(policy.tenants), "tenant"),
        (sum(len(tenant.principals) for tenant in policy.tenants.values()), "principal"),
        (len(policy.models), "model"),
        (len(policy.deployments), "deployment"),
    )
    parts = ", ".join(f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts)
    callers = f"callers without a key are {policy.anonymous}" if policy.anonymous else "every caller needs a key"
    return f"{loaded.path}: ok (version {loaded.version}): {parts}; {callers}"
