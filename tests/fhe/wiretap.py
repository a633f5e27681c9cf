"""What the untrusted side got to see: the bytes on its line, and the memory of its process."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path


class Wiretap:
    """A port that passes everything on to another one, and keeps what it passed to it."""

    def __init__(self, port: int) -> None:
        self._onward = port
        self._kept: list[bytes] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def heard(self) -> bytes:
        """All that went to the server."""
        return b"".join(self._kept)

    def close(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                near = self._listening.accept()[0]
                far = socket.create_connection(("127.0.0.1", self._onward))
                threading.Thread(target=self._join, args=(near, far), daemon=True).start()

    def _join(self, near: socket.socket, far: socket.socket) -> None:
        with near, far:
            back = threading.Thread(target=_pass, args=(far, near, lambda _: None), daemon=True)
            back.start()
            _pass(near, far, self._kept.append)
            back.join()


def _pass(source: socket.socket, sink: socket.socket, note: Callable[[bytes], None]) -> None:
    with suppress(OSError):
        while piece := source.recv(65_536):
            note(piece)
            sink.sendall(piece)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


SECRET = "a-word-that-both-sides-know"
_SERVE = """
import asyncio, sys
from pathlib import Path
from gateway.fhe.model.gguf_file import ModelFile
from gateway.fhe.server.serve import Server
from gateway.fhe.server.weights import load_served_model

async def serve():
    server = Server(load_served_model(ModelFile(Path(sys.argv[1])))[0], sys.argv[2].encode())
    async with server.listening("127.0.0.1", 0) as listening:
        print(listening.sockets[0].getsockname()[1], flush=True)
        await asyncio.Event().wait()

asyncio.run(serve())
"""
"""As `gateway fhe serve`, without the time that it takes to read options."""


@dataclass(frozen=True, slots=True)
class FheProcess:
    pid: int
    port: int


@contextmanager
def fhe_process(model: Path) -> Iterator[FheProcess]:
    """A server with the secret, in a process of its own; what still runs when the block ends is ended."""
    command = [sys.executable, "-c", _SERVE, str(model), SECRET]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield FheProcess(process.pid, int(process.stdout.readline()))
        finally:
            process.kill()


def found_in_memory(pid: int, *words: bytes) -> set[bytes]:
    """Those of the words that stand anywhere in a process's readable memory."""
    found: set[bytes] = set()
    regions = re.findall(r"^([0-9a-f]+)-([0-9a-f]+) r", Path(f"/proc/{pid}/maps").read_text(encoding="utf-8"), re.M)
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for start, end in regions:
            with suppress(OSError, OverflowError, ValueError):  # of the kernel's own pages some cannot be read
                memory.seek(int(start, 16))
                content = memory.read(int(end, 16) - int(start, 16))
                found |= {word for word in words if word in content}
    return found
