"""A trained tagger with its network in eight bits, for the runtime to work with whole numbers, which takes half the time.

What a token's features add to the first layer's input is looked up as bytes: the sum of them all stays below 256, so that
eight can be added at once as one number of 64 bits. Weights have seven bits: with eight, pairs of products overflow on
processors that add them in sixteen (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html). A step is
chosen so that the squared error over texts of the corpus is least, which may cut off what is rarely that large.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from gateway.detection.taggers.tokens import Ids

Floats: TypeAlias = NDArray[np.float32]

_MIDDLE = 128
"""The byte that stands for zero in the first layer's input, which alone has a sign."""
_MOST = 255
_WEIGHT = 63
_CUTS = np.linspace(0.25, 1, 31)
_TAIL = 0.02
"""What is cut off at most of a feature's values."""


@dataclass(frozen=True, slots=True)
class _Layer:
    name: str
    weight: Floats = field(repr=False)
    """(out, in, width)."""
    bias: Floats = field(repr=False)
    dilation: int

    def over(self, tokens: Floats) -> Floats:
        """What the layer makes of (tokens, in)."""
        edge = np.zeros((self.dilation, tokens.shape[1]), np.float32)
        padded, size = np.concatenate([edge, tokens, edge]), len(tokens)
        taps = (padded[at * self.dilation :][:size] @ self.weight[:, :, at].T for at in range(3))
        active: Floats = np.maximum(sum(taps, self.bias), 0)
        return active


@dataclass(frozen=True, slots=True)
class _Network:
    """What `training.export.graph` writes."""

    tables: Sequence[Floats] = field(repr=False)
    """An embedding for each feature."""
    offsets: NDArray[np.int32]
    layers: Sequence[_Layer]
    last: tuple[Floats, Floats] = field(repr=False)

    @classmethod
    def of(cls, serialized: bytes) -> _Network:
        graph = onnx.load_from_string(serialized).graph
        weights = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
        table = weights["table"].astype(np.float32) * weights["scale"].astype(np.float32)
        *layers, last = (_layer(node, weights) for node in graph.node if node.op_type == "Conv")
        tables = np.split(table, weights["offsets"][1:])
        return cls(tables, weights["offsets"], layers, (last.weight[:, :, 0], last.bias))

    def active(self, tokens: Floats) -> list[tuple[Floats, Floats]]:
        """For each layer what it adds, and what goes on to the next, over one text's embeddings."""
        hidden = self.layers[0].over(tokens)
        told = [(hidden, hidden)]
        for layer in self.layers[1:]:
            added = layer.over(hidden)
            hidden = hidden + added
            told.append((added, hidden))
        return told


def in_eight_bits(source: Path, target: Path, texts: Iterable[Ids]) -> None:
    """Write the tagger in `source` with such a network; `texts` are what its reader says of some."""
    with np.load(source, allow_pickle=False) as archive:
        parts = dict(archive)
    network = _Network.of(parts["graph"].tobytes())
    seen = [[table[ids[:, at]] for at, table in enumerate(network.tables)] for ids in texts]
    table, step = _bytes(network.tables, [np.concatenate(of_all) for of_all in zip(*seen, strict=True)])
    told = [network.active(np.sum(embedded, axis=0)) for embedded in seen]
    scales = [[_step(np.concatenate(values)) for values in zip(*layer, strict=True)] for layer in zip(*told, strict=True)]
    graph = np.frombuffer(_graph(network, step, scales), np.uint8)
    np.savez_compressed(target, **(parts | {"graph": graph, "table": table, "offsets": network.offsets}))


def _layer(node: Any, weights: dict[str, NDArray[Any]]) -> _Layer:
    name = node.input[1].removesuffix(".weight")
    told = {one.name: helper.get_attribute_value(one) for one in node.attribute}
    return _Layer(name, weights[f"{name}.weight"][:, :, 0], weights[f"{name}.bias"], told["dilations"][-1])


def _bytes(tables: Sequence[Floats], seen: Sequence[Floats]) -> tuple[NDArray[np.uint8], Floats]:
    """Rows of bytes for all features, and the step of each column: the bytes of a token, less `_MIDDLE`, are its embedding."""
    exact = np.sum(seen, axis=0)
    least, step, half = np.full(exact.shape[1], np.inf), np.zeros(exact.shape[1]), np.zeros((len(seen), exact.shape[1]))
    for reach in _reaches(seen):
        unit = reach.sum(0) / (_MIDDLE - 1)
        share = np.maximum(np.round(reach / unit), 1)
        share[0] += _MIDDLE - share.sum(0)
        whole = sum(_whole(values, unit, most) for values, most in zip(seen, share, strict=True))
        error = ((whole * unit - exact) ** 2).mean(0)
        better = error < least
        least, step = np.where(better, error, least), np.where(better, unit, step)
        half = np.where(better, share, half)
    rows = [_whole(table, step, most) + most for table, most in zip(tables, half, strict=True)]
    return np.concatenate(rows).astype(np.uint8), step.astype(np.float32)


