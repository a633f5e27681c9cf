"""Epochs of samples: every text in another variation each time."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from gateway.redaction.taggers.tokens import Reader, Tokens
from training.forms import Forms
from training.marks import Labelled, labelled
from training.network import Sample
from training.tags import tagged
from training.vary import Parts

Vary = Callable[[Parts], Parts]


Grammar = Callable[[Tokens, str], NDArray[np.float16] | None]


def sample(reader: Reader, text: Labelled, grammar: Grammar | None = None, weight: float = 1.0) -> Sample:
    tokens = reader.read(text.text)
    return Sample(tokens.ids, tagged(tokens, text.spans), weight, grammar(tokens, text.text) if grammar else None)


class Epochs:
    """`pool` sets of variations, used in turn: making them costs more than learning from them."""

    def __init__(
        self,
        reader: Reader,
        texts: Sequence[Parts],
        ways: Sequence[Vary],
        *,
        fixed: Sequence[Sample] = (),
        pool: int,
        forms: Forms | None = None,
        taught: int = 2,
        grammar: Grammar | None = None,
    ) -> None:
        self._sets: list[list[Sample]] = []
        for at in range(pool):
            made = []
            for text in texts:
                for way in ways:
                    text = way(text)
                made.append(sample(reader, labelled(text), grammar if at < taught else None))
            if forms is not None:
                made += [sample(reader, labelled(forms.make())) for _ in range(len(texts) // 8)]
            self._sets.append(made)
        self._fixed = list(fixed)

    def __call__(self, epoch: int) -> Sequence[Sample]:
        own = self._sets[epoch % len(self._sets)]
        part = random.Random(epoch).sample(self._fixed, min(len(self._fixed), len(own) // 2))
        return [*own, *part]
