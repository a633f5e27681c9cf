"""The head in integers is attention: it comes as near to that in float as its bits allow, and looks at nothing that comes later."""

from __future__ import annotations

import numpy as np
import pytest

from bench.fhe.article.head import Floats, Head, Integers, calibrated, in_clear, most_of, rounded


def _in_float(states: Floats, weights: Floats) -> Floats:
    """As in "Attention is all you need" (Vaswani et al. 2017)."""
    queries, keys, values = np.split(np.einsum("pi,pio->po", states, weights), 3, axis=1)
    scores = queries @ keys.T / np.sqrt(queries.shape[1]) + np.triu(np.full((6, 6), -np.inf), 1)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True) @ values)


def _away(bits: int, windows: Floats, weights: Floats) -> float:
    """From float, in average sizes of the result. With many bits what is cut off is nothing."""
    head = calibrated(bits, windows, weights)
    found = np.stack([head.numbers(head.attended(head.integers(each), in_clear)) for each in windows])
    wanted = np.stack([_in_float(each, weights) for each in windows])
    return float(np.abs(found - wanted).mean() / np.abs(wanted).mean())


def test_more_bits_come_nearer_to_float(windows: Floats, weights: Floats) -> None:
    away = [_away(bits, windows, weights) for bits in (4, 6, 8, 14)]
    assert away == sorted(away, reverse=True)
    assert away[-1] < 0.01


def _step_by_step(head: Head, states: Integers) -> Integers:
    """Row by row, with chances that are not made signed."""
    joined = np.stack([states[n] @ head.weights[n] for n in range(len(states))])
    factors = [head.input_step * weight / step for weight, step in zip(head.weight_steps, head.steps, strict=True)]
    parts = [
        rounded(part * factor, -head.most, head.most) for part, factor in zip(np.split(joined, 3, axis=1), factors, strict=True)
    ]
    queries, keys, values = parts
    rows = []
    for n in range(len(states)):
        scores = keys[: n + 1] @ queries[n]
        powers = np.rint(head.full * np.exp((scores - scores.max()) * head.score_step))
        share = np.rint(head.full**2 / powers.sum())
        rows.append(np.minimum(np.rint(powers * share / head.full), head.full) @ values[: n + 1])
    return np.stack(rows).astype(np.int64)


@pytest.mark.parametrize("bits", [3, 4, 6, 8])
def test_the_detours_that_encryption_wants_change_no_number(bits: int, windows: Floats, weights: Floats) -> None:
    """Tops by tables of differences, and chances less a half, which is added again."""
    head = calibrated(bits, windows, weights)
    for each in windows:
        states = head.integers(each)
        assert np.array_equal(head.attended(states, in_clear), _step_by_step(head, states))


def test_later_positions_change_nothing_before_them(windows: Floats, weights: Floats) -> None:
    head = calibrated(6, windows, weights)
    states = head.integers(windows[0])
    changed = states.copy()
    changed[4:] = -changed[4:]
    before, after = head.attended(states, in_clear), head.attended(changed, in_clear)
    assert np.array_equal(before[:4], after[:4])
    assert not np.array_equal(before[4:], after[4:])


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_numbers_have_their_bits(bits: int, windows: Floats, weights: Floats) -> None:
    head = calibrated(bits, windows, weights)
    assert (head.most, head.full) == (2 ** (bits - 1) - 1, 2**bits - 1)
    assert np.abs(head.weights).max() == np.abs(head.integers(windows)).max() == head.most
    assert (head.size, head.weights.shape) == (4, weights.shape)


def test_with_few_bits_what_is_far_out_is_cut_off() -> None:
    """An only large number would leave nothing of the others; with many bits it is kept."""
    windows, weights = np.ones((1, 6, 100)), np.ones((6, 100, 3))
    windows[0, 0, 0] = 1_000.0
    few, many = (calibrated(bits, windows, weights) for bits in (2, 48))
    assert few.input_step * few.most < 100
    assert many.input_step * many.most == pytest.approx(1_000.0)


def test_the_nearest_integers_between_two() -> None:
    assert rounded(np.array([-9.0, -1.6, -0.4, 0.5, 1.5, 9.0]), -3, 3).tolist() == [-3, -2, 0, 0, 2, 3]
    assert [most_of(bits) for bits in (2, 3, 8)] == [1, 3, 127]
