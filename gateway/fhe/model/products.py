"""Matrix products on integers, whoever multiplies them: numbers are quantised before, and become numbers again after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gateway.fhe.model.blueprint import Scales, longest
from gateway.fhe.model.gguf_file import ModelFile
from gateway.fhe.model.quantise import Integers, dequantise, quantise_vectors
from gateway.fhe.model.shape import Product, Shape
from gateway.fhe.model.widths import Widths

Floats = NDArray[np.float32]


class Multiply(Protocol):
    """Integer vectors (positions x inputs) times the integer rows of one product: exact, or an error."""

    def __call__(self, layer: int, product: Product, vectors: Integers) -> Integers: ...


class QuantisedProducts:
    """The `Products` of a forward pass, by integers."""

    def __init__(self, shape: Shape, bits: Widths, scales: Scales, multiply: Multiply) -> None:
        self._shape = shape
        self._bits = bits
        self._scales = scales
        self._multiply = multiply

    def __call__(self, layer: int, product: Product, vectors: Floats) -> Floats:
        bits = self._bits.of(layer, product)
        quantised = quantise_vectors(vectors, bits, longest(self._shape, product, bits))
        return dequantise(self._multiply(layer, product, quantised.integers), quantised, self._scales[layer, product])


class InClear:
    """Multiplies in clear, to compare with. Integers below 2^53 are exact in float64, and BLAS is quick with those."""

    def __init__(self, rows: Mapping[tuple[int, Product], NDArray[np.int16]]) -> None:
        self._rows = rows

    def __call__(self, layer: int, product: Product, vectors: Integers) -> Integers:
        exact = vectors.astype(np.float64) @ self._rows[layer, product].T.astype(np.float64)
        return exact.astype(np.int64)


class FloatProducts:
    """The products of the model as it is in its file, in float32: what quantised ones are compared with."""

    def __init__(self, model: ModelFile, layers: int | None = None) -> None:
        count = layers or model.shape.layers
        self._weights = {(layer, product): model.weights(layer, product) for layer in range(count) for product in Product}

    def __call__(self, layer: int, product: Product, vectors: Floats) -> Floats:
        return np.asarray(vectors @ self._weights[layer, product].T)
