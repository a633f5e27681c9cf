"""Encrypted products are exact, and what is not is refused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from gateway.errors import UpstreamProtocolError
from gateway.fhe.client.key import Key, Scheme
from gateway.fhe.client.multiply import EncryptedMultiply
from gateway.fhe.model.client_part import ClientPart
from gateway.fhe.model.gguf_file import ModelFile
from gateway.fhe.model.quantise import Bits, quantise_matrix
from gateway.fhe.model.shape import Product
from gateway.fhe.server.weights import ServedModel


class Line:
    """A connection to a server in this process, which can be made to cheat."""

    def __init__(self, served: ServedModel) -> None:
        self._served = served
        self.change: Callable[[bytearray], bytearray] = bytearray

    def call(self, body: bytes, answer_size: int) -> memoryview:
        answer = self.change(bytearray(self._served.multiply(memoryview(body))))
        assert len(answer) == answer_size
        return memoryview(bytes(answer))


@pytest.fixture
def line(served_tiny: ServedModel) -> Line:
    return Line(served_tiny)


def _multiply(line: Line, key: Key, part: ClientPart) -> EncryptedMultiply:
    return EncryptedMultiply(line, key, part.blueprint)  # type: ignore[arg-type]


def _vectors(count: int, inputs: int, seed: int = 0) -> NDArray[np.int64]:
    return np.random.default_rng(seed).integers(-900, 901, (count, inputs))


@pytest.mark.parametrize("product", list(Product))
@pytest.mark.parametrize("count", [1, 2, 32, 45])
def test_products_are_exact(product: Product, count: int, line: Line, key: Key, tiny_part: ClientPart, tiny: ModelFile) -> None:
    vectors = _vectors(count, tiny.shape.inputs(product))
    rows = quantise_matrix(tiny.weights(1, product), Bits()).rows
    assert (_multiply(line, key, tiny_part)(1, product, vectors) == vectors @ rows.T.astype(np.int64)).all()


def test_a_vector_that_could_overflow_is_not_sent(line: Line, key: Key, tiny_part: ClientPart) -> None:
    with pytest.raises(ValueError, match="overflow"):
        _multiply(line, key, tiny_part)(0, Product.QKV, np.full((1, tiny_part.shape.width), 4095))


def test_another_key_is_noticed(scheme: Scheme, line: Line, key: Key, tiny_part: ClientPart) -> None:
    forgetful = _multiply(line, key, tiny_part)
    other = Key(scheme)
    key.decrypt = other.decrypt  # type: ignore[method-assign]
    with pytest.raises(UpstreamProtocolError, match="does not decrypt"):
        forgetful(0, Product.QKV, _vectors(1, tiny_part.shape.width))


@pytest.mark.parametrize("place", [25, 5_000, -70])
def test_damaged_ciphertexts_are_noticed(place: int, line: Line, key: Key, tiny_part: ClientPart) -> None:
    """By what they decrypt to; on the way a frame's tag tells. Who serves the model can still shift a result by whole numbers."""

    def damage(answer: bytearray) -> bytearray:
        answer[place : place + 64] = bytes(byte ^ 0x5A for byte in answer[place : place + 64])
        return answer

    line.change = damage
    with pytest.raises(UpstreamProtocolError, match="does not decrypt"):
        _multiply(line, key, tiny_part)(0, Product.QKV, _vectors(1, tiny_part.shape.width))


def test_the_answer_to_another_call_is_noticed(line: Line, key: Key, tiny_part: ClientPart) -> None:
    kept: list[bytearray] = []

    def old(answer: bytearray) -> bytearray:
        kept.append(answer)
        return kept[0]

    line.change = old
    vectors = _vectors(1, tiny_part.shape.width)
    first, second = (_multiply(line, key, tiny_part) for _ in range(2))
    first(0, Product.QKV, vectors)
    with pytest.raises(UpstreamProtocolError, match="another call"):
        second(0, Product.QKV, vectors)
