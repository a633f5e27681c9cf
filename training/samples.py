"""Epochs of samples: every text in another variation each time."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gateway.detection.taggers.tokens import Reader, Tokens
from training.forms import Forms
from training.marks import Labelled, labelled
from training.network import Sample
from training.tags import tagged
from training.vary import Parts

_FIRST_HAN = "\u3400"
_SURE = 5.0
"""How far below the label's tag all others lie, in logits."""
Vary: TypeAlias = Callable[[Parts], Parts]
Grammar: TypeAlias = Callable[[Tokens, str], NDArray[np.float16] | None]


def sample(
    tokens: Tokens,
    text: Labelled,
    grammar: NDArray[np.float16] | None = None,
    told: NDArray[np.float16] | None = None,
    *,
    weight: float = 1.0,
) -> Sample:
    """A labelled text as its tokens see it."""
    return Sample(tokens.ids, tagged(tokens, text.spans), weight, grammar, told)


def certain(opinion: NDArray[np.float16] | None, tokens: Tokens, text: Labelled) -> NDArray[np.float16] | None:
    """An opinion that leaves Latin words to the labels: larger models for Chinese know few of them."""
    if opinion is None:
        return None
    latin = np.array([text.text[at : at + 1].isalpha() and text.text[at] < _FIRST_HAN for at in tokens.starts])
    tags = tagged(tokens, text.spans)
    settled: NDArray[np.float16] = opinion.copy()
    settled[latin] = -_SURE
    settled[latin, tags[latin]] = 0
    return settled


class Epochs:
    """`pool` sets of variations, used in turn: making them costs more than learning from them.

    Each text passes all `ways`; for eight texts there is one of `forms`; of `fixed` samples there are `share` times as many as
    texts, others each time, and all of `always`. In the first `taught` sets a larger model, `grammar`, tells what it thinks,
    and in all sets `opinion` does.
    """

    def __init__(
        self,
        reader: Reader,
        texts: Sequence[Parts],
        ways: Sequence[Vary],
        *,
        fixed: Sequence[Sample],
        always: Sequence[Sample] = (),
        pool: int,
        forms: Forms,
        taught: int,
        grammar: Grammar,
        opinion: Grammar,
        share: float = 0.5,
    ) -> None:
        self._reader = reader
        self._ways = ways
        self._opinion = opinion
        self._fixed = fixed
        self._always = always
        self._share = share
        self._sets = [list(self._made(texts, forms, grammar if at < taught else None)) for at in range(pool)]

    def __call__(self, epoch: int) -> Sequence[Sample]:
        own = self._sets[epoch % len(self._sets)]
        return [
            *own,
            *self._always,
            *random.Random(epoch).sample(self._fixed, min(len(self._fixed), int(len(own) * self._share))),
        ]

    def _made(self, texts: Sequence[Parts], forms: Forms, grammar: Grammar | None) -> Iterator[Sample]:
        for text in texts:
            varied = labelled(self._varied(text))
            tokens = self._reader.read(varied.text)
            words = grammar(tokens, varied.text) if grammar else None
            yield sample(tokens, varied, words, certain(self._opinion(tokens, varied.text), tokens, varied))
        for _ in range(len(texts) // 8):
            form = labelled(forms.make())
            yield sample(self._reader.read(form.text), form)

    def _varied(self, text: Parts) -> Parts:
        for way in self._ways:
            text = way(text)
        return text
