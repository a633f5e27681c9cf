"""A Redis of the tests' own; whoever stops it starts it again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.shared.servers import Server

SECRET = b"s" * 32


@pytest.fixture(scope="session")
def one_server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def server(one_server: Server) -> Server:
    one_server.client.flushall()
    return one_server
