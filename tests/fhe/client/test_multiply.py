"""Encrypted products are exact, and what is not is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from gateway.errors import UpstreamProtocolError
from gateway.fhe.client.key import Key, Scheme
from gateway.fhe.client.multiply import EncryptedMultiply
from gateway.fhe.model.blueprint import LANES
from gateway.fhe.model.client_part import ClientPart
from gateway.fhe.model.gguf_file import ModelFile
from gateway.fhe.model.quantise import Bits, quantise_matrix
from gateway.fhe.model.shape import Product
from gateway.fhe.server.weights import ServedModel, load_served_model
from gateway.fhe.wire.messages import Call, Coding
from tests.fhe.conftest import part_of
from tests.fhe.tiny import write_tiny_model


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


def test_a_wide_model_shares_ciphertexts_among_fewer_positions(key: Key, tmp_path: Path) -> None:
    file = write_tiny_model(tmp_path / "wide.gguf", hidden=4100)
    part, served = part_of(file, tmp_path / "client.gguf"), load_served_model(ModelFile(file), layers=2)[0]
    assert part.blueprint == served.blueprint
    assert part.blueprint.lanes == LANES[:-1]
    vectors = _vectors(70, 4100)
    rows = quantise_matrix(ModelFile(file).weights(1, Product.DOWN), Bits()).rows
    found = _multiply(Line(served), key, part)(1, Product.DOWN, vectors)
    assert (found == vectors @ rows.T.astype(np.int64)).all()


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


@pytest.mark.parametrize("beyond", [False, True])
def test_nothing_tells_a_lying_server_how_large_a_result_is(beyond: bool, line: Line, key: Key, tiny_part: ClientPart) -> None:
    """It can add whole numbers. Whether the sum is larger than any product may be says something about the prompt."""
    plan, parameters = tiny_part.blueprint.plans[0, Product.QKV, 1], tiny_part.blueprint.parameters
    coding, most = Coding.of(plan, parameters), (parameters.modulus // 2 >> plan.step_bits) - 1
    added = most if beyond else 1
    assert (added > plan.largest) is beyond

    def shifted(answer: bytearray) -> bytearray:
        call, packed = Call.split(memoryview(answer))
        bodies, masks = coding.read_down(packed)
        bodies[0, 0] = (int(bodies[0, 0]) + (added << plan.step_bits)) % parameters.modulus
        return bytearray(coding.write_down(call, bodies, masks))

    line.change = shifted
    found = _multiply(line, key, tiny_part)(0, Product.QKV, np.zeros((1, tiny_part.shape.width), dtype=np.int64))
    assert found[0].tolist() == [added] + [0] * (found.shape[1] - 1)


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
