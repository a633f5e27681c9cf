"""The head that is taken out of a model, and put back, is the model's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.fhe.article.head import calibrated, in_clear
from bench.fhe.article.model import POSITIONS, Reader, head_weights
from gateway.fhe.model.gguf_file import ModelFile
from tests.fhe.tiny import write_tiny_model

TEXTS = ("The quick brown fox jumps", "over the lazy dog, twice.")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelFile:
    return ModelFile(write_tiny_model(Path(tmp_path_factory.mktemp("article")) / "tiny.gguf"))


def test_texts_are_read_in_whole_windows(model: ModelFile) -> None:
    reader = Reader(model, TEXTS)
    favourites, states = reader.read()
    assert {len(window) for window in reader.windows} == {POSITIONS}
    assert len(favourites) == POSITIONS * len(reader.windows)
    assert states.shape == (len(reader.windows), POSITIONS, model.shape.width)


def test_with_many_bits_the_model_says_the_same_and_with_few_it_does_not(model: ModelFile) -> None:
    """So its weights are those of the model's first head, turned as the model turns queries and keys."""
    reader = Reader(model, TEXTS)
    wanted, windows = reader.read()
    weights = head_weights(model)
    said = {bits: reader.read(calibrated(bits, windows, weights))[0] for bits in (2, 16)}
    assert said[16] == wanted
    assert said[2] != wanted
    assert reader.read()[0] == wanted


def test_another_head_changes_nothing_but_what_comes_after_it(model: ModelFile) -> None:
    reader = Reader(model, TEXTS)
    _, windows = reader.read()
    _, again = reader.read(calibrated(2, windows, head_weights(model)))
    assert np.array_equal(windows, again)


def test_scores_depend_on_how_far_apart_positions_are(model: ModelFile) -> None:
    """RoPE (Su et al. 2021), for one input at every position."""
    weights = head_weights(model)
    size = model.shape.head
    state = np.random.default_rng(3).normal(size=model.shape.width)
    queries, keys = (np.einsum("i,pio->po", state, weights[..., part : part + size]) for part in (0, size))
    scores = queries @ keys.T
    for apart in range(1, POSITIONS):
        diagonal = np.diagonal(scores, -apart)
        assert np.allclose(diagonal, diagonal[0])
    assert not np.isclose(scores[1, 0], scores[2, 0])


def test_a_head_of_a_model_gives_numbers_of_its_own_size(model: ModelFile) -> None:
    _, windows = Reader(model, TEXTS).read()
    head = calibrated(8, windows, head_weights(model))
    outputs = head.numbers(head.attended(head.integers(windows[0]), in_clear))
    assert outputs.shape == (POSITIONS, model.shape.head)
    assert np.isfinite(outputs).all()
