"""Who runs a command that only a person with a role may run: they show a person's key, as they would to the admin API."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.common.policy import opened
from gateway.cli.common.policy import told as told_of_policy
from gateway.cli.keys.store import opened_keys
from gateway.errors import Unauthenticated
from gateway.identity.authenticator import Authenticator
from gateway.identity.people import Person
from gateway.identity.pepper import load_pepper
from gateway.policy.compile import CompiledPolicy
from gateway.settings import Settings

PolicyFile = Annotated[
    Path,
    typer.Option("--policy", envvar="GATEWAY_POLICY", help="The policy that lists people.", show_default="policies/demo.yaml"),
]
KEY_VARIABLE = "GATEWAY_PERSON_KEY"


@dataclass(frozen=True, slots=True)
class _InForce:
    current: CompiledPolicy


def person_with_key(settings: Settings, policy: Path) -> Person:
    """The person whose key is in the variable, or is typed now. Raises Unauthenticated or ProtectionUnavailable."""
    with told_of_policy():
        in_force = _InForce(opened(policy).compiled)
    key = os.environ.get(KEY_VARIABLE) or _typed()
    if not key:
        raise Unauthenticated(f"A person's key is needed: set {KEY_VARIABLE}, or write it into the input.")
    if settings.database_url is None and not settings.state_dir.exists():
        raise Unauthenticated(f"There are no keys in {settings.state_dir}; --state-dir names another.")
    with opened_keys(settings) as keys:
        who = Authenticator(keys, load_pepper(settings.secret_path, os.environ), in_force)
        return asyncio.run(who.person(key))


def _typed() -> str:
    """Asked for at a terminal; else a line of the input, where a question would stand before whatever is printed next."""
    if sys.stdin.isatty():
        return str(typer.prompt("your key", hide_input=True, err=True))
    return sys.stdin.readline().strip()
