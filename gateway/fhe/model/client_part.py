"""The file that a client needs: a GGUF with everything but the matrices, and the scales and plans of those."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from gguf import GGUFValueType, GGUFWriter

from gateway.fhe.model.blueprint import Blueprint, Scales
from gateway.fhe.model.forward import Ends
from gateway.fhe.model.gguf_file import ModelFile, UnreadableModel, Words
from gateway.fhe.model.shape import Product, Shape
from gateway.fhe.parameters import InsecureParameters

_BLUEPRINT = "fhe.blueprint.2"
"""By version of the protocol: plans of another one are no plans."""
_ANOTHER = "the client part cannot be used: its plans are for matrices of another size"
_HEADER = frozenset({"GGUF.version", "GGUF.tensor_count", "GGUF.kv_count", "general.architecture"})


@dataclass(frozen=True, slots=True)
class ClientPart:
    """Everything that a client knows of a model."""

    shape: Shape
    blueprint: Blueprint
    ends: Ends = field(repr=False)
    scales: Scales = field(repr=False)
    words: Words = field(repr=False)


def read_client_part(file: Path) -> ClientPart:
    """Raises UnreadableModel, or InsecureParameters for plans below 128 bits."""
    model = ModelFile(file)
    blueprint = _blueprint_of(model)
    places = sorted({(layer, product) for layer, product, _ in blueprint.plans})
    scales = {(layer, product): model.tensor(_scale_name(layer, product)) for layer, product in places}
    if any(each.shape != (model.shape.outputs(product),) for (_, product), each in scales.items()):
        raise UnreadableModel(_ANOTHER)
    return ClientPart(model.shape, blueprint, ends_of(model, len(places) // len(Product)), scales, model.words())


def read_blueprint(file: Path) -> Blueprint:
    """What it says of the model alone: enough to know frames by, and not to make any. Raises as `read_client_part`."""
    return _blueprint_of(ModelFile(file))


def write_client_part(model: ModelFile, blueprint: Blueprint, scales: Scales, file: Path) -> None:
    """Raises OSError. The file is a tenth of the model's in float32: mostly the embedding."""
    writer = GGUFWriter(file, "llama", endianess=model.endianess)
    for name, value, kind, inner in model.header():
        if name not in _HEADER:
            writer.add_key_value(name, value, kind, inner)
    writer.add_key_value(_BLUEPRINT, blueprint.to_json(), GGUFValueType.STRING)
    for tensor in model.tensors_beside_layers():
        writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
    for (layer, product), each in scales.items():
        writer.add_tensor(_scale_name(layer, product), np.ascontiguousarray(each))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def ends_of(model: ModelFile, layers: int | None = None) -> Ends:
    """Raises UnreadableModel. A model without a head of its own uses its embedding."""
    embedding = model.tensor("token_embd.weight")
    return Ends(
        embedding=embedding,
        norms=tuple(
            (model.tensor(f"blk.{layer}.attn_norm.weight"), model.tensor(f"blk.{layer}.ffn_norm.weight"))
            for layer in range(layers or model.shape.layers)
        ),
        last_norm=model.tensor("output_norm.weight"),
        head=model.tensor("output.weight") if model.holds("output.weight") else embedding,
    )


def _blueprint_of(model: ModelFile) -> Blueprint:
    written = model.value(_BLUEPRINT)
    if written is None:
        raise UnreadableModel("the file is no client part of this version: `gateway fhe client-part` makes one from a model")
    try:
        blueprint = Blueprint.from_json(written)
    except InsecureParameters:
        raise
    except ValueError as error:
        raise UnreadableModel(f"the client part cannot be used: {error}") from None
    for (_, product, _), plan in blueprint.plans.items():
        if (plan.inputs, plan.outputs) != (model.shape.inputs(product), model.shape.outputs(product)):
            raise UnreadableModel(_ANOTHER)
    return blueprint


def _scale_name(layer: int, product: Product) -> str:
    return f"blk.{layer}.{product.name.lower()}.scale"
