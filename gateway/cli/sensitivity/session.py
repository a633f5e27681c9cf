"""What the commands of `gateway sensitivity` share: the weights that they are given, and how they end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.cli.common.policy import told as told_of_policy
from gateway.cli.common.record import fail
from gateway.errors import GatewayError, InvalidRequest, ProtectionUnavailable
from gateway.sensitivity.weights import Weights, read_weights


@contextmanager
def told() -> Iterator[None]:
    """Ends the command with a sentence and status 1 where the block is refused."""
    with told_of_policy():
        try:
            yield
        except GatewayError as error:
            fail(error.message)


def weights_in(path: Path) -> Weights:
    """Raises InvalidRequest, which names the file."""
    try:
        return read_weights(path)
    except ProtectionUnavailable as error:
        raise InvalidRequest(f"{path}: {error.message}", param="weights") from None
