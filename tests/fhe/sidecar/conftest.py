"""A gateway before a server that multiplies, and sidecars that hold the key: all in this process, each on a socket of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import uvicorn
from openai import OpenAI

from gateway.fhe.client.connection import Address
from gateway.fhe.client.generate import Generator
from gateway.fhe.model.client_part import ClientPart
from gateway.fhe.server.serve import Server
from gateway.fhe.server.weights import ServedModel
from gateway.sidecar.app import Home, build_sidecar
from tests.fhe.conftest import serving
from tests.fhe.wiretap import SECRET
from tests.support.gateway import MODEL, RunningGateway, real_analyzer, running_gateway

POLICY = """\
version: 1
deployments:
  gone: {{protocol: fhe, base_url: "fhe://127.0.0.1:1", client_file: client.gguf, sidecars: true}}
  sealed:
    protocol: fhe
    base_url: "fhe://127.0.0.1:{port}"
    client_file: client.gguf
    api_key: {{file: secret}}
    most_tokens: 99
    sidecars: true
    timeouts: {{connect_s: 2, first_byte_s: 20, between_bytes_s: 20, total_s: 60}}
  private: {{protocol: fhe, base_url: "fhe://127.0.0.1:{port}", client_file: client.gguf}}
  clear: {{base_url: "http://127.0.0.1:1/v1"}}
models:
  {model}: {{deployments: [clear, gone, sealed]}}
  other: {{deployments: [private]}}
purposes:
  care: {{basis: contract}}
tenants:
  acme:
    models: [{model}, other]
    principals:
      app: {{}}
      guest: {{limits: {{requests: 1/hour}}}}
      nurse: {{purposes: [care]}}
      leaver: {{}}
identity:
  people: {{auditor: {{roles: [auditor]}}}}
"""


@dataclass(frozen=True, slots=True)
class Ward:
    """`server` is the one that multiplies."""

    gateway: RunningGateway
    server: Server
    home: Home = field(repr=False)


@pytest.fixture(scope="module")
def ward(
    served_tiny: ServedModel,
    tiny_file: Path,
    tiny_part: ClientPart,
    generator: Generator,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Ward]:
    folder = tmp_path_factory.mktemp("ward")
    (folder / "client.gguf").write_bytes(tiny_file.with_name("client.gguf").read_bytes())
    (folder / "secret").write_text(SECRET, encoding="utf-8")
    server = Server(served_tiny, SECRET.encode())
    with serving(server) as address, running_gateway(folder, policy(address)) as gateway:
        yield Ward(gateway, server, Home(gateway=gateway.base_url, key=gateway.key, generator=generator))


def policy(address: Address) -> str:
    return POLICY.format(port=address.port, model=MODEL)


@contextmanager
def sidecar(home: Home, **changes: object) -> Iterator[OpenAI]:
    """A sidecar on a free port, and a client of it. Any key will do: it is the sidecar's that counts."""
    app = build_sidecar(replace(home, **changes), lambda: real_analyzer().recognizers)  # type: ignore[arg-type]
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", access_log=False, ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the sidecar did not start"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with OpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="none", max_retries=0, timeout=60) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(timeout=15)
