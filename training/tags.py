"""Spans as BIOES tags of tokens."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from gateway.detection.taggers.tokens import Tokens

LABELS = ("PERSON", "LOCATION", "ORGANIZATION", "NRP", "ADDRESS")


def tagged(tokens: Tokens, spans: Iterable[tuple[int, int, str]]) -> NDArray[np.int32]:
    """The tag of each token; a token that a span covers in part counts as covered."""
    starts, ends = np.asarray(tokens.starts), np.asarray(tokens.ends)
    tags = np.zeros(len(starts), np.int32)
    for start, end, label in spans:
        first, last = int(np.searchsorted(ends, start, "right")), int(np.searchsorted(starts, end, "left")) - 1
        base = 4 * LABELS.index(label)
        if first > last or first >= len(tags):
            continue
        if first == last:
            tags[first] = base + 4
        else:
            tags[first + 1 : last] = base + 2
            tags[first], tags[last] = base + 1, base + 3
    return tags
