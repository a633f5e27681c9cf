"""Reads GGUF by the library of llama.cpp's authors: hyperparameters, words and tensors, dequantised to float32."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGUFEndian, GGUFReader, GGUFValueType, ReaderTensor
from gguf.quants import dequantize
from numpy.typing import NDArray

from gateway.fhe.model.shape import Product, Shape

Floats = NDArray[np.float32]


class UnreadableModel(Exception):
    """The file is no GGUF, or holds no model of Llama's architecture; the text says which."""


@dataclass(frozen=True, slots=True)
class Words:
    """The tokenizer's data as GGUF holds it: byte-level BPE. Kinds 3 and 4 are control and user-defined words."""

    kind: str
    pre: str
    words: tuple[str, ...] = field(repr=False)
    kinds: tuple[int, ...] = field(repr=False)
    merges: tuple[str, ...] = field(repr=False)
    end: int
    template: str = field(repr=False)


class _Reader(GGUFReader):
    """Cuts a plain view of the mapped file into pieces: a `memmap` asks for each of a million whether it still is one, which is
    most of the time that opening takes.
    """

    _view: NDArray[np.uint8]

    @property  # type: ignore[override]
    def data(self) -> NDArray[np.uint8]:
        return self._view

    @data.setter
    def data(self, mapped: NDArray[np.uint8]) -> None:
        self._view = np.asarray(mapped)


class ModelFile:
    """An open GGUF. Tensors are read when they are asked for; the file stays mapped."""

    def __init__(self, file: Path) -> None:
        """Raises UnreadableModel."""
        try:
            self._reader = _Reader(file)
        except (OSError, ValueError, IndexError, KeyError):
            raise UnreadableModel("the model's file cannot be read as GGUF") from None
        if self.value("general.architecture") != "llama":
            raise UnreadableModel("the model is not of Llama's architecture")
        self._tensors = {tensor.name: tensor for tensor in self._reader.tensors}
        self.shape = self._read_shape()

    def value(self, name: str, default: Any = None) -> Any:
        """A value of the header."""
        entry = self._reader.get_field(name)
        return default if entry is None else entry.contents()

    def holds(self, name: str) -> bool:
        """Whether there is a tensor of this name."""
        return name in self._tensors

    def tensor(self, name: str) -> Floats:
        """Raises UnreadableModel where there is none."""
        if name not in self._tensors:
            raise UnreadableModel(f"the model has no tensor {name}")
        found = self._tensors[name]
        return np.asarray(dequantize(found.data, found.tensor_type), dtype=np.float32)

    def header(self) -> Iterator[tuple[str, Any, GGUFValueType, GGUFValueType | None]]:
        """Names, values and types of everything in the header."""
        for name, entry in self._reader.fields.items():
            yield name, entry.contents(), entry.types[0], entry.types[-1] if len(entry.types) > 1 else None

    def tensors_beside_layers(self) -> Iterator[ReaderTensor]:
        """Embedding, norms and head, as they are written."""
        for name, tensor in self._tensors.items():
            if not name.startswith("blk.") or "_norm." in name:
                yield tensor

    @property
    def endianess(self) -> GGUFEndian:
        """The file's byte order."""
        return self._reader.endianess

    def weights(self, layer: int, product: Product) -> Floats:
        """The rows of all matrices of a product, one after the other."""
        whole = np.concatenate([self.tensor(f"blk.{layer}.{matrix}.weight") for matrix in product.matrices])
        if whole.shape != (self.shape.outputs(product), self.shape.inputs(product)):
            raise UnreadableModel("a matrix of the model has another size than its header says")
        return whole

    def words(self) -> Words:
        """Raises UnreadableModel for a tokenizer other than byte-level BPE."""
        if (kind := self.value("tokenizer.ggml.model")) != "gpt2":
            raise UnreadableModel("the model's tokenizer is not byte-level BPE")
        return Words(
            kind=kind,
            pre=self.value("tokenizer.ggml.pre", "default"),
            words=tuple(self.value("tokenizer.ggml.tokens")),
            kinds=tuple(self.value("tokenizer.ggml.token_type")),
            merges=tuple(self.value("tokenizer.ggml.merges", ())),
            end=int(self.value("tokenizer.ggml.eos_token_id")),
            template=self.value("tokenizer.chat_template", ""),
        )

    def _read_shape(self) -> Shape:
        try:
            heads = int(self.value("llama.attention.head_count"))
            width = int(self.value("llama.embedding_length"))
            words = self._reader.get_field("tokenizer.ggml.tokens")
            return Shape(
                layers=int(self.value("llama.block_count")),
                width=width,
                hidden=int(self.value("llama.feed_forward_length")),
                heads=heads,
                kv_heads=int(self.value("llama.attention.head_count_kv", heads)),
                head=int(self.value("llama.rope.dimension_count", width // heads)),
                vocabulary=0 if words is None else len(words.data),
                context=int(self.value("llama.context_length")),
                rope_base=float(self.value("llama.rope.freq_base", 10_000.0)),
                epsilon=float(self.value("llama.attention.layer_norm_rms_epsilon")),
            )
        except (TypeError, ValueError):
            raise UnreadableModel("the model's header lacks a dimension") from None
