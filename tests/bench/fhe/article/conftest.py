"""Inputs and weights of a small head, by chance."""

from __future__ import annotations

import numpy as np
import pytest

from bench.fhe.article.head import Floats


@pytest.fixture
def windows() -> Floats:
    """Eight texts of six positions, whose inputs have eight numbers."""
    return np.random.default_rng(1).normal(size=(8, 6, 8))


@pytest.fixture
def weights() -> Floats:
    """Of a head of four: queries, keys and values, others at each position."""
    return np.random.default_rng(2).normal(size=(6, 8, 12)) / 2
