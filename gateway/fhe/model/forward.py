"""The forward pass of a Llama, with its matrix products left to somebody else: in clear, quantised, or under encryption.

RMSNorm (Zhang and Sennrich 2019), RoPE in the pairing of llama.cpp (Su et al. 2021), grouped-query attention (Ainslie et al.
2023), SwiGLU (Shazeer 2020). NumPy and float32.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gateway.fhe.model.shape import Product, Shape

Floats = NDArray[np.float32]


class Products(Protocol):
    """Multiplies vectors (positions x inputs) by the rows of one product of one layer."""

    def __call__(self, layer: int, product: Product, vectors: Floats) -> Floats: ...


@dataclass(frozen=True, slots=True)
class Ends:
    """What surrounds the matrices: embedding, norms (two a layer, and the last) and the head. They stay with the client."""

    embedding: Floats = field(repr=False)
    norms: tuple[tuple[Floats, Floats], ...] = field(repr=False)
    last_norm: Floats = field(repr=False)
    head: Floats = field(repr=False)


class Memory:
    """Keys and values of the positions so far (the KV cache)."""

    def __init__(self, shape: Shape, positions: int) -> None:
        """Room for this many positions."""
        size = (shape.layers, positions, shape.kv_heads, shape.head)
        self.keys = np.zeros(size, dtype=np.float32)
        self.values = np.zeros(size, dtype=np.float32)
        self.length = 0

    @property
    def room(self) -> int:
        """Positions that still fit."""
        return self.keys.shape[1] - self.length


class Forward:
    """One model. It holds no state of a conversation: that is in `Memory`."""

    def __init__(self, shape: Shape, ends: Ends, products: Products) -> None:
        self._shape = shape
        self._ends = ends
        self._products = products
        self._frequencies = shape.rope_base ** (-np.arange(0, shape.head, 2) / shape.head)

    def __call__(self, tokens: list[int], memory: Memory) -> Floats:
        """The last state of each token (positions x width); `memory` grows by them. Raises ValueError when it is full."""
        if len(tokens) > memory.room:
            raise ValueError("the memory has no room for these positions")
        states = self._ends.embedding[tokens]
        turns = self._turns(memory.length, len(tokens))
        for layer, (before, after) in enumerate(self._ends.norms):
            states = states + self._attention(layer, self._norm(states, before), turns, memory)
            states = states + self._mix(layer, self._norm(states, after))
        memory.length += len(tokens)
        return states

    def logits(self, states: Floats) -> Floats:
        """The score of each word to follow each of these states."""
        return np.asarray(self._norm(states, self._ends.last_norm) @ self._ends.head.T)

    def _attention(self, layer: int, states: Floats, turns: tuple[Floats, Floats], memory: Memory) -> Floats:
        shape, count = self._shape, len(states)
        queries, keys, values = self._split(self._products(layer, Product.QKV, states))
        start, end = memory.length, memory.length + count
        memory.keys[layer, start:end] = _turned(keys, turns)
        memory.values[layer, start:end] = values
        grouped = _turned(queries, turns).reshape(count, shape.kv_heads, -1, shape.head)
        scores = np.einsum("pgqd,tgd->gqpt", grouped, memory.keys[layer, :end]) / np.sqrt(np.float32(shape.head))
        scores[:, :, np.arange(end) > np.arange(start, end)[:, None]] = -np.inf  # no position sees a later one
        attended = np.einsum("gqpt,tgd->pgqd", _softmax(scores), memory.values[layer, :end])
        return self._products(layer, Product.ATTENDED, attended.reshape(count, -1))

    def _mix(self, layer: int, states: Floats) -> Floats:
        gate, up = np.split(self._products(layer, Product.GATE_UP, states), 2, axis=1)
        return self._products(layer, Product.DOWN, gate / (1 + np.exp(-np.clip(gate, -80, None))) * up)

    def _norm(self, states: Floats, weight: Floats) -> Floats:
        mean_square = np.square(states).mean(axis=1, keepdims=True)
        return np.asarray(states / np.sqrt(mean_square + np.float32(self._shape.epsilon)) * weight)

    def _split(self, joined: Floats) -> tuple[Floats, Floats, Floats]:
        shape = self._shape
        first = shape.heads * shape.head
        queries, keys, values = np.split(joined, [first, first + shape.kv_width], axis=1)
        return (
            queries.reshape(-1, shape.heads, shape.head),
            keys.reshape(-1, shape.kv_heads, shape.head),
            values.reshape(-1, shape.kv_heads, shape.head),
        )

    def _turns(self, start: int, count: int) -> tuple[Floats, Floats]:
        angles = np.arange(start, start + count)[:, None, None] * self._frequencies
        return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)


def _turned(heads: Floats, turns: tuple[Floats, Floats]) -> Floats:
    """RoPE: each pair of neighbours is turned by the angle of its position."""
    cosine, sine = turns
    even, odd = heads[..., 0::2], heads[..., 1::2]
    return np.stack([even * cosine - odd * sine, even * sine + odd * cosine], axis=-1).reshape(heads.shape)


def _softmax(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
