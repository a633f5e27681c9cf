"""What an attacker with the trained model finds out: canary exposure, and membership by loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2
from typing import Any

import numpy as np
import torch

from bench.dp.town import Said, Town, codes
from gateway.dp.training.encode import Encoded
from gateway.dp.training.step import losses

CANDIDATES = 127
"""Codes that a canary is ranked among, beside its own: exposure is at most 7 bits, and 1.4 on average by chance."""
_CHUNK = 64


@dataclass(frozen=True, slots=True)
class Found:
    """`exposure` is the mean over the canaries, in bits; `membership` the area under the curve of an attacker who takes whoever
    has a low loss for a member; `loss` that of strangers' answers, in nats a token.
    """

    exposure: float
    membership: float
    loss: float


def encoded(tokenizer: Any, said: Said, answer: str | None = None) -> Encoded:
    """Plain, without a chat template: it is long, and the same for all."""
    asked = tokenizer(said.asked, add_special_tokens=False)["input_ids"]
    learned = tokenizer(said.answer if answer is None else answer, add_special_tokens=False)["input_ids"]
    return Encoded((*asked, *learned), len(asked))


def attacked(model: Any, tokenizer: Any, people: Town, seed: int) -> Found:
    model.eval()
    plain = [one for one in people.members if one.secret is None]
    with torch.no_grad():
        exposures = [_exposure(model, tokenizer, canary, seed) for canary in people.canaries]
        inside, outside = (_losses(model, tokenizer, group) for group in (plain, people.strangers))
    return Found(float(np.mean(exposures)), _auc(inside, outside), float(outside.mean()))


def _exposure(model: Any, tokenizer: Any, canary: Said, seed: int) -> float:
    """log2 of the number of candidates, less log2 of the rank of the true one."""
    secret = canary.secret or ""
    others = [code for code in codes(CANDIDATES + 1, seed) if code != secret][:CANDIDATES]
    asked = f"{canary.asked}{canary.answer.removesuffix(secret)}"
    given = tokenizer(asked, add_special_tokens=False)["input_ids"]
    ids = torch.tensor([tokenizer(f"{asked}{code}", add_special_tokens=False)["input_ids"] for code in [secret, *others]])
    found = _of_codes(model, ids, len(given))
    rank = 1 + int((found[1:] < found[0]).sum())
    return log2(len(found)) - log2(rank)


def _of_codes(model: Any, ids: torch.Tensor, given: int) -> torch.Tensor:
    """The loss of each continuation: what is given is read once for all."""
    read = model(input_ids=ids[:1, :given], use_cache=True)
    cache = read.past_key_values
    cache.batch_repeat_interleave(len(ids))
    told = model(input_ids=ids[:, given:-1], past_key_values=cache, use_cache=True).logits
    first = read.logits[:, -1:].expand(len(ids), -1, -1)
    logits = torch.cat([first, told], dim=1)
    by_token = torch.nn.functional.cross_entropy(logits.transpose(1, 2), ids[:, given:], reduction="none")
    return by_token.sum(dim=1)


def _losses(model: Any, tokenizer: Any, said: Sequence[Said]) -> np.ndarray[Any, np.dtype[np.float64]]:
    known = [encoded(tokenizer, one) for one in said]
    parts = [losses(model, known[at : at + _CHUNK], 0, "cpu") for at in range(0, len(known), _CHUNK)]
    return np.asarray(torch.cat(parts).tolist())


def _auc(inside: Any, outside: Any) -> float:
    """How likely a member has a lower loss than a stranger (Mann and Whitney 1947); ties count half."""
    less = (inside[:, None] < outside[None, :]).mean()
    return float(less + 0.5 * (inside[:, None] == outside[None, :]).mean())
