"""Promises 2 and 6, where nobody but the caller can read the exchange: cut at each step, or met by a database that fails, it is
on the record once, and holds nothing.

The caller is a sidecar that sends ciphertexts through the gateway, as frames in a WebSocket, to a server that multiplies.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message

from gateway.audit.database_log import DatabaseAuditLog
from gateway.fhe.model.blueprint import Blueprint
from gateway.fhe.model.client_part import ClientPart
from gateway.fhe.model.shape import Product
from gateway.fhe.server.serve import Server
from gateway.fhe.server.weights import ServedModel
from gateway.fhe.wire.frames import HEAD_SIZE, TAG_SIZE, Direction, Kind, opening_key, session_key
from gateway.fhe.wire.messages import NONCE_SIZE, WELCOME_LIMITS, Call, Coding, Welcome
from tests.fhe.conftest import served_tiny, serving, tiny, tiny_file, tiny_part
from tests.promises.test_6h_cut_anywhere import Cut, client_leaves, server_stops
from tests.promises.ways import OWED_S
from tests.support import inside
from tests.support.failing_sqlite import Failing
from tests.support.house import House, assert_refused, house, went

__all__ = ["served_tiny", "tiny", "tiny_file", "tiny_part"]

POLICY = """\
version: 1
deployments:
  sealed:
    protocol: fhe
    base_url: "fhe://127.0.0.1:{port}"
    client_file: client.gguf
    sidecars: true
    timeouts: {{{{connect_s: 5, first_byte_s: 20, between_bytes_s: 20, total_s: 60}}}}
models:
  sealed: {{{{deployments: [sealed]}}}}
tenants:
  ward:
    models: [sealed]
    limits: {{{{concurrent: 9, requests: 10000/day, tokens: 1000000/day}}}}
    principals: {{{{app: {{{{}}}}}}}}
"""


class Sidecar(inside.Call):
    """Greets, has one product made, and takes its leave."""

    def __init__(self, key: str, blueprint: Blueprint) -> None:
        super().__init__("fhe/sealed", key, b"", method="GET")
        answers: dict[str, Any] = {"websocket.http.response": {}}
        asked = b"prompt_tokens=3&max_tokens=2"
        self.scope |= {"type": "websocket", "scheme": "ws", "query_string": asked, "extensions": answers}
        self._blueprint = blueprint
        self._up, self._down = Direction(b"up", opening_key(b"")), Direction(b"down", opening_key(b""))
        self._arrived = bytearray()
        self._more = asyncio.Event()
        self._steps = iter((self._hello, self._multiply, self._leave))

    @property
    def ended(self) -> bool:
        return bool(self.told) and self.told[-1]["type"] in ("websocket.close", "websocket.http.response.body")

    @property
    def status(self) -> int | None:
        """Of a refusal before it began."""
        return next((told["status"] for told in self.told if told["type"] == "websocket.http.response.start"), None)

    @property
    def body(self) -> bytes:
        return b"".join(told.get("body", b"") for told in self.told)

    @property
    def whole(self) -> bool:
        return self.ended and self.told[-1].get("code") == 1000 and not self._arrived

    async def _receive(self) -> Message:
        if not self._asked:  # there is no exchange before the wish for one, which is there when the call begins
            self._asked = True
            return {"type": "websocket.connect"}
        going = asyncio.ensure_future(next(self._steps)())
        leaving = asyncio.ensure_future(self._left.wait())
        try:
            await asyncio.wait({going, leaving}, return_when=asyncio.FIRST_COMPLETED)
            return {"type": "websocket.disconnect", "code": 1006} if leaving.done() else going.result()
        finally:
            going.cancel()
            leaving.cancel()

    async def _send(self, message: Message) -> None:
        await super()._send(message)
        self._arrived += message.get("bytes") or b""
        self._more.set()

    async def _hello(self) -> Message:
        return {"type": "websocket.receive", "bytes": self._up.frame(Kind.HELLO, bytes(NONCE_SIZE))}

    async def _multiply(self) -> Message:
        welcome = Welcome.from_bytes(await self._frame(WELCOME_LIMITS))
        key = session_key(b"", bytes(NONCE_SIZE), welcome.nonce, welcome.fingerprint)
        self._up.rekey(key)
        self._down.rekey(key)
        coding = Coding.of(self._blueprint.plans[0, Product(0), 1], self._blueprint.parameters)
        head = Call(bytes(range(16)), 0, 0, 1).to_bytes()
        return {"type": "websocket.receive", "bytes": self._up.frame(Kind.MULTIPLY, head + bytes(coding.up_size - len(head)))}

    async def _leave(self) -> Message:
        await self._frame({Kind.PRODUCT: 2**30})
        return {"type": "websocket.disconnect", "code": 1000}

    async def _frame(self, limits: dict[Kind, int]) -> memoryview:
        head = self._down.head(await self._read(HEAD_SIZE), limits)
        return self._down.open(head, await self._read(head.length + TAG_SIZE))

    async def _read(self, size: int) -> bytes:
        while len(self._arrived) < size:
            self._more.clear()
            await self._more.wait()
        read = bytes(self._arrived[:size])
        del self._arrived[:size]
        return read


def called(home: House, blueprint: Blueprint) -> Sidecar:
    call = Sidecar(home.keys["ward"], blueprint)
    home.calls.append(call)
    return call


@asynccontextmanager
async def relaying(folder: Path, served: ServedModel, client_file: Path) -> AsyncIterator[House]:
    """A gateway before a server that multiplies."""
    (folder / "client.gguf").write_bytes(client_file.read_bytes())
    with serving(Server(served)) as address:
        async with house(folder, POLICY.format(port=address.port), {}, ("ward",)) as home:
            yield home


@pytest.mark.parametrize("kind", [client_leaves, server_stops])
async def test_an_exchange_of_ciphertexts_that_is_cut_leaves_nothing_behind(
    kind: Cut, served_tiny: ServedModel, tiny_part: ClientPart, tiny_file: Path, tmp_path: Path
) -> None:
    async with relaying(tmp_path, served_tiny, tiny_file.with_name("client.gguf")) as home:
        for at in count(1):
            call = called(home, tiny_part.blueprint)
            if not await went(home, call, at=at, cut=partial(kind, call)):
                assert at > 5
                assert call.whole, call.told
                break


@pytest.mark.parametrize(("code", "for_good"), [(sqlite3.SQLITE_FULL, False), (sqlite3.SQLITE_READONLY, True)])
async def test_a_statement_that_fails(
    code: int,
    for_good: bool,
    served_tiny: ServedModel,
    tiny_part: ClientPart,
    tiny_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(DatabaseAuditLog.__init__.__kwdefaults__ or {}, "linger_s", OWED_S / 2)
    failing, refused = Failing(monkeypatch), 0
    async with relaying(tmp_path, served_tiny, tiny_file.with_name("client.gguf")) as home:
        for at in count(1):
            call = called(home, tiny_part.blueprint)
            with failing.during(at, code, for_good=for_good):
                await went(home, call)
                await asyncio.sleep(OWED_S)
            if call.status is not None:
                assert_refused(call, 503, "audit_unavailable", "protection_unavailable")
                refused += 1
            else:
                assert call.whole, call.told
            again = called(home, tiny_part.blueprint)
            await went(home, again)
            assert again.whole
            if not failing.hit:
                break
    assert refused
