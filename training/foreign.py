"""Sentences in other languages with Latin letters: what of them is surely no name, so that `wohne` and `Je` are none.

Nobody labelled them. A word in small letters is no name, nor is one at the beginning of a sentence that others write small;
of the rest nothing is known.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray

from gateway.detection.taggers.tokens import Tokens

_WORD = re.compile(r"[^\W\d_]+")
_OFTEN = 15
_STOPS = frozenset('.!?…:;"“”«»„-–—')


def small_words(texts: Iterable[str]) -> frozenset[str]:
    """The words that these texts of one language often write small."""
    counts = Counter(word for text in texts for word in _WORD.findall(text) if word.islower())
    return frozenset(word for word, count in counts.items() if count >= _OFTEN)


def surely_no_names(tokens: Tokens, text: str, small: Collection[str]) -> NDArray[np.int32]:
    """For each token the tag of what is no name, 0, or -1 where that is not known."""
    tags = np.full(len(tokens.ids), -1, np.int32)
    begins = True
    for at, (start, end) in enumerate(zip(tokens.starts, tokens.ends, strict=True)):
        word = text[start:end]
        if not word[0].isalpha() or word.islower() or (begins and word.lower() in small):
            tags[at] = 0
        begins = word in _STOPS or (begins and not word[0].isalpha())
    return tags
