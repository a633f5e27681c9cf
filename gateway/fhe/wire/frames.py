"""One frame: a head of fixed length, a body, a tag. Pure; both sides use it, one `Direction` each way.

::

    0   4  "PGFH"                12  8  number of this frame in its direction, from 0
    4   1  version (2)           20  n  body
    5   1  kind                  20+n 16  tag: HMAC-SHA-256 (RFC 2104), cut to 128 bits
    6   2  zero
    8   4  n, the body's length; all numbers little-endian

The tag covers direction, head and body under a key that both sides made of fresh random numbers, so a frame that was changed,
left out, repeated, sent back or taken from another connection does not fit. Against somebody who sits on the line and reads
those numbers this needs the shared secret, or TLS. A length is judged before anything of that length is allocated.
"""

from __future__ import annotations

import hmac
import struct
from dataclasses import dataclass
from enum import IntEnum

MAGIC, VERSION = b"PGFH", 2
TAG_SIZE = 16
_HEAD = struct.Struct("<4sBBHIQ")
HEAD_SIZE = _HEAD.size


class Kind(IntEnum):
    """What a frame is."""

    HELLO = 1
    WELCOME = 2
    MULTIPLY = 3
    PRODUCT = 4
    REFUSAL = 5
    PING = 6
    PONG = 7


class Refused(Exception):
    """A frame that is not what it must be. The text is one of ours, and holds nothing of the frame."""


@dataclass(frozen=True, slots=True)
class Head:
    """A frame's head, judged: kind and length are what the reader is ready for."""

    kind: Kind
    length: int
    written: bytes


class Direction:
    """The frames of one connection that go one way: `name` tells the two ways apart."""

    def __init__(self, name: bytes, key: bytes) -> None:
        self._name = name
        self._key = key
        self._next = 0

    def rekey(self, key: bytes) -> None:
        """From the next frame on; the numbers go on."""
        self._key = key

    def frame(self, kind: Kind, body: bytes | memoryview) -> bytes:
        """The next frame to send."""
        head = _HEAD.pack(MAGIC, VERSION, kind, 0, len(body), self._next)
        self._next += 1
        return b"".join((head, body, self._tag(head, body)))

    def head(self, written: bytes, limits: dict[Kind, int]) -> Head:
        """Judge the head of the next frame. `limits` are the kinds that may come now, and how long. Raises Refused."""
        magic, version, number, zero, length, sequence = _HEAD.unpack(written)
        if magic != MAGIC or version != VERSION or zero:
            raise Refused("a frame is not of this protocol or version")
        if number not in limits:
            raise Refused("a frame is of a kind that must not come now")
        if length > limits[Kind(number)]:
            raise Refused("a frame is longer than its kind may be")
        if sequence != self._next:
            raise Refused("a frame was left out or came again")
        return Head(Kind(number), length, written)

    def open(self, head: Head, rest: bytes | bytearray) -> memoryview:
        """The body, of the body and tag that follow a head. Raises Refused."""
        body, tag = memoryview(rest)[: head.length], rest[head.length :]
        if not hmac.compare_digest(tag, self._tag(head.written, body)):
            raise Refused("a frame was changed, or belongs to another connection")
        self._next += 1
        return body

    def _tag(self, head: bytes, body: bytes | memoryview) -> bytes:
        mac = hmac.new(self._key, self._name + head, "sha256")
        mac.update(body)
        return mac.digest()[:TAG_SIZE]


def opening_key(secret: bytes) -> bytes:
    """For HELLO and WELCOME. `secret` is what both sides were given, or nothing."""
    return hmac.digest(secret, b"privacy-gateway fhe 2 opening", "sha256")


def session_key(secret: bytes, client_nonce: bytes, server_nonce: bytes, fingerprint: bytes) -> bytes:
    """For everything after them: it says that both mean the same connection and the same model."""
    return hmac.digest(secret, b"privacy-gateway fhe 2 session" + client_nonce + server_nonce + fingerprint, "sha256")
