"""A Llama of two small layers with random weights, as a GGUF: everything that the real model has, in a millisecond a layer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gguf import GGUFWriter

MARKS = ("<|end|>", "<|start|>")
TEMPLATE = (
    "{% for message in messages %}{{ '<|start|>' + message['role'] + '\n' + message['content'] + '<|end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start|>assistant\n' }}{% endif %}"
)
_WIDTH, _HIDDEN, _HEADS, _KV_HEADS, _LAYERS = 64, 96, 4, 2, 2


def byte_words() -> list[str]:
    """The 256 letters of byte-level BPE (Radford et al. 2019): printable bytes stand for themselves, others for U+0100 and on."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(byte) if byte in printable else chr(next(others)) for byte in range(256)]


def write_tiny_model(file: Path, seed: int = 0, hidden: int = _HIDDEN) -> Path:
    """The same weights for the same seed; `hidden` makes it less tiny."""
    random = np.random.default_rng(seed)
    writer = GGUFWriter(file, "llama")
    writer.add_name("tiny")
    writer.add_block_count(_LAYERS)
    writer.add_embedding_length(_WIDTH)
    writer.add_feed_forward_length(hidden)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_KV_HEADS)
    writer.add_rope_dimension_count(_WIDTH // _HEADS)
    writer.add_rope_freq_base(10_000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_context_length(512)
    words = [*MARKS, *byte_words()]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(words)
    writer.add_token_types([3] * len(MARKS) + [1] * 256)
    writer.add_token_merges([])
    writer.add_eos_token_id(0)
    writer.add_chat_template(TEMPLATE)

    def add(name: str, *shape: int) -> None:
        values = random.normal(size=shape) if len(shape) > 1 else 1 + random.normal(size=shape) / 8
        writer.add_tensor(f"{name}.weight", (values / (np.sqrt(shape[-1]) if len(shape) > 1 else 1)).astype(np.float32))

    head = _WIDTH // _HEADS
    for name, *shape in [("token_embd", len(words), _WIDTH), ("output_norm", _WIDTH), ("output", len(words), _WIDTH)]:
        add(str(name), *[int(each) for each in shape])
    for layer in range(_LAYERS):
        add(f"blk.{layer}.attn_norm", _WIDTH)
        add(f"blk.{layer}.ffn_norm", _WIDTH)
        add(f"blk.{layer}.attn_q", _HEADS * head, _WIDTH)
        add(f"blk.{layer}.attn_k", _KV_HEADS * head, _WIDTH)
        add(f"blk.{layer}.attn_v", _KV_HEADS * head, _WIDTH)
        add(f"blk.{layer}.attn_output", _WIDTH, _HEADS * head)
        add(f"blk.{layer}.ffn_gate", hidden, _WIDTH)
        add(f"blk.{layer}.ffn_up", hidden, _WIDTH)
        add(f"blk.{layer}.ffn_down", _WIDTH, hidden)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file
