"""Taggers that were trained before and LAC, together: what each of them has learnt, the others have not.

Our taggers know what we call a name, LAC has read far more. Their probabilities multiplied (a product of experts, Hinton 2002)
mark names better than either, so this is what the tagger that is shipped learns from.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gateway.detection.taggers.han.reader import HanReader
from gateway.detection.taggers.network import FloatNetwork
from gateway.detection.taggers.tokens import Tokens
from training.teachers import Lac

_SAY = 0.8
"""LAC's exponent; the peers' mean has 1."""
_LEAST = 1e-4
_KINDS = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 1, 1], [1, 0, 1, 0]], np.float32)
"""What LAC's none, person, place and organisation (columns) say for O and for each of our labels (rows).

It has no word for groups of people, and leaves the numbers out of addresses.
"""


class Panel:
    """Peers, as archives, and LAC. Without peers it has no opinion: LAC alone does not know what we call a name."""

    def __init__(self, archives: Sequence[Path], lac: Lac) -> None:
        self._peers = [_peer(path) for path in archives]
        self._lac = lac

    def told(self, tokens: Tokens, text: str) -> NDArray[np.float16] | None:
        """The score of each tag for each token: readers cut all texts alike, whatever they tell of a token."""
        if not self._peers or not len(tokens.ids):
            return None
        mean = np.mean([network.scores(reader.read(text).ids) for reader, network in self._peers], axis=0)
        kinds = np.log((self._lac.names(self._lac.told(text)) @ _KINDS.T).clip(_LEAST))[np.asarray(tokens.starts)]
        by_tag = np.concatenate([kinds[:, :1], kinds[:, 1:].repeat(4, axis=1)], axis=1)
        scores = mean + _SAY * by_tag
        told: NDArray[np.float16] = (scores - scores.max(1, keepdims=True)).astype(np.float16)
        return told


def _peer(path: Path) -> tuple[HanReader, FloatNetwork]:
    with np.load(path, allow_pickle=False) as parts:
        return HanReader.of(path), FloatNetwork(parts["graph"].tobytes())
