"""An OTLP/HTTP receiver that keeps all exports as they came, for asserting on what they contain and what they do not."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Export:
    """One request. `path` and `headers` are what the exporter's settings decide."""

    path: str
    headers: Mapping[str, str]
    body: bytes


class Collector:
    """What was exported so far."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.exports: list[Export] = []

    @property
    def raw(self) -> bytes:
        return b"".join(export.body for export in self.exports)

    def wait_for(self, text: bytes, within_s: float = 15.0) -> bytes:
        """All exported bytes, once they contain `text`."""
        deadline = time.monotonic() + within_s
        while text not in self.raw:
            assert time.monotonic() < deadline, f"no export with {text!r}"
            time.sleep(0.05)
        return self.raw


@contextmanager
def collecting() -> Iterator[Collector]:
    """Receive on a free port of the loopback until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            collector.exports.append(Export(self.path, dict(self.headers), body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector = Collector(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
