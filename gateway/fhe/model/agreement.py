"""How often a quantised model would say the same next word as the model in float32."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from gateway.fhe.model.client_part import ends_of
from gateway.fhe.model.forward import Forward, Memory, Products
from gateway.fhe.model.gguf_file import ModelFile
from gateway.fhe.model.products import FloatProducts, InClear, QuantisedProducts
from gateway.fhe.model.quantise import quantise_matrix
from gateway.fhe.model.shape import Product
from gateway.fhe.model.tokenizer import WordPieces
from gateway.fhe.model.widths import Widths


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of so many positions, where both had read the same text."""

    bits: Widths
    same: int
    positions: int


def agreements(model: ModelFile, texts: Iterable[str], settings: Iterable[Widths]) -> Iterator[Agreement]:
    """Teacher-forced: each position is asked for its likeliest next word after the text as it is. Raises UnusableBits."""
    pieces = WordPieces(model.words())
    tokens = [pieces.encode(text) for text in texts]
    exact = FloatProducts(model)
    wanted = _favourites(model, exact, tokens)
    for bits in settings:
        said = _favourites(model, quantised_products(model, bits), tokens)
        yield Agreement(bits, sum(a == b for a, b in zip(wanted, said, strict=True)), len(wanted))


def quantised_products(model: ModelFile, bits: Widths) -> QuantisedProducts:
    """The model's products in integers, multiplied in clear. Raises UnusableBits."""
    bits.check(model.shape.layers)
    places = [(layer, product) for layer in range(model.shape.layers) for product in Product]
    matrices = {place: quantise_matrix(model.weights(*place), bits.of(*place)) for place in places}
    rows = {place: matrix.rows for place, matrix in matrices.items()}
    scales = {place: matrix.scales for place, matrix in matrices.items()}
    return QuantisedProducts(model.shape, bits, scales, InClear(rows))


def _favourites(model: ModelFile, products: Products, tokens: list[list[int]]) -> list[int]:
    forward = Forward(model.shape, ends_of(model), products)
    favourites: list[int] = []
    for each in tokens:
        states = forward(each, Memory(model.shape, len(each)))
        favourites += np.argmax(forward.logits(states), axis=1).tolist()
    return favourites
