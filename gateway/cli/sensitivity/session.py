"""How the commands of `gateway sensitivity` end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.cli.common.policy import told as told_of_policy
from gateway.cli.common.record import fail
from gateway.errors import GatewayError


@contextmanager
def told() -> Iterator[None]:
    """Ends the command with a sentence and status 1 where the block is refused."""
    with told_of_policy():
        try:
            yield
        except GatewayError as error:
            fail(error.message)
