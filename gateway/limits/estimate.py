"""What an exchange will cost, before it is known, and what it did cost. Pure.

Rough on purpose: a tokenizer for each model would cost more than the rest of the gateway, and what a backend says of its
usage takes the estimate's place as soon as the reply has ended.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from gateway.limits.limiter import Costs
from gateway.obligations import Price
from gateway.protocol.facts import Facts, lenient_number
from gateway.protocol.usage import Usage, UsageSource
from gateway.protocol.wire import JsonObject, Surface, holds_bytes

ASSUMED_OUTPUT = 512
"""Tokens of an answer for which the client sets no limit."""

MOST_OUTPUT = 8_192
"""Tokens of an answer that count as what a deployment has to do: who allows himself no end must not make it look full."""

_MOST_PARTS = 5_000  # of a body that are looked at one by one
_LARGE_BYTES_A_TOKEN = 3  # Han in UTF-8: the scripts that we know of need no fewer
_SAMPLE = 65_536  # characters of a text whose script is looked at
_LONG_WORD = 2_000  # ASCII characters without a space: an image, if they look like one
_BLOB_TOKENS = 1_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """Tokens in and out."""

    input_tokens: int
    output_tokens: int

    def costs(self, price: Price) -> Costs:
        """The spend is rounded up to a millionth."""
        spend = price.spend(self.input_tokens, self.output_tokens)
        return Costs(tokens=self.input_tokens + self.output_tokens, spend=spend)


def estimate(request: JsonObject, facts: Facts) -> Estimate:
    """Of a parsed request: a token for four characters, or for one of Han, kana or hangul; and all that it lets come out."""
    each = 0 if isinstance(facts.surface, Surface) and not facts.surface.speaks else facts.max_tokens or ASSUMED_OUTPUT
    return Estimate(max(1, _input_tokens(request, facts.bytes + facts.named_bytes)), each * _answers(request))


def rough_weight(facts: Facts) -> int:
    """What an exchange is for a deployment to do, in tokens, without a look at its texts."""
    return (facts.bytes + facts.named_bytes) // 4 + min(facts.max_tokens or ASSUMED_OUTPUT, MOST_OUTPUT)


def rough_tokens(text: str) -> int:
    """Of one text: by the same rule."""
    return math.ceil(_quarters(text) / 4) if text else 0


def settled(estimated: Estimate, usage: Usage) -> Estimate | None:
    """With the counts that came of it in place of ours; None where there are none that can be true, or only guesses: what an
    answer was allowed to cost is the safer guess.
    """
    if not usage.is_believable or usage.source is UsageSource.ESTIMATED:
        return None
    known = estimated if usage.input_tokens is None else replace(estimated, input_tokens=usage.input_tokens)
    return known if usage.output_tokens is None else replace(known, output_tokens=usage.output_tokens)


def _answers(request: JsonObject) -> int:
    """Each prompt has its answers, and `best_of` are made where `n` (in llama.cpp also `n_cmpl`) are given out."""
    prompt = request.get("prompt")
    prompts = len(prompt) if isinstance(prompt, list) and not _is_tokens(prompt) else 1
    return max(1, prompts) * max(1, *(lenient_number(request.get(name)) for name in ("n", "n_cmpl", "best_of")))


def _is_tokens(prompt: list[Any]) -> bool:
    return bool(prompt) and isinstance(prompt[0], int)


def _input_tokens(request: JsonObject, size: int) -> int:
    quarters = parts = 0
    waiting: list[Any] = [request]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            quarters += _quarters(part)
        elif isinstance(part, (dict, list)):
            parts += len(part)
            if parts > _MOST_PARTS:
                return max(math.ceil(quarters / 4), math.ceil(size / _LARGE_BYTES_A_TOKEN))
            waiting.extend(_inside(part))
        elif isinstance(part, (int, float)):
            quarters += 4
    return math.ceil(quarters / 4)


def _inside(part: dict[str, Any] | list[Any]) -> Iterator[Any]:
    if isinstance(part, dict):
        yield from part.keys()
        yield from part.values()
    else:
        yield from part


def _is_blob(beginning: str) -> bool:
    """Whether bytes in base64 begin here. Redaction refuses them where policy does not let them through."""
    return " " not in beginning and holds_bytes(beginning)


def _quarters(text: str) -> int:
    """Quarters of a token. Python knows without looking whether a text is ASCII; UTF-8 has two more bytes for each Han."""
    if text.isascii():
        return 4 * _BLOB_TOKENS if len(text) > _LONG_WORD and _is_blob(text[:_LONG_WORD]) else len(text)
    sample = text[:_SAMPLE]
    wide = (len(sample.encode("utf-8", "surrogatepass")) - len(sample)) // 2
    return math.ceil((len(sample) + 3 * wide) * len(text) / len(sample))
