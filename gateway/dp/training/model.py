"""The model that is adapted: from a Hugging Face folder or a GGUF file on this machine, with low-rank adapters beside it."""

from __future__ import annotations

import warnings
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
import transformers
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from gateway.dp.training.plan import Plan
from gateway.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class Base:
    """A model with frozen weights, and its tokenizer. `digest` is a SHA-256 of the weights' files."""

    model: Any
    tokenizer: Any
    name: str
    digest: str


def load_base(path: Path) -> Base:
    """Raises InvalidRequest for what is no causal language model."""
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    folder, options = (path, {}) if path.is_dir() else (path.parent, {"gguf_file": path.name})
    with suppress(OSError, ValueError, KeyError, RuntimeError):
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, **options)
        model = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, dtype=torch.float32, **options)
        model.requires_grad_(requires_grad=False)
        model.config.use_cache = False
        return Base(model, tokenizer, path.name, _digest(path))
    raise InvalidRequest("This is no causal language model that can be read: name a GGUF file or a folder.", param="model")


def with_adapter(base: Base, plan: Plan) -> Any:
    """The model with fresh adapters, which alone are trained. They change nothing yet. Raises InvalidRequest."""
    config = LoraConfig(
        r=plan.rank, lora_alpha=2 * plan.rank, lora_dropout=0.0, target_modules=list(plan.targets), task_type="CAUSAL_LM"
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # PEFT asks Transformers for something by its older name
            return get_peft_model(base.model, config)
    except ValueError:
        raise InvalidRequest("The model has no such layers.", param="targets") from None


def _digest(path: Path) -> str:
    files = [path] if path.is_file() else sorted([*path.glob("*.safetensors"), *path.glob("*.bin")])
    hashed = sha256()
    for file in files:
        with file.open("rb") as opened:
            while block := opened.read(1 << 20):
                hashed.update(block)
    return hashed.hexdigest()
