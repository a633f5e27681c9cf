"""What stands in the bodies of frames. Pure. Every reader raises `Refused` for bytes that do not fit exactly."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from math import prod

import numpy as np
from numpy.typing import NDArray

from gateway.fhe.layout import result_places
from gateway.fhe.parameters import InsecureParameters, Parameters
from gateway.fhe.plan import Plan
from gateway.fhe.wire.bits import pack, packed_size, unpack
from gateway.fhe.wire.frames import Kind, Refused

Words = NDArray[np.uint64]
NONCE_SIZE = 32
_WELCOME = struct.Struct("<32s32sIQ")
_CALL = struct.Struct("<16sHBB")
_REFUSAL = struct.Struct("<H")
OPENING_LIMITS = {Kind.HELLO: NONCE_SIZE}
WELCOME_LIMITS = {Kind.WELCOME: _WELCOME.size, Kind.REFUSAL: _REFUSAL.size}


class Reason(IntEnum):
    """Why the server refuses. After `BUSY` and `MALFORMED` it hangs up."""

    BUSY = 1
    MALFORMED = 2
    UNKNOWN_PRODUCT = 3
    FAILED = 4


@dataclass(frozen=True, slots=True)
class Welcome:
    """The server's answer to HELLO."""

    nonce: bytes
    fingerprint: bytes
    parameters: Parameters

    def to_bytes(self) -> bytes:
        return _WELCOME.pack(self.nonce, self.fingerprint, self.parameters.degree, self.parameters.modulus)

    @staticmethod
    def from_bytes(body: memoryview) -> Welcome:
        """Parameters below 128 bits are refused here too."""
        if len(body) != _WELCOME.size:
            raise Refused("a welcome has the wrong length")
        nonce, fingerprint, degree, modulus = _WELCOME.unpack(body)
        try:
            return Welcome(nonce, fingerprint, Parameters(degree, modulus))
        except InsecureParameters:
            raise Refused("the other side's parameters have less than 128 bits of security") from None


@dataclass(frozen=True, slots=True)
class Call:
    """Which product: `request` is random and the same for all products of one generation; `lanes` names the plan."""

    request: bytes
    layer: int
    product: int
    lanes: int

    def to_bytes(self) -> bytes:
        return _CALL.pack(self.request, self.layer, self.product, self.lanes)

    @staticmethod
    def split(body: memoryview) -> tuple[Call, memoryview]:
        """The call, and what follows it."""
        if len(body) < _CALL.size:
            raise Refused("a call has the wrong length")
        return Call(*_CALL.unpack(body[: _CALL.size])), body[_CALL.size :]


@dataclass(frozen=True, slots=True)
class Coding:
    """How the ciphertexts of one plan travel. Nothing here depends on what they hold."""

    plan: Plan
    parameters: Parameters
    places: NDArray[np.int64] = field(repr=False)

    @staticmethod
    def of(plan: Plan, parameters: Parameters) -> Coding:
        return Coding(plan, parameters, result_places(plan))

    @property
    def up_size(self) -> int:
        """Bytes of a MULTIPLY frame's body."""
        return _CALL.size + packed_size(self.plan.blocks * 2 * self.parameters.degree, self.parameters.bits)

    @property
    def down_size(self) -> int:
        """Bytes of a PRODUCT frame's body."""
        return _CALL.size + self._mask_size + packed_size(self.plan.tiles * len(self.places), self._body_bits)

    def write_up(self, call: Call, ciphertexts: Iterable[Words]) -> bytes:
        """Fresh ciphertexts (2, degree), whole: every bit of theirs counts."""
        return b"".join((call.to_bytes(), *(pack(each, self.parameters.bits).data for each in ciphertexts)))

    def read_up(self, packed: memoryview) -> Words:
        """(blocks, 2, degree)."""
        shape = (self.plan.blocks, 2, self.parameters.degree)
        words = _unpacked(packed, prod(shape), self.parameters.bits)
        if words.max() >= self.parameters.modulus:
            raise Refused("a number is not below the modulus")
        return words.reshape(shape)

    def write_down(self, call: Call, bodies: Words, masks: Words) -> bytes:
        """Products, without the low bits that the client does not need: c0 where results stand (tiles, places), and c1 (tiles,
        degree).
        """
        mask = pack(masks, self._mask_bits, self.plan.drop_mask)
        body = pack(bodies, self._body_bits, self.plan.drop_body)
        return b"".join((call.to_bytes(), mask.data, body.data))

    def read_down(self, packed: memoryview) -> tuple[Words, Words]:
        """The same, with what was dropped taken to be in the middle."""
        tiles, degree, modulus = self.plan.tiles, self.parameters.degree, self.parameters.modulus
        mask, body = packed[: self._mask_size], packed[self._mask_size :]
        masks = _unpacked(mask, tiles * degree, self._mask_bits, self.plan.drop_mask, modulus)
        bodies = _unpacked(body, tiles * len(self.places), self._body_bits, self.plan.drop_body, modulus)
        return bodies.reshape(tiles, -1), masks.reshape(tiles, degree)

    @property
    def _mask_bits(self) -> int:
        return self.parameters.bits - self.plan.drop_mask

    @property
    def _body_bits(self) -> int:
        return self.parameters.bits - self.plan.drop_body

    @property
    def _mask_size(self) -> int:
        return packed_size(self.plan.tiles * self.parameters.degree, self._mask_bits)


def write_refusal(reason: Reason) -> bytes:
    return _REFUSAL.pack(reason)


def read_refusal(body: memoryview) -> Reason:
    try:
        return Reason(_REFUSAL.unpack(body)[0])
    except (struct.error, ValueError):
        raise Refused("a refusal has no reason that is known") from None


def _unpacked(packed: memoryview, words: int, bits: int, dropped: int = 0, modulus: int = 0) -> Words:
    try:
        return unpack(np.frombuffer(packed, dtype=np.uint8), words, bits, dropped, modulus)
    except ValueError:
        raise Refused("a body has another length than its plan says") from None
