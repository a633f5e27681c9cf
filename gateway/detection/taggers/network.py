"""Runs a tagger's network. The weights are an ONNX graph inside a NumPy archive: loading either executes nothing."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
from numpy.typing import NDArray

from gateway.detection.taggers.decode import Scores
from gateway.detection.taggers.tokens import Ids

_SCORES = ("scores",)


class Network(Protocol):
    """One thread a call: the gateway's own threads share the cores out."""

    def scores(self, ids: Ids) -> Scores:
        """Logits, shape (tokens, tags)."""


class FloatNetwork:
    """As it was trained; the graph looks the features up as well."""

    def __init__(self, graph: bytes) -> None:
        self._session = _session(graph)

    def scores(self, ids: Ids) -> Scores:
        result: Scores = self._session.run(_SCORES, {"ids": ids})[0]
        return result


class EightBitNetwork:
    """As `training.eight_bits` writes it: a row of `table`, bytes, for each id of each feature.

    The rows of a token's features add up to what the graph is given. No sum exceeds a byte, so eight are added as one number.
    """

    def __init__(self, graph: bytes, table: NDArray[np.uint8], offsets: NDArray[np.int32]) -> None:
        self._session = _session(graph)
        self._rows = table.view(np.uint64)
        self._offsets = offsets.astype(np.int64)[:, None]

    def scores(self, ids: Ids) -> Scores:
        rows = self._rows.take(np.add(ids.T, self._offsets, order="C"), 0)
        result: Scores = self._session.run(_SCORES, {"bytes": np.add.reduce(rows, 0).view(np.uint8)})[0]
        return result


def _session(graph: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
