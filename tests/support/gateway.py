"""A whole gateway on a real socket, in a thread, as a client meets it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any

import httpx
import uvicorn

from gateway.app import build_app
from gateway.audit.event import ExchangeRecord
from gateway.audit.kept import read_content
from gateway.audit.reader import read_exchanges
from gateway.detection.detect import Analyzer, PresidioDetector
from gateway.exchange.content import Content
from gateway.identity.key_store import KeyStore
from gateway.identity.pepper import load_pepper
from gateway.identity.virtual_keys import mint
from gateway.keys.keyring import Keyring
from gateway.keys.master import open_master
from gateway.settings import Settings
from tests.store.databases import lay_sqlite, sqlite_at

MODEL = "test-model"


@cache
def real_analyzer() -> PresidioDetector:
    """The gateway's own recognizers, loaded once for all tests."""
    return PresidioDetector()


def policy_text(backend_url: str, *, tenant: str = "", principals: str = "{app: {}}", extra: str = "") -> str:
    """A policy with one tenant `acme`, one model, one deployment. `tenant` is YAML for inside the tenant."""
    head = f"""\
version: 1
deployments:
  backend: {{base_url: "{backend_url}", timeouts: {{connect_s: 2, first_byte_s: 3, between_bytes_s: 3, total_s: 20}}}}
models:
  {MODEL}: {{deployments: [backend]}}
tenants:
  acme:
    models: [{MODEL}]
    principals: {principals}
"""
    indented = "".join(f"    {line}\n" for line in dedent(tenant).strip().splitlines())
    return head + indented + dedent(extra)


@dataclass(frozen=True)
class RunningGateway:
    """A gateway that serves. `http` is a client that sends the key of principal `app`."""

    base_url: str
    settings: Settings
    key: str
    http: httpx.Client = field(repr=False)

    def issue(self, principal: str, tenant: str = "acme") -> str:
        """A key for another principal."""
        new = mint(load_pepper(self.settings.secret_path, {}), tenant=tenant, principal=principal, now=datetime.now(UTC))
        KeyStore(self.settings.keys_path).add(new.record)
        return new.plaintext

    def chat(self, content: Any, **fields: Any) -> httpx.Response:
        body = {"model": MODEL, "messages": [{"role": "user", "content": content}], **fields}
        return self.http.post("/chat/completions", json=body)

    def say(self, content: Any, **fields: Any) -> str:
        """The answer's text to one message; fails when it is refused."""
        answer = self.chat(content, **fields)
        assert answer.status_code == 200, answer.text
        text: str = answer.json()["choices"][0]["message"]["content"]
        return text

    def records(self, count: int | None = None) -> list[ExchangeRecord]:
        """The record, oldest first; with `count`, waits until that many exchanges have ended."""
        deadline = time.monotonic() + 5
        while True:
            found = [row.record for row in read_exchanges(sqlite_at(self.settings.audit_path), limit=1_000)]
            found.sort(key=lambda record: record.opened_at)
            ended = [record for record in found if record.outcome != "incomplete"]
            if count is None or len(ended) >= count or time.monotonic() > deadline:
                return found
            time.sleep(0.02)

    def content(self, record: ExchangeRecord, *, originals: bool = False) -> Content:
        """What was kept of an exchange, opened with the gateway's own keys."""
        with closing(sqlite_at(self.settings.audit_path)) as database, database.reading() as connection:
            keyring = Keyring(database, open_master(self.settings, {}))
            return read_content(connection, keyring, record.call_id, record.tenant or "", originals=originals)


@contextmanager
def running_gateway(
    folder: Path,
    policy: str,
    *,
    analyzer: Callable[[], Analyzer] | None = None,
    environ: Mapping[str, str] | None = None,
    **settings: Any,
) -> Iterator[RunningGateway]:
    """Serve `policy` from `folder` until the block ends; with the gateway's own engines, unless `analyzer` makes another."""
    path = folder / "policy.yaml"
    path.write_text(policy, encoding="utf-8")
    unasked = {"health_interval_s": 0}  # what a backend received is what a test sent
    made = Settings(policy=path, state_dir=folder / "state", port=0, **(unasked | settings))
    made.state_dir.mkdir(mode=0o700, exist_ok=True)
    lay_sqlite(made.audit_path)
    app = build_app(made, environ or {}, analyzer=analyzer, recognizers=lambda: real_analyzer().recognizers)
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_level="error", access_log=False, proxy_headers=False, timeout_graceful_shutdown=5)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the gateway did not start"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    gateway = RunningGateway(f"http://127.0.0.1:{port}/v1", made, "", httpx.Client())
    key = gateway.issue("app")
    http = httpx.Client(base_url=gateway.base_url, headers={"authorization": f"Bearer {key}"}, timeout=30)
    try:
        yield RunningGateway(gateway.base_url, made, key, http)
    finally:
        http.close()
        server.should_exit = True
        thread.join(timeout=15)
