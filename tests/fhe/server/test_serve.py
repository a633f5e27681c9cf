"""The server on real sockets: what it refuses, what it forgets, how many it serves."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from gateway.errors import UpstreamError, UpstreamProtocolError, UpstreamUnreachable
from gateway.fhe.client.connection import Address, Connection
from gateway.fhe.client.key import Key, Scheme
from gateway.fhe.client.multiply import EncryptedMultiply
from gateway.fhe.model.client_part import ClientPart
from gateway.fhe.model.shape import Product
from gateway.fhe.server.serve import Limits, Server
from gateway.fhe.server.session import Patience
from gateway.fhe.server.weights import ServedModel
from gateway.fhe.wire.frames import HEAD_SIZE, TAG_SIZE, Direction, Kind, opening_key, session_key
from gateway.fhe.wire.messages import WELCOME_LIMITS, Call, Reason, Welcome, write_refusal
from tests.fhe.conftest import serving


def _wait_for(server: Server, clients: int) -> None:
    deadline = time.monotonic() + 10
    while server.open != clients:
        assert time.monotonic() < deadline, server.open
        time.sleep(0.01)


def _raw(address: Address) -> socket.socket:
    return socket.create_connection((address.host, address.port), timeout=10)


def _read(line: socket.socket, direction: Direction, limits: dict[Kind, int]) -> tuple[Kind, bytes]:
    head = direction.head(line.recv(HEAD_SIZE, socket.MSG_WAITALL), limits)
    return head.kind, bytes(direction.open(head, line.recv(head.length + TAG_SIZE, socket.MSG_WAITALL)))


_HELLO = Direction(b"up", opening_key(b"")).frame(Kind.HELLO, b"n" * 32)
_REFUSALS = {Kind.REFUSAL: len(write_refusal(Reason.MALFORMED))}


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x00" * 100,
        _HELLO[:-1] + b"x",
        _HELLO.replace(b"\x20\x00\x00\x00", b"\xff\xff\xff\x7f", 1),
        _HELLO.replace(b"PGFH\x02", b"PGFH\x01", 1),
        Direction(b"up", opening_key(b"")).frame(Kind.HELLO, b"short"),
        Direction(b"up", opening_key(b"")).frame(Kind.MULTIPLY, b"n" * 32),
    ],
    ids=["http", "zeros", "tag", "oversized", "version 1", "short", "kind"],
)
def test_what_is_no_hello_is_refused_and_hung_up_on(sent: bytes, server: Address) -> None:
    with _raw(server) as line:
        line.sendall(sent)
        kind, body = _read(line, Direction(b"down", opening_key(b"")), _REFUSALS)
        assert (kind, body) == (Kind.REFUSAL, write_refusal(Reason.MALFORMED))
        assert line.recv(1) == b""


def test_a_replayed_frame_is_refused(server: Address) -> None:
    with _raw(server) as line:
        line.sendall(_HELLO + _HELLO)
        incoming = Direction(b"down", opening_key(b""))
        kind, body = _read(line, incoming, WELCOME_LIMITS)
        assert kind is Kind.WELCOME
        assert Welcome.from_bytes(memoryview(body)).parameters.degree == 2048
        rest = b"".join(iter(lambda: line.recv(4096), b""))
        assert int.from_bytes(rest[5:6], "little") == Kind.REFUSAL


def test_a_client_that_is_gone_leaves_nothing(served_tiny: ServedModel, tiny_part: ClientPart, scheme: Scheme) -> None:
    server = Server(served_tiny)
    with serving(server) as address:
        connections = [Connection(address, tiny_part.blueprint) for _ in range(3)]
        _wait_for(server, 3)
        connections[0].close()
        half = connections[1]._outgoing.frame(Kind.MULTIPLY, b"x" * 5_000)
        connections[1]._line.sendall(half[:3_000])
        connections[1].close()
        _wait_for(server, 1)
        multiply = EncryptedMultiply(connections[2], Key(scheme), tiny_part.blueprint)
        assert not multiply(0, Product.DOWN, _zeros(tiny_part)).any()
        connections[2].close()
        _wait_for(server, 0)


def test_more_clients_than_there_may_be_are_turned_away(served_tiny: ServedModel, tiny_part: ClientPart) -> None:
    server = Server(served_tiny, limits=Limits(clients=1))
    with serving(server) as address:
        with Connection(address, tiny_part.blueprint), pytest.raises(UpstreamError, match="too many clients"):
            Connection(address, tiny_part.blueprint)
        _wait_for(server, 0)
        Connection(address, tiny_part.blueprint).close()


def test_a_client_that_keeps_still_is_hung_up_on(served_tiny: ServedModel, tiny_part: ClientPart) -> None:
    server = Server(served_tiny, limits=Limits(patience=Patience(idle_s=0.1)))
    with serving(server) as address, Connection(address, tiny_part.blueprint) as connection:
        _wait_for(server, 0)
        with pytest.raises(UpstreamError):
            connection.ping()


def test_who_says_nothing_holds_the_place_of_no_client(served_tiny: ServedModel, tiny_part: ClientPart) -> None:
    server = Server(served_tiny, b"secret", Limits(clients=1, patience=Patience(frame_s=0.2)))
    with serving(server) as address, _raw(address) as line:
        _wait_for(server, 1)
        assert line.recv(1) == b""
        _wait_for(server, 0)
        Connection(replace(address, secret=b"secret"), tiny_part.blueprint).close()


def test_what_a_client_leaves_unread_is_not_kept(served_tiny: ServedModel, tiny_part: ClientPart) -> None:
    """The server gives up on it and lets go of the answer, which never arrives as a whole."""
    server = Server(served_tiny, limits=Limits(patience=Patience(frame_s=0.3)))
    place = max(served_tiny.codings, key=lambda place: served_tiny.codings[place].down_size)
    coding, call = served_tiny.codings[place], Call(b"r" * 16, *place)
    with serving(server, send_buffer=4096) as address, socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.settimeout(10)
        line.connect((address.host, address.port))
        outgoing, incoming = Direction(b"up", opening_key(b"")), Direction(b"down", opening_key(b""))
        line.sendall(outgoing.frame(Kind.HELLO, b"n" * 32))
        _, body = _read(line, incoming, WELCOME_LIMITS)
        welcome = Welcome.from_bytes(memoryview(body))
        outgoing.rekey(session_key(b"", b"n" * 32, welcome.nonce, welcome.fingerprint))
        line.sendall(outgoing.frame(Kind.MULTIPLY, call.to_bytes() + bytes(coding.up_size - len(call.to_bytes()))))
        _wait_for(server, 1)
        _wait_for(server, 0)
        received = 0
        with suppress(ConnectionResetError):
            while piece := line.recv(65_536):
                received += len(piece)
        assert received < coding.down_size


def test_clients_that_are_there_at_the_end_are_no_fault(
    served_tiny: ServedModel, tiny_part: ClientPart, caplog: pytest.LogCaptureFixture
) -> None:
    server = Server(served_tiny)
    with serving(server) as address:
        connection = Connection(address, tiny_part.blueprint)
        _wait_for(server, 1)
    connection.close()
    assert not caplog.records


def test_a_matrix_that_is_not_there_is_refused_and_the_line_stays(
    server: Address, tiny_part: ClientPart, scheme: Scheme
) -> None:
    with Connection(server, tiny_part.blueprint) as connection:
        plan = tiny_part.blueprint.plans[0, Product.DOWN, 1]
        lost = replace(tiny_part.blueprint, plans={(7, Product.DOWN, 1): plan})
        with pytest.raises(UpstreamError, match="no such matrix"):
            EncryptedMultiply(connection, Key(scheme), lost)(7, Product.DOWN, _zeros(tiny_part))
        connection.ping()


def test_a_secret_that_only_one_side_has_is_noticed(served_tiny: ServedModel, tiny_part: ClientPart) -> None:
    with serving(Server(served_tiny, b"secret")) as address:
        with pytest.raises(UpstreamError):
            Connection(address, tiny_part.blueprint)
        same = Address(host=address.host, port=address.port, secret=b"secret")
        with Connection(same, tiny_part.blueprint) as connection:
            connection.ping()


def test_a_server_that_changes_frames_is_noticed(server: Address, tiny_part: ClientPart, scheme: Scheme) -> None:
    with Connection(server, tiny_part.blueprint) as connection:
        connection._incoming.rekey(b"another")
        with pytest.raises(UpstreamProtocolError, match="changed"):
            EncryptedMultiply(connection, Key(scheme), tiny_part.blueprint)(0, Product.DOWN, _zeros(tiny_part))


def test_nobody_there(tiny_part: ClientPart) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(UpstreamUnreachable):
        Connection(Address(host="127.0.0.1", port=port), tiny_part.blueprint)


def test_the_server_cannot_make_a_key() -> None:
    """Not even by accident: the library that makes keys is not in its process."""
    code = (
        "import sys, gateway.fhe.server.serve\n"
        "held = [name for name in sys.modules if name == 'seal' or name.startswith('gateway.fhe.client')]\n"
        "sys.exit(repr(held) if held else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def _zeros(part: ClientPart) -> NDArray[np.int64]:
    return np.zeros((1, part.shape.hidden), dtype=np.int64)
