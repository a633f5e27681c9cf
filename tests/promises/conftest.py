"""A whole gateway in front of a scripted backend, for each of the promises of the design."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.gateway import RunningGateway, policy_text, running_gateway
from tests.support.script import echo

TENANT = """
entities: {default: placeholder, DATE_TIME: keep, CREDIT_CARD: mask, SECRET: block}
reply: {restore: true}
record: {content: redacted}
"""


@dataclass(frozen=True)
class Pair:
    gateway: RunningGateway
    backend: ScriptedBackend


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """One gateway for a module: starting one costs more than most tests."""
    folder: Path = tmp_path_factory.mktemp("gateway")
    principals = "{app: {}, analyst: {reply: {restore: false}}}"
    with (
        backend_in_thread() as backend,
        running_gateway(folder, policy_text(backend.url, tenant=TENANT, principals=principals)) as gateway,
    ):
        yield Pair(gateway, backend)


@pytest.fixture
def gateway(running: Pair) -> RunningGateway:
    return running.gateway


@pytest.fixture
def backend(running: Pair) -> ScriptedBackend:
    """The backend, echoing again, with an empty memory."""
    running.backend.reply_with(echo)
    running.backend.received.clear()
    running.backend.forget_wire()
    return running.backend
