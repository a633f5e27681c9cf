"""What the commands of `gateway detect` share: loading the recognizers, and telling what went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from gateway.cli.detect.input import InputError
from gateway.errors import EntityBlocked, GatewayError
from gateway.obligations import OperatorKind
from gateway.policy.reading.problems import PolicyError

if TYPE_CHECKING:
    from gateway.cli.detect.engine import Workbench

EXIT_STATUS = (
    "Exit status: 0 done, whatever was found; 1 something cannot be read or done; 2 a mistake in the command; "
    "3 policy blocks what the text contains (with --redacted)."
)

PolicyFile = Annotated[
    Path | None, typer.Option("--policy", help="Policy file: the recognizers and operators of its --tenant.")
]
TenantName = Annotated[str | None, typer.Option("--tenant", help="Tenant in the policy.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]


@contextmanager
def told() -> Iterator[None]:
    """Errors as one short message and an exit status."""
    try:
        yield
    except EntityBlocked as error:
        _end(error.message, 3)
    except GatewayError as error:
        _end(error.message, 1)
    except (InputError, PolicyError) as error:
        _end(str(error), 1)


def require(condition: bool, message: str) -> None:
    """A mistake in the command."""
    if not condition:
        raise typer.BadParameter(message)


def require_both(policy: Path | None, tenant: str | None) -> None:
    """Neither means anything alone."""
    require((policy is None) == (tenant is None), "--policy and --tenant go together")


def workbench(policy: Path | None, tenant: str | None, operator: OperatorKind | None = None) -> Workbench:
    """Load the recognizers, which takes a moment. Raises PolicyError."""
    with Console(stderr=True).status("Loading the recognizers …"):
        from gateway.cli.detect.engine import Workbench, obligations

        return Workbench(obligations(policy, tenant, operator))


def _end(message: str, status: int) -> None:
    typer.echo(message, err=True)
    raise typer.Exit(status) from None
