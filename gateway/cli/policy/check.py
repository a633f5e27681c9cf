"""`gateway policy check`: what is wrong with policy files, before they are used."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.common.entity_types import entity_types
from gateway.cli.common.policy import loading
from gateway.policy.levels import homes
from gateway.policy.reading.load import LoadedPolicy
from gateway.policy.reading.problems import PolicyError
from gateway.policy.secret_refs import resolve_secrets
from gateway.policy.testing.reading import Load, is_suite, load_suite


def check(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Policies and their tests, or folders of *.yaml files.")
    ],
    secrets: Annotated[
        bool, typer.Option("--secrets", help="Also read the backends' keys: on the machine that serves.")
    ] = False,
) -> None:
    """Say what is wrong with policy files, with line and fix; exit 1 if anything is. Their tests are checked, and not run."""
    load = loading(*entity_types())
    failed = False
    for path in _files(paths):
        try:
            typer.echo(_checked_tests(path, load) if is_suite(path) else _checked(path, load, secrets))
        except PolicyError as error:
            failed = True
            typer.echo(str(error), err=True)
    raise typer.Exit(1 if failed else 0)


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.glob("*.yaml")) or [path]
        else:
            yield path


def _checked(path: Path, load: Load, secrets: bool) -> str:
    loaded = load(path)
    if secrets:
        resolve_secrets(loaded, os.environ)
    return _summary(loaded)


def _checked_tests(path: Path, load: Load) -> str:
    placed = load_suite(path, load)
    return f"{path}: ok: {_counted(len(placed.suite.tests), 'test')} of {placed.policy.path.name}"


def _summary(loaded: LoadedPolicy) -> str:
    policy = loaded.policy
    counts = (
        (len(policy.tenants), "tenant"),
        (sum(1 for tenant in policy.tenants for _ in homes(policy, tenant)), "principal"),
        (len(policy.models), "model"),
        (len(policy.deployments), "deployment"),
    )
    parts = ", ".join(_counted(count, noun) for count, noun in counts)
    callers = f"callers without a key are {policy.anonymous}" if policy.anonymous else "every caller needs a key"
    return f"{loaded.path}: ok (version {loaded.version}): {parts}; {callers}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
