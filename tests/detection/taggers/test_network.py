"""The network in eight bits adds eight bytes as one number, which is right as long as no byte runs over."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from gateway.detection.taggers.han.reader import HanReader
from gateway.detection.taggers.network import EightBitNetwork
from gateway.detection.taggers.small import LABELS, WEIGHTS
from gateway.detection.taggers.tokens import Ids

HAN = WEIGHTS / "han.npz"


@pytest.fixture(scope="module")
def parts() -> Iterator[dict[str, NDArray[np.generic]]]:
    with np.load(HAN, allow_pickle=False) as archive:
        yield {name: archive[name] for name in ("graph", "table", "offsets")}


@pytest.fixture(scope="module")
def network(parts: dict[str, NDArray[np.generic]]) -> EightBitNetwork:
    table, offsets = parts["table"].astype(np.uint8, copy=False), parts["offsets"].astype(np.int32, copy=False)
    return EightBitNetwork(parts["graph"].tobytes(), table, offsets)


@pytest.fixture(scope="module")
def ids() -> Ids:
    return HanReader.of(HAN).read("请联系王建国，他住在杭州市 West Lake 路 12 号。").ids


def test_no_token_adds_up_to_more_than_a_byte(parts: dict[str, NDArray[np.generic]]) -> None:
    features = np.split(parts["table"], parts["offsets"][1:].tolist())
    assert sum(rows.max(0).astype(int) for rows in features).max() <= 255


def test_every_token_has_a_score_for_every_tag(network: EightBitNetwork, ids: Ids) -> None:
    scores = network.scores(ids)
    assert scores.shape == (len(ids), 4 * len(LABELS) + 1)
    assert np.isfinite(scores).all()


def test_the_order_of_rows_in_memory_plays_no_part(network: EightBitNetwork, ids: Ids) -> None:
    assert np.array_equal(network.scores(np.asfortranarray(ids)), network.scores(np.ascontiguousarray(ids)))


def test_a_token_is_told_by_all_of_its_features(network: EightBitNetwork, ids: Ids) -> None:
    for feature in range(ids.shape[1]):
        others = ids.copy()
        others[:, feature] = 0
        assert not np.array_equal(network.scores(others), network.scores(ids))


def test_what_is_far_away_plays_no_part(network: EightBitNetwork, ids: Ids) -> None:
    """With 33 tokens between them texts see nothing of each other: the layers reach 1 + 2 + 4 + 8 + 16 + 1 to either side."""
    between = np.zeros((33, ids.shape[1]), ids.dtype)
    first = network.scores(np.concatenate([ids, between, ids]))[: len(ids)]
    assert np.array_equal(first, network.scores(np.concatenate([ids, between]))[: len(ids)])
