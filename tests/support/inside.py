"""A whole gateway in the event loop of the test, for tests that look at what an exchange leaves behind."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from starlette.types import ASGIApp, Message

from gateway.app import Gateway, assembled
from gateway.assembly.parts import Parts, open_parts
from gateway.exchange import Finding
from gateway.identity.pepper import load_pepper
from gateway.identity.virtual_keys import mint
from gateway.settings import Settings
from tests.store.databases import lay_sqlite

VALUE = "alice@example.org"


class Mails:
    """Finds addresses: what is tested is not how they are found."""

    def analyze(self, text: str, **_: object) -> tuple[Finding, ...]:
        found = re.finditer(r"[a-z]+@example\.org", text)
        return tuple(Finding(one.start(), one.end(), "EMAIL_ADDRESS", 0.9, "mails") for one in found)


class Call:
    """One call of a client: what it is told, and how it leaves. A body that is no bytes is sent as JSON."""

    def __init__(self, path: str, key: str, body: Any, headers: Mapping[str, str] | None = None, method: str = "POST") -> None:
        self.begun = False
        self.told: list[Message] = []
        self.sent: bytes = body if isinstance(body, bytes) else orjson.dumps(body)
        self._left = asyncio.Event()
        self._asked = False
        named = {"authorization": f"Bearer {key}", "content-length": str(len(self.sent)), **(headers or {})}
        self.scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": f"/v1/{path}",
            "raw_path": f"/v1/{path}".encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in named.items()],
            "client": ("127.0.0.1", 40_000),
            "server": ("127.0.0.1", 80),
        }

    def leave(self) -> None:
        self._left.set()

    async def made(self, app: ASGIApp) -> None:
        self.begun = True
        await app(self.scope, self._receive, self._send)

    @property
    def status(self) -> int | None:
        return next((told["status"] for told in self.told if told["type"] == "http.response.start"), None)

    @property
    def headers(self) -> dict[str, str]:
        starts = (told["headers"] for told in self.told if told["type"] == "http.response.start")
        return {name.decode(): value.decode() for name, value in next(starts, ())}

    @property
    def body(self) -> bytes:
        return b"".join(told.get("body", b"") for told in self.told if told["type"] == "http.response.body")

    @property
    def ended(self) -> bool:
        return bool(self.told) and not self.told[-1].get("more_body", True)

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": self.sent, "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        assert not self.ended, "something was said after the end"
        self.told.append(message)
        await asyncio.sleep(0)


@dataclass(frozen=True)
class Inside:
    parts: Parts = field(repr=False)
    gateway: Gateway = field(repr=False)
    settings: Settings

    @property
    def app(self) -> ASGIApp:
        return self.gateway.app

    def key(self, tenant: str, principal: str = "app") -> str:
        pepper = load_pepper(self.settings.secret_path, {})
        new = mint(pepper, tenant=tenant, principal=principal, now=datetime.now(UTC))
        self.parts.keys.add(new.record)
        return new.plaintext


@asynccontextmanager
async def gateway_inside(
    folder: Path, policy: str, environ: Mapping[str, str] | None = None, **settings: Any
) -> AsyncIterator[Inside]:
    """Served from `folder`, until the block ends."""
    path = folder / "policy.yaml"
    path.write_text(policy, encoding="utf-8")
    made = Settings(policy=path, state_dir=folder / "state", port=0, **({"health_interval_s": 0} | settings))
    made.state_dir.mkdir(mode=0o700, exist_ok=True)
    lay_sqlite(made.audit_path)
    parts = open_parts(made, environ or {}, Mails, tuple)
    gateway = assembled(parts, made)
    async with gateway.app.router.lifespan_context(gateway.app):
        yield Inside(parts, gateway, made)
