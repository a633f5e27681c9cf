"""Two machines: one with a single process, one with two workers; over a real Redis, a real Postgres and a scripted backend."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from bench.cluster.gateways import Shared, port_of
from bench.cluster.server import Server
from tests.limits.conftest import RedisServer
from tests.store.postgres import Server as Postgres
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.gateway import MODEL, policy_text
from tests.support.script import Request, echo

TENANT = "cache: {share: tenant, semantic: true}\nreply: {restore: true}\npseudonyms: {scope: conversation}\n"
PRINCIPALS = "{app: {}, other: {}, leaver: {}, counted: {limits: {requests: 12/day}}}"


@dataclass(frozen=True)
class Cluster:
    """Both machines serve; nothing keeps a client with one of them."""

    shared: Shared
    machines: tuple[Server, Server]
    backend: ScriptedBackend

    @property
    def questions(self) -> list[Request]:
        """What the backend was asked, without what was asked of it to see how it is."""
        return [request for request in self.backend.received if request.method == "POST"]

    def client(self, machine: int, key: str) -> httpx.Client:
        """A new connection, which any of the machine's workers may take."""
        headers = {"authorization": f"Bearer {key}"}
        return httpx.Client(base_url=f"http://127.0.0.1:{port_of(self.machines[machine])}/v1", headers=headers, timeout=60)

    def chat(
        self, machine: int, key: str, messages: list[dict[str, Any]], conversation: str = "", **fields: Any
    ) -> httpx.Response:
        headers = {"x-gateway-conversation": conversation} if conversation else {}
        with self.client(machine, key) as http:
            return http.post("/chat/completions", json={"model": MODEL, "messages": messages, **fields}, headers=headers)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    redis = RedisServer()
    with ExitStack() as stack:
        stack.callback(redis.stop)
        backend = stack.enter_context(backend_in_thread())
        backend.reply_with(echo)
        policy = folder / "policy.yaml"
        policy.write_text(policy_text(backend.url, tenant=TENANT, principals=PRINCIPALS), encoding="utf-8")
        url = stack.enter_context(postgres.database())
        shared = Shared(folder=folder, policy=policy, redis_url=redis.url, database_url=url)
        shared.provide()
        machines = (shared.machine("1"), shared.machine("2", workers=2))
        for machine in machines:
            stack.callback(machine.kill)
            machine.begin()
        for machine in machines:
            machine.wait()
        yield Cluster(shared, machines, backend)
