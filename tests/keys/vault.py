"""A small server that speaks the part of Vault's transit API that we use, with real encryption: Vault itself cannot run here.

Requests and answers are as the API's documentation has them: https://developer.hashicorp.com/vault/api-docs/secret/transit
"""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TOKEN = "s.test-token"


@dataclass(slots=True)
class Vault:
    """`versions` are the key's; `seen` are the paths that were asked for. While `broken` it answers 503, as a
    sealed Vault does; while `stuck` it hangs up."""

    url: str = ""
    versions: list[bytes] = field(default_factory=lambda: [os.urandom(32)])
    seen: list[str] = field(default_factory=list)
    broken: bool = False
    stuck: bool = False

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        operation, _, name = path.removeprefix("/v1/transit/").partition("/")
        if name.removesuffix("/rotate") != "privacy-gateway":
            return 404, {"errors": []}
        if path.endswith("/rotate"):
            self.versions.append(os.urandom(32))
            return 200, {"data": {"latest_version": len(self.versions)}}
        if operation == "keys":
            return 200, {"data": {"name": name, "latest_version": len(self.versions)}}
        return self._encrypted(body) if operation == "encrypt" else self._decrypted(body)

    def _encrypted(self, body: dict[str, Any]) -> tuple[int, Any]:
        nonce, bound = os.urandom(12), base64.b64decode(body["associated_data"])
        sealed = nonce + AESGCM(self.versions[-1]).encrypt(nonce, base64.b64decode(body["plaintext"]), bound)
        return 200, {"data": {"ciphertext": f"vault:v{len(self.versions)}:{base64.b64encode(sealed).decode()}"}}

    def _decrypted(self, body: dict[str, Any]) -> tuple[int, Any]:
        _, version, text = body["ciphertext"].split(":")
        sealed, bound = base64.b64decode(text), base64.b64decode(body["associated_data"])
        try:
            plain = AESGCM(self.versions[int(version[1:]) - 1]).decrypt(sealed[:12], sealed[12:], bound)
        except InvalidTag:
            return 400, {"errors": ["cipher: message authentication failed"]}
        return 200, {"data": {"plaintext": base64.b64encode(plain).decode()}}


class _Handler(BaseHTTPRequestHandler):
    vault: Vault

    def __getattr__(self, name: str) -> Any:
        """The library asks for do_GET, do_POST and do_PUT."""
        if name in ("do_GET", "do_POST", "do_PUT"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        size = int(self.headers.get("content-length") or 0)
        body = json.loads(self.rfile.read(size)) if size else {}
        self.vault.seen.append(self.path)
        if self.vault.stuck:
            self.close_connection = True
        elif self.vault.broken:
            self._say(503, {"errors": ["Vault is sealed"]})
        elif self.headers.get("x-vault-token") != TOKEN:
            self._say(403, {"errors": ["permission denied"]})
        else:
            self._say(*self.vault.answer(self.path, body))

    def _say(self, status: int, answer: Any) -> None:
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Says nothing."""


@contextmanager
def serving() -> Iterator[Vault]:
    vault = Vault()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"vault": vault}))
    vault.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield vault
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
