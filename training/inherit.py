"""A network that begins where another ended: with its embedding, and of its convolutions those that look equally far.

It may have more of them. These begin faint: what a residual layer adds is so little then that the network knows what the
other knew (as in Chen et al. 2016, https://arxiv.org/abs/1511.05641), and yet not nothing, since behind a ReLU a layer of
zeros would never learn.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from training.depth import counterparts
from training.network import Convolutions

_FAINT = 0.2
"""Of what a new layer's weights would be."""


def inherit(network: Convolutions, archive: Path, characters: str) -> None:
    """Give `network` the weights of the tagger in `archive`, which must be as wide.

    Features of which it tells fewer apart begin with what it knew of them together. Raises ValueError when it knows other
    characters: its embedding would be of these.
    """
    with np.load(archive, allow_pickle=False) as parts:
        if bytes(parts["characters"]).decode() != characters:
            raise ValueError(f"{archive} was trained on other texts: train peers anew")
        graph = onnx.load_from_string(parts["graph"].tobytes()).graph
    weights = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    with torch.no_grad():
        known = _features(weights)
        rows = [rows.repeat(size // len(rows), 0) for rows, size in zip(known, network.shape.sizes, strict=True)]
        network.table.weight[:-1] = torch.from_numpy(np.concatenate(rows))
        _copy_layers(network, weights, _layers(graph))


def learn_on(network: Convolutions, archive: Path) -> None:
    """Give `network` the weights of the tagger of words in `archive`; words that are new keep what they begin with."""
    with np.load(archive, allow_pickle=False) as parts:
        graph = onnx.load_from_string(parts["graph"].tobytes()).graph
    weights = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    with torch.no_grad():
        for start, rows in zip(network.offsets.tolist(), _features(weights), strict=True):
            network.table.weight[start : start + len(rows)] = torch.from_numpy(rows)
        _copy_layers(network, weights, _layers(graph))


def _features(weights: dict[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
    """The rows of the embedding of each feature."""
    table: NDArray[np.float32] = weights["table"].astype(np.float32) * weights["scale"].astype(np.float32)
    return np.split(table, weights["offsets"][1:])


def _copy_layers(network: Convolutions, weights: dict[str, NDArray[Any]], layers: Sequence[tuple[str, int]]) -> None:
    _copy(network.first, "first", weights)
    for layer, name in zip(network.layers, counterparts(network.shape.dilations, layers), strict=True):
        if name:
            _copy(layer, name, weights)
        else:
            layer.weight.mul_(_FAINT)
            layer.bias.zero_()
    _copy(network.last, "last", weights)


def recall(network: Convolutions, before: Convolutions, share: float) -> None:
    """Move the weights of `network` by this share of the way back to what they were."""
    with torch.no_grad():
        for now, then in zip(network.parameters(), before.parameters(), strict=True):
            now.lerp_(then, share)


def _layers(graph: Any) -> list[tuple[str, int]]:
    """The names of the residual layers, in their order, and their dilations."""
    layers: list[tuple[str, int]] = []
    for node in graph.node:
        name = node.input[1].removesuffix(".weight") if node.op_type == "Conv" else ""
        if name.startswith("layer"):
            told = {one.name: helper.get_attribute_value(one) for one in node.attribute}
            layers.append((name, told["dilations"][-1]))
    return layers


def _copy(layer: Any, name: str, weights: dict[str, NDArray[Any]]) -> None:
    layer.weight.copy_(torch.from_numpy(weights[f"{name}.weight"].reshape(tuple(layer.weight.shape)).copy()))
    layer.bias.copy_(torch.from_numpy(weights[f"{name}.bias"].copy()))
