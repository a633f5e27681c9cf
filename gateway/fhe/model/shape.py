"""What a model is made of, in numbers, and its four products a layer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Product(IntEnum):
    """Matrices that read the same vector are one product: one round trip. The number is the one on the wire."""

    QKV = 0
    ATTENDED = 1
    GATE_UP = 2
    DOWN = 3

    @property
    def matrices(self) -> tuple[str, ...]:
        """GGUF's names of its matrices, in the order in which their rows follow each other."""
        return _MATRICES[self]


_MATRICES = {
    Product.QKV: ("attn_q", "attn_k", "attn_v"),
    Product.ATTENDED: ("attn_output",),
    Product.GATE_UP: ("ffn_gate", "ffn_up"),
    Product.DOWN: ("ffn_down",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Hyperparameters, named as in GGUF. `rope_base` and `epsilon` are those of RoPE and of RMSNorm."""

    layers: int
    width: int
    hidden: int
    heads: int
    kv_heads: int
    head: int
    vocabulary: int
    context: int
    rope_base: float
    epsilon: float

    def __post_init__(self) -> None:
        """Raises ValueError for a shape that no Llama has."""
        if min(self.layers, self.width, self.hidden, self.heads, self.kv_heads, self.head, self.vocabulary, self.context) < 1:
            raise ValueError("a model's dimensions must be positive")
        if self.heads % self.kv_heads or self.head % 2:
            raise ValueError("query heads must share key heads evenly, and a head must be even for RoPE")

    @property
    def kv_width(self) -> int:
        """Length of the keys of one position, of all heads together."""
        return self.kv_heads * self.head

    def inputs(self, product: Product) -> int:
        """Length of the vector that a product reads."""
        sizes = {Product.ATTENDED: self.heads * self.head, Product.DOWN: self.hidden}
        return sizes.get(product, self.width)

    def outputs(self, product: Product) -> int:
        """Number of its rows."""
        sizes = {Product.QKV: self.heads * self.head + 2 * self.kv_width, Product.GATE_UP: 2 * self.hidden}
        return sizes.get(product, self.width)
