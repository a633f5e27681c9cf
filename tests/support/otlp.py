"""An OTLP/HTTP receiver that keeps the raw bytes of all exports, for asserting on what they do not contain."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Collector:
    """What was exported so far."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.exports: list[bytes] = []

    def wait_for(self, text: bytes, within_s: float = 15.0) -> bytes:
        """All exported bytes, once they contain `text`."""
        deadline = time.monotonic() + within_s
        while text not in b"".join(self.exports):
            assert time.monotonic() < deadline, f"no export with {text!r}"
            time.sleep(0.05)
        return b"".join(self.exports)


@contextmanager
def collecting() -> Iterator[Collector]:
    """Receive on a free port of the loopback until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.exports.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector = Collector(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
