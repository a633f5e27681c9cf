"""What the commands of `gateway dp` share: whose data it is, the policy, and how they end when something is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.common.policy import Opened, opened
from gateway.cli.common.policy import told as told_of_policy
from gateway.cli.common.record import fail
from gateway.errors import GatewayError
from gateway.policy.reading.load import LoadedPolicy

Tenant = Annotated[str, typer.Option("--tenant", help="Whose data it is: one tenant of the policy.")]
DataSet = Annotated[str, typer.Option("--data-set", help="A name for the data and its budget, as usage-2026-11.")]


@contextmanager
def told() -> Iterator[None]:
    """Ends the command with a sentence and status 1 where the block is refused."""
    try:
        yield
    except GatewayError as error:
        fail(error.message)


def policy_opened(path: Path) -> Opened:
    with told_of_policy(2):
        return opened(path)


def require_tenant(loaded: LoadedPolicy, tenant: str) -> None:
    if tenant not in loaded.policy.tenants:
        raise typer.BadParameter("the policy has no such tenant; a budget and what is made of it are about one")
