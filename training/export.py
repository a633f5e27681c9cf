"""A trained network as an ONNX graph with its embedding table in eight bits, and a tagger as one archive."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from training.network import Convolutions


def graph(network: Convolutions) -> bytes:
    """Input `ids` int32 (tokens, features), output `scores` float32 (tokens, tags).

    The table is multiplied out before it is looked up in: the runtime does that once, when it loads the graph. The text is an
    image one pixel high, since the runtime's convolutions for images are faster than those for rows (a sixth less time).
    """
    table = network.table.weight.detach().numpy()[:-1]
    scale = np.maximum(np.abs(table).max(1, keepdims=True), 1e-6) / 127
    weights = {
        "offsets": network.offsets.numpy().astype(np.int32),
        "table": np.round(table / scale).astype(np.int8),
        "scale": scale.astype(np.float16),
        "axis": np.array([1], np.int64),
        "image": np.array([0, 2], np.int64),
    }
    nodes = [
        helper.make_node("Cast", ["table"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Cast", ["scale"], ["scales"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["real", "scales"], ["embedding"]),
        helper.make_node("Add", ["ids", "offsets"], ["rows"]),
        helper.make_node("Gather", ["embedding", "rows"], ["features"], axis=0),
        helper.make_node("ReduceSum", ["features", "axis"], ["token"], keepdims=0),
        helper.make_node("Transpose", ["token"], ["turned"], perm=[1, 0]),
        helper.make_node("Unsqueeze", ["turned", "image"], ["embedded"]),
        *_convolution(network.first, "first", "embedded", "start", weights),
        helper.make_node("Relu", ["start"], ["hidden0"]),
    ]
    for at, layer in enumerate(network.layers):
        nodes += _convolution(layer, f"layer{at}", f"hidden{at}", f"inner{at}", weights)
        nodes.append(helper.make_node("Relu", [f"inner{at}"], [f"active{at}"]))
        nodes.append(helper.make_node("Add", [f"hidden{at}", f"active{at}"], [f"hidden{at + 1}"]))
    nodes += _convolution(network.last, "last", f"hidden{len(network.layers)}", "told", weights)
    nodes.append(helper.make_node("Squeeze", ["told", "image"], ["columns"]))
    nodes.append(helper.make_node("Transpose", ["columns"], ["scores"], perm=[1, 0]))
    made = helper.make_graph(
        nodes,
        "tagger",
        [helper.make_tensor_value_info("ids", TensorProto.INT32, ["tokens", len(network.shape.sizes)])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["tokens", network.shape.tags])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return bytes(model.SerializeToString())


def _convolution(layer: Any, name: str, source: str, target: str, weights: dict[str, NDArray[Any]]) -> list[Any]:
    weights[f"{name}.weight"] = layer.weight.detach().numpy()[:, :, None, :]
    weights[f"{name}.bias"] = layer.bias.detach().numpy()
    return [
        helper.make_node(
            "Conv",
            [source, f"{name}.weight", f"{name}.bias"],
            [target],
            kernel_shape=[1, *layer.kernel_size],
            dilations=[1, *layer.dilation],
            pads=[0, layer.padding[0]] * 2,
        )
    ]


def save(path: Path, network: Convolutions, parts: Mapping[str, NDArray[Any]]) -> None:
    """One archive without pickles: the graph, and what the reader needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    everything: dict[str, Any] = {"graph": np.frombuffer(graph(network), np.uint8), **parts}
    np.savez_compressed(path, **everything)