def _reaches(seen: Sequence[Floats]) -> Iterator[Floats]:
    """For each feature and column how far from zero values count: to a share of the largest, or to what few exceed."""
    largest = np.stack([np.abs(values).max(0) for values in seen])
    few = np.stack([np.quantile(np.abs(values), 1 - (1 - _CUTS) * _TAIL, axis=0) for values in seen], 1)
    for cut, reach in zip(_CUTS, few, strict=True):
        yield from (largest * cut, reach)


def _whole(values: Floats, step: NDArray[Any], most: NDArray[Any]) -> NDArray[Any]:
    whole: NDArray[Any] = np.clip(np.round(values / step), -most, most - 1)
    return whole


def _step(values: Floats) -> np.float32:
    """The step of values that are never negative."""
    steps = values.max() * _CUTS / _MOST
    errors = [((np.minimum(np.round(values / step), _MOST) * step - values) ** 2).mean() for step in steps]
    return np.float32(steps[int(np.argmin(errors))])


def _graph(network: _Network, step: Floats, scales: Sequence[Sequence[np.float32]]) -> bytes:
    """Input `bytes` uint8 (tokens, columns), output `scores` float32 (tokens, tags)."""
    weights: dict[str, Any] = {
        "one": np.float32(1), "middle": np.uint8(_MIDDLE), "zero": np.uint8(0), "even": np.int8(0), "image": np.array([0, 1]),
        "last.weight": network.last[0].T, "last.bias": network.last[1],
    }  # fmt: skip
    nodes = [helper.make_node("Unsqueeze", ["bytes", "image"], ["embedded"])]
    value, scale, unit = ("embedded", "one", "middle"), step, np.float32(1)
    for layer, (added, goes_on) in zip(network.layers, scales, strict=True):
        nodes.append(_convolution(layer, value, (scale, unit, added), weights))
        here = (layer.name, f"{layer.name}.scale", "zero")
        if layer is not network.layers[0]:
            weights[f"{layer.name}.sum"] = goes_on
            total = (f"{layer.name}.hidden", f"{layer.name}.sum", "zero")
            nodes.append(helper.make_node("QLinearAdd", [*value, *here, *total[1:]], total[:1], domain="com.microsoft"))
            here = total
        value, scale, unit = here, np.ones(len(layer.bias), np.float32), goes_on
    nodes += [
        helper.make_node("Squeeze", [value[0], "image"], ["steps"]),
        helper.make_node("DequantizeLinear", ["steps", *value[1:]], ["hidden"]),
        helper.make_node("Gemm", ["hidden", "last.weight", "last.bias"], ["scores"]),
    ]
    return _model(nodes, weights, columns=len(step), tags=len(network.last[1]))


def _convolution(
    layer: _Layer, source: Sequence[str], scales: tuple[Floats, np.float32, np.float32], weights: dict[str, Any]
) -> Any:
    """`scales`: of the source's channels, of the source as a whole, of the target. What falls below zero ends there: a Relu."""
    columns, unit, target = scales
    weight, name = layer.weight * columns[:, None], layer.name
    scale = np.maximum(np.abs(weight).max((1, 2)), np.float32(1e-9)) / _WEIGHT
    weights[f"{name}.weight"] = np.round(weight / scale[:, None, None]).astype(np.int8)[:, :, None]
    weights[f"{name}.weight.scale"], weights[f"{name}.scale"] = scale, target
    weights[f"{name}.bias"] = np.round(layer.bias / (unit * scale)).astype(np.int32)
    return helper.make_node(
        "QLinearConv",
        [*source, f"{name}.weight", f"{name}.weight.scale", "even", f"{name}.scale", "zero", f"{name}.bias"],
        [name],
        domain="com.microsoft",
        channels_last=1,
        kernel_shape=[1, 3],
        dilations=[1, layer.dilation],
        pads=[0, layer.dilation] * 2,
    )


def _model(nodes: Sequence[Any], weights: dict[str, Any], *, columns: int, tags: int) -> bytes:
    made = helper.make_graph(
        nodes,
        "tagger",
        [helper.make_tensor_value_info("bytes", TensorProto.UINT8, ["tokens", columns])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["tokens", tags])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()],
    )
    domains = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    return bytes(helper.make_model(made, opset_imports=domains, ir_version=9).SerializeToString())
