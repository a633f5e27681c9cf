"""Writes an adapter as llama.cpp reads it (`--lora`), in the way of its convert_lora_to_gguf.py.

llama.cpp keeps the rows of queries and keys in another order than Hugging Face: each head's two halves are interleaved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import gguf
import numpy as np

_PREFIX = "base_model.model."
_SIDES = MappingProxyType({".lora_A.weight": "lora_a", ".lora_B.weight": "lora_b"})
_INTERLEAVED = ("q_proj", "k_proj")


def can_be_written(config: Any) -> bool:
    """Only what was tried against a real llama.cpp."""
    return getattr(config, "model_type", None) == "llama"


def write_adapter(path: Path, config: Any, adapter: Mapping[str, np.ndarray[Any, Any]], alpha: float) -> None:
    """`adapter` by PEFT's names. Raises ValueError for a layer that llama.cpp does not name, and OSError."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, alpha)
    for name, tensor in _tensors(config, adapter):
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _tensors(config: Any, adapter: Mapping[str, np.ndarray[Any, Any]]) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config.num_hidden_layers)
    heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}
    for key, tensor in sorted(adapter.items()):
        side = next(ending for ending in _SIDES if key.endswith(ending))
        layer = key.removeprefix(_PREFIX).removesuffix(side)
        name = names.get_name(layer)
        if name is None:
            raise ValueError("llama.cpp has no name for this layer")
        kind = layer.rsplit(".", 1)[-1]
        swapped = kind in _INTERLEAVED and _SIDES[side] == "lora_b"
        yield f"{name}.weight.{_SIDES[side]}", _interleaved(tensor, heads[kind]) if swapped else tensor


def _interleaved(tensor: np.ndarray[Any, Any], heads: int) -> np.ndarray[Any, Any]:
    """As LlamaModel.permute in llama.cpp's convert_hf_to_gguf.py."""
    shape = tensor.shape
    parts = tensor.reshape(heads, 2, shape[0] // heads // 2, *shape[1:])
    return np.ascontiguousarray(parts.swapaxes(1, 2).reshape(shape))
