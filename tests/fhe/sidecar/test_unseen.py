"""What somebody says through a sidecar is in no process but the sidecar's, and in nothing that the gateway writes.

Gateway, server and Redis are processes of their own, so that their whole memory can be searched. The sidecar lives in this one.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.audit.event import Outcome
from gateway.audit.reader import read_exchanges
from gateway.fhe.client.connection import Address
from gateway.fhe.client.generate import Generator
from gateway.settings import Settings
from gateway.sidecar.app import Home
from tests.fhe.sidecar.conftest import policy, sidecar
from tests.fhe.sidecar.test_sidecar import ask, stream_of
from tests.fhe.wiretap import SECRET, FheProcess, found_in_memory
from tests.limits.conftest import RedisServer
from tests.store.databases import sqlite_at
from tests.support.otlp import Collector, collecting
from tests.support.process import GatewayProcess, gateway_process

PLANTED = tuple(word.encode() for word in ("hildegard", "EMAIL_ADDRESS_1", "quillworts"))


@dataclass(frozen=True, slots=True)
class Building:
    gateway: GatewayProcess
    server: int
    redis: RedisServer
    collector: Collector
    folder: Path
    audit: Path
    home: Home = field(repr=False)


@pytest.fixture(scope="module")
def building(
    tiny_file: Path, generator: Generator, sealed_process: FheProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    folder, redis = tmp_path_factory.mktemp("building"), RedisServer()
    (folder / "client.gguf").write_bytes(tiny_file.with_name("client.gguf").read_bytes())
    (folder / "secret").write_text(SECRET, encoding="utf-8")
    with collecting() as collector, (folder / "stdout").open("wb") as out:
        environ = {
            "GATEWAY_REDIS_URL": redis.url,
            "GATEWAY_ACCESS_LOG": "stdout",
            "GATEWAY_DECISION_LOG": "stdout",
            "OTEL_TRACES_EXPORTER": "otlp",
            "OTEL_METRICS_EXPORTER": "otlp",
            "OTEL_LOGS_EXPORTER": "otlp",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
            "OTEL_BSP_SCHEDULE_DELAY": "100",
        }
        with gateway_process(folder, policy(Address(host="", port=sealed_process.port)), environ, stdout=out) as gateway:
            key = gateway.http.headers["authorization"].removeprefix("Bearer ")
            home = Home(gateway=str(gateway.http.base_url).rstrip("/"), key=key, generator=generator)
            audit = Settings(policy=folder / "policy.yaml", state_dir=folder).audit_path
            yield Building(gateway, sealed_process.pid, redis, collector, folder, audit, home)
    redis.stop()


def test_it_is_nowhere_but_at_home(building: Building) -> None:
    """Searched when one answer is over and another is on its way."""
    with sidecar(building.home) as client:
        plain = ask(client, most=8).choices[0].message.content or ""
        pieces = stream_of(client, most=8)
        said = [next(pieces) for _ in range(2)]
        for pid in (building.server, building.redis.client.info("server")["process_id"]):
            assert found_in_memory(pid, *PLANTED) == set()
        found = found_in_memory(building.gateway.process.pid, *PLANTED, SECRET.encode())
        assert found == {SECRET.encode()}, "the search finds what is there"
        assert "".join([*said, *pieces]) == plain
    exported = building.collector.wait_for(b"gateway.relay")
    written = b"".join(path.read_bytes() for path in building.folder.rglob("*") if path.is_file())
    assert b'"policy_rule"' in written, "the decision log is there"
    assert b'"http_route":"/v1/fhe/{model:path}","http_response_status_code":101' in written, "and the access log"
    for sink in (exported, written):
        assert not [word for word in (*PLANTED, plain.encode()) if word in sink]


def test_a_gateway_that_leaves_lets_an_answer_end(building: Building) -> None:
    """This is the last test: afterwards there is no gateway."""
    with sidecar(building.home) as client:
        pieces = stream_of(client, most=12)
        next(pieces)
        building.gateway.process.send_signal(signal.SIGTERM)
        assert list(pieces), "no error is among them"
        assert building.gateway.process.wait(timeout=30) == 0
    last = max((row.record for row in read_exchanges(sqlite_at(building.audit), limit=9)), key=lambda record: record.opened_at)
    assert (last.outcome, last.usage.output_tokens) == (Outcome.COMPLETED, 12)
