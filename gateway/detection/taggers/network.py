"""Runs a tagger's network. The weights are an ONNX graph inside a NumPy archive: loading either executes nothing."""

from __future__ import annotations

import onnxruntime  # type: ignore[import-untyped]

from gateway.detection.taggers.decode import Scores
from gateway.detection.taggers.tokens import Ids


class Network:
    """One thread a call: the gateway's own threads share the cores out."""

    def __init__(self, graph: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def scores(self, ids: Ids) -> Scores:
        """Logits, shape (tokens, tags)."""
        result: Scores = self._session.run(None, {"ids": ids})[0]
        return result
