"""What another model takes for a name, joined to what a tagger of ours thinks.

It has read other texts than ours, and errs elsewhere: together they err less than either.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from training.tags import LABELS

ONTONOTES: Mapping[str, str] = MappingProxyType(
    {"PERSON": "PERSON", "GPE": "LOCATION", "LOC": "LOCATION", "FAC": "LOCATION", "ORG": "ORGANIZATION", "NORP": "NRP"}
)
"""Our labels for those of models that learnt from OntoNotes."""
_NAMED, _NOT_NAMED = 2.0, 0.5
"""What a name adds to its tag, and none to O, in logits."""
_PLACES = 1 + 4 * LABELS.index("LOCATION")
_TO_ADDRESS = 4 * LABELS.index("ADDRESS") - 4 * LABELS.index("LOCATION")


def edged(text: str, start: int, end: int) -> tuple[int, int]:
    """Where a name lies as we mark it: without `the` before it and `'s` behind."""
    if text[start:end].lower().startswith("the "):
        start += 4
    if text[start:end].endswith(("'s", "’s")):
        end -= 2
    return start, end


def joined(opinion: NDArray[np.float16], tags: NDArray[np.int32]) -> NDArray[np.float16]:
    """An opinion (tokens, tags), in logits, to which that of another one, as tags (tokens,), is added; the best score is 0.

    A place may be a part of an address, so it speaks for an address as well.
    """
    scores = opinion.astype(np.float32)
    named = np.flatnonzero(tags)
    scores[named, tags[named]] += _NAMED
    places = named[(tags[named] >= _PLACES) & (tags[named] < _PLACES + 4)]
    scores[places, tags[places] + _TO_ADDRESS] += _NAMED
    scores[tags == 0, 0] += _NOT_NAMED
    result: NDArray[np.float16] = (scores - scores.max(1, keepdims=True)).astype(np.float16)
    return result
