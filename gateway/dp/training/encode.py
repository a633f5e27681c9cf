"""Examples as tokens. What is learned is the answer; the turns before it are only read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from gateway.dp.dataset.example import Example

IGNORED = -100
"""The label of a token that is not learned, as PyTorch's cross entropy knows it."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token ids, of which those from `answer` on are learned."""

    ids: tuple[int, ...] = field(repr=False)
    answer: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded to one length; `labels` are the ids where they are learned."""

    ids: torch.Tensor = field(repr=False)
    mask: torch.Tensor = field(repr=False)
    labels: torch.Tensor = field(repr=False)


def encode_units(tokenizer: Any, units: Mapping[str, Sequence[Example]], most: int) -> list[list[Encoded]]:
    """Units in the order of their names."""
    return [[encode(tokenizer, example, most) for example in units[name]] for name in sorted(units)]


def encode(tokenizer: Any, example: Example, most: int) -> Encoded:
    """At most so many tokens: first the beginning of what was asked goes, then the end of the answer."""
    asked, answer = _asked(tokenizer, example), _answer(tokenizer, example)
    answer = answer[: most - 1]
    asked = asked[len(asked) - min(len(asked), most - len(answer)) :]
    return Encoded((*asked, *answer), len(asked))


def collate(encoded: Sequence[Encoded], padding: int, device: str) -> Batch:
    """Of no examples there is no batch: give it one at least."""
    length = max(len(one.ids) for one in encoded)
    ids = torch.full((len(encoded), length), padding)
    mask, labels = torch.zeros_like(ids), torch.full_like(ids, IGNORED)
    for row, one in enumerate(encoded):
        known = torch.tensor(one.ids)
        ids[row, : len(known)], mask[row, : len(known)] = known, 1
        labels[row, one.answer : len(known)] = known[one.answer :]
    return Batch(ids.to(device), mask.to(device), labels.to(device))


def _asked(tokenizer: Any, example: Example) -> list[int]:
    turns = [{"role": turn.role, "content": turn.content} for turn in example.turns[:-1]]
    if tokenizer.chat_template:
        text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    else:
        text = "".join(f"{turn['role']}: {turn['content']}\n" for turn in turns) + "assistant: "
    return list(tokenizer(text, add_special_tokens=False)["input_ids"]) or [_end(tokenizer)]


def _answer(tokenizer: Any, example: Example) -> list[int]:
    return [*tokenizer(example.turns[-1].content, add_special_tokens=False)["input_ids"], _end(tokenizer)]


def _end(tokenizer: Any) -> int:
    return int(tokenizer.eos_token_id or 0)
