"""Recall and nDCG where each question has one right passage. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import mean


def recall(places: Sequence[int | None]) -> float:
    """The share of questions whose passage was given at all; `places` count from 0."""
    return mean(place is not None for place in places)


def ndcg(places: Sequence[int | None]) -> float:
    """Järvelin and Kekäläinen (2002), with one relevant passage: 1 / log2(2 + place)."""
    return mean(0.0 if place is None else 1 / math.log2(2 + place) for place in places)
