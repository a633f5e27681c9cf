"""A caller that speaks the protocol, and then something else. What it sends as ciphertexts are zeros: nobody can tell."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from gateway.fhe.model.blueprint import Blueprint
from gateway.fhe.model.shape import Product
from gateway.fhe.wire.frames import HEAD_SIZE, TAG_SIZE, Direction, Kind, opening_key, session_key
from gateway.fhe.wire.messages import NONCE_SIZE, WELCOME_LIMITS, Call, Coding, Reason, Welcome, read_refusal
from tests.support.gateway import MODEL, RunningGateway

REQUEST = bytes(range(16))


class Rogue:
    """After its greeting."""

    def __init__(self, socket: ClientConnection, blueprint: Blueprint) -> None:
        self.socket = socket
        self.blueprint = blueprint
        self._up, self._down = Direction(b"up", opening_key(b"")), Direction(b"down", opening_key(b""))
        self._arrived = b""
        nonce = bytes(NONCE_SIZE)
        self.send(self.frame(Kind.HELLO, nonce))
        welcome = Welcome.from_bytes(self._received(WELCOME_LIMITS)[1])
        key = session_key(b"", nonce, welcome.nonce, welcome.fingerprint)
        self._up.rekey(key)
        self._down.rekey(key)

    def send(self, data: bytes) -> None:
        self.socket.send(data)

    def frame(self, kind: Kind, body: bytes) -> bytes:
        return self._up.frame(kind, body)

    def call(self, layer: int = 0, product: int = 0, lanes: int = 1, request: bytes = REQUEST) -> bytes:
        """A frame as it should be."""
        coding = Coding.of(self.blueprint.plans[layer, Product(product), lanes], self.blueprint.parameters)
        head = Call(request, layer, product, lanes).to_bytes()
        return self.frame(Kind.MULTIPLY, head + bytes(coding.up_size - len(head)))

    def answered(self) -> bool:
        """Whether a product comes; False for a refusal because of what was sent."""
        kind, body = self._received({Kind.PRODUCT: 2**30, Kind.REFUSAL: 2})
        assert kind is Kind.PRODUCT or read_refusal(body) is Reason.MALFORMED
        return kind is Kind.PRODUCT

    def ended(self) -> int:
        """The code with which the gateway closes."""
        with pytest.raises(ConnectionClosed) as closed:
            self.socket.recv(10)
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code

    def _received(self, limits: dict[Kind, int]) -> tuple[Kind, memoryview]:
        head = self._down.head(self._read(HEAD_SIZE), limits)
        return head.kind, self._down.open(head, self._read(head.length + TAG_SIZE))

    def _read(self, size: int) -> bytes:
        while len(self._arrived) < size:
            self._arrived += self.socket.recv(20, decode=False)
        read, self._arrived = self._arrived[:size], self._arrived[size:]
        return read


@contextmanager
def rogue(gateway: RunningGateway, blueprint: Blueprint, asked: str = "prompt_tokens=3&max_tokens=2") -> Iterator[Rogue]:
    with dialled(gateway, asked) as socket:
        yield Rogue(socket, blueprint)


@contextmanager
def dialled(gateway: RunningGateway, asked: str, **headers: str) -> Iterator[ClientConnection]:
    address = f"{gateway.base_url.replace('http', 'ws', 1)}/fhe/{MODEL}?{asked}"
    told = {"authorization": f"Bearer {gateway.key}", **headers}
    with connect(address, additional_headers=told, compression=None, proxy=None, close_timeout=2) as socket:
        yield socket


def with_length(frame: bytes, length: int) -> bytes:
    """The frame's head, with another length in it."""
    return frame[:8] + struct.pack("<I", length) + frame[12:HEAD_SIZE]
