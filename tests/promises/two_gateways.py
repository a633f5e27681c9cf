"""Two gateways that share one database and no other memory, before one backend: what a turn leaves, the other one finds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.gateway import RunningGateway, policy_text, running_gateway


@dataclass(frozen=True)
class Pair:
    first: RunningGateway
    second: RunningGateway
    backend: ScriptedBackend


@contextmanager
def two_gateways(folder: Path, *, tenant: str, principals: str, others: str) -> Iterator[Pair]:
    """Under a policy of one tenant, in these words, and of `others` behind it."""
    with backend_in_thread() as backend:
        policy = policy_text(backend.url, tenant=tenant, principals=principals) + others
        with running_gateway(folder, policy) as first, running_gateway(folder, policy) as second:
            yield Pair(first, second, backend)
