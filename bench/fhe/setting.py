"""A server in a process of its own, and a client of it in this one."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from gateway.fhe.client.connection import Address, Connection
from gateway.fhe.client.generate import Generator
from gateway.fhe.model.blueprint import drawn
from gateway.fhe.model.client_part import read_client_part, write_client_part
from gateway.fhe.model.gguf_file import ModelFile
from gateway.fhe.model.widths import Widths


@dataclass(frozen=True, slots=True)
class Setting:
    """A connected client, and the server's process to look at."""

    generator: Generator
    address: Address
    connection: Connection
    server: psutil.Process

    def server_cpu_s(self) -> float:
        """CPU-seconds of the server so far."""
        times = self.server.cpu_times()
        return times.user + times.system

    def server_memory(self) -> int:
        """Resident bytes of the server."""
        return int(self.server.memory_info().rss)


@contextmanager
def running(model: Path, bits: Widths) -> Iterator[Setting]:
    """`gateway fhe serve` on loopback; what still runs when the block ends is ended."""
    flags = ["--weight-bits", str(bits.usual.weight), "--activation-bits", str(bits.usual.activation)]
    flags += [f"--layer-bits={each}" for each in bits.overrides]
    command = [sys.executable, "-m", "gateway", "fhe", "serve", "--model", str(model), "--port", "0", *flags]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process, tempfile.TemporaryDirectory() as folder:
        try:
            port = _port(process)
            file = ModelFile(model)
            blueprint, scales = drawn(file, lambda *_: None, bits=bits)
            write_client_part(file, blueprint, scales, part := Path(folder) / "client.gguf")
            generator = Generator(read_client_part(part))
            del file
            address = Address(host="127.0.0.1", port=port)
            with Connection(address, blueprint) as connection:
                yield Setting(generator, address, connection, psutil.Process(process.pid))
        finally:
            process.terminate()


def _port(process: subprocess.Popen[str]) -> int:
    for line in process.stderr or ():
        if found := re.search(r"Listening on [^ ]+:(\d+)", line):
            return int(found[1])
    raise SystemExit("the server did not start")
