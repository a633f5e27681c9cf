"""A tiny model in all its forms, a server for it in a thread, and the real model where a test is slow."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.cli.demo.model import model_file
from gateway.fhe.client.connection import Address
from gateway.fhe.client.generate import Generator
from gateway.fhe.client.key import Key, Scheme
from gateway.fhe.model.blueprint import drawn
from gateway.fhe.model.client_part import ClientPart, read_client_part, write_client_part
from gateway.fhe.model.gguf_file import ModelFile
from gateway.fhe.parameters import Parameters
from gateway.fhe.server.serve import Server
from gateway.fhe.server.weights import ServedModel, load_served_model
from tests.fhe.tiny import write_tiny_model
from tests.fhe.wiretap import FheProcess, fhe_process


@pytest.fixture(scope="session")
def tiny_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("fhe") / "tiny.gguf")


@pytest.fixture(scope="session")
def tiny(tiny_file: Path) -> ModelFile:
    return ModelFile(tiny_file)


@pytest.fixture(scope="session")
def served_tiny(tiny: ModelFile) -> ServedModel:
    return load_served_model(tiny)[0]


@pytest.fixture(scope="session")
def tiny_part(tiny_file: Path) -> ClientPart:
    return part_of(tiny_file, tiny_file.with_name("client.gguf"))


@pytest.fixture(scope="session")
def generator(tiny_part: ClientPart) -> Generator:
    return Generator(tiny_part)


@pytest.fixture(scope="session")
def scheme() -> Scheme:
    return Scheme(Parameters())


@pytest.fixture
def key(scheme: Scheme) -> Key:
    return Key(scheme)


@pytest.fixture
def server(served_tiny: ServedModel) -> Iterator[Address]:
    with serving(Server(served_tiny)) as address:
        yield address


@pytest.fixture(scope="session")
def sealed_process(tiny_file: Path) -> Iterator[FheProcess]:
    """Its whole memory can be searched."""
    with fhe_process(tiny_file) as process:
        yield process


@pytest.fixture(scope="session")
def smollm() -> ModelFile:
    return ModelFile(model_file())


def part_of(model: Path, file: Path) -> ClientPart:
    """The client's part of a model, by way of its file."""
    blueprint, scales = drawn(ModelFile(model), lambda *_: None)
    write_client_part(ModelFile(model), blueprint, scales, file)
    return read_client_part(file)


@contextmanager
def serving(server: Server, tls: ssl.SSLContext | None = None, send_buffer: int | None = None) -> Iterator[Address]:
    """A server in a thread with an event loop of its own. `send_buffer` is what the system takes of a socket, in bytes."""
    address: list[Address] = []
    ready, done = threading.Event(), threading.Event()

    async def serve() -> None:
        async with server.listening("127.0.0.1", 0, tls) as listening:
            if send_buffer:
                listening.sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
            address.append(Address(host="127.0.0.1", port=listening.sockets[0].getsockname()[1]))
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        ready.wait()
        yield address[0]
    finally:
        done.set()
        thread.join()
