"""Writes the `tokenizer.json` of a model that exists as a GGUF file only: its vocabulary and merges stand in the file's head.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. SmolLM's pre-tokenizer splits digits one by one and else
as GPT-2's does.
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path
from typing import Any

_NUMBERS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9
_CONTROL = 3


class _Head:
    """Reads values one after the other."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = 0

    def skip(self, count: int) -> None:
        self._at += count

    def number(self, form: str) -> Any:
        (value,) = struct.unpack_from(form, self._data, self._at)
        self._at += struct.calcsize(form)
        return value

    def string(self) -> str:
        length = self.number("<Q")
        self._at += length
        return self._data[self._at - length : self._at].decode("utf-8")

    def value(self, kind: int) -> Any:
        if kind == _STRING:
            return self.string()
        if kind == _ARRAY:
            inner, count = self.number("<I"), self.number("<Q")
            return [self.value(inner) for _ in range(count)]
        return self.number(_NUMBERS[kind])


def metadata(path: Path) -> dict[str, Any]:
    """The keys and values in the file's head."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        head = _Head(data)
        head.skip(16)  # magic, version, number of tensors
        return {head.string(): head.value(head.number("<I")) for _ in range(head.number("<Q"))}


def write_tokenizer(model: Path, out: Path) -> None:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    known = metadata(model)
    words = known["tokenizer.ggml.tokens"]
    merges = [tuple(one.split(" ", 1)) for one in known["tokenizer.ggml.merges"]]
    tokenizer = Tokenizer(models.BPE(vocab={word: at for at, word in enumerate(words)}, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    kinds = known["tokenizer.ggml.token_type"]
    tokenizer.add_special_tokens(
        [AddedToken(word, special=True) for word, kind in zip(words, kinds, strict=True) if kind == _CONTROL]
    )
    tokenizer.save(str(out))
