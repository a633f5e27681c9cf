"""The head of a real model: its weights, its inputs, and how often the model's next word stays the same with it in integers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bench.fhe.article.head import Floats, Head, in_clear
from gateway.fhe.model.client_part import ends_of
from gateway.fhe.model.forward import Forward, Memory
from gateway.fhe.model.gguf_file import ModelFile
from gateway.fhe.model.products import FloatProducts
from gateway.fhe.model.shape import Product, Shape
from gateway.fhe.model.tokenizer import WordPieces

POSITIONS = 6


@dataclass(slots=True)
class Replaced:
    """The products of a model in float32 whose first head of the first layer may be another. Keeps what that head has read."""

    products: FloatProducts
    head: Head | None = None
    states: Floats = field(default_factory=lambda: np.empty(0), repr=False)

    def __call__(self, layer: int, product: Product, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        if layer == 0 and product is Product.QKV:
            self.states = vectors.astype(np.float64)
        if layer == 0 and product is Product.ATTENDED and self.head:
            vectors = vectors.copy()
            outputs = self.head.attended(self.head.integers(self.states), in_clear)
            vectors[:, : self.head.size] = self.head.numbers(outputs)
        return self.products(layer, product, vectors)


class Reader:
    """Reads texts in windows of six tokens, with a head of its own or of the model."""

    def __init__(self, model: ModelFile, texts: tuple[str, ...]) -> None:
        pieces = WordPieces(model.words())
        tokens = [token for text in texts for token in pieces.encode(text)]
        self.windows = [tokens[n : n + POSITIONS] for n in range(0, len(tokens) - POSITIONS + 1, POSITIONS)]
        self._shape = model.shape
        self._products = Replaced(FloatProducts(model))
        self._forward = Forward(model.shape, ends_of(model), self._products)

    def read(self, head: Head | None = None) -> tuple[list[int], Floats]:
        """The likeliest next word at each position, and what the first layer's heads read (windows, positions, width)."""
        self._products.head = head
        favourites, states = list[int](), list[Floats]()
        for window in self.windows:
            last = self._forward(window, Memory(self._shape, POSITIONS))
            favourites += np.argmax(self._forward.logits(last), axis=1).tolist()
            states.append(self._products.states)
        return favourites, np.stack(states)


def head_weights(model: ModelFile) -> Floats:
    """(positions, inputs, 3 x size): queries, keys and values of the first head, turned for each position."""
    shape = model.shape
    rows = model.weights(0, Product.QKV).astype(np.float64)
    first = shape.heads * shape.head
    queries, keys, values = (rows[start : start + shape.head] for start in (0, first, first + shape.kv_width))
    turned = [np.concatenate([_turned(queries, n, shape), _turned(keys, n, shape), values]).T for n in range(POSITIONS)]
    return np.stack(turned)


def _turned(rows: Floats, position: int, shape: Shape) -> Floats:
    angles = position * shape.rope_base ** (-np.arange(0, shape.head, 2) / shape.head)
    cosine, sine = np.cos(angles)[:, None], np.sin(angles)[:, None]
    even, odd = rows[0::2], rows[1::2]
    return np.stack([even * cosine - odd * sine, even * sine + odd * cosine], axis=1).reshape(rows.shape)
