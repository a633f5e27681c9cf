"""What both sides must agree on before a product means anything: the model's weights, their bits, and how they are cut."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field

import numpy as np
from numpy.typing import NDArray

from gateway.fhe.model.gguf_file import ModelFile
from gateway.fhe.model.quantise import Bits, Quantised, quantise_matrix
from gateway.fhe.model.shape import Product, Shape
from gateway.fhe.model.widths import Override, Widths
from gateway.fhe.parameters import Parameters
from gateway.fhe.plan import NoPlan, Plan, best_plan, longest_vector, widest

LANES = (1, 8, 16, 32, 64, 128)
"""Positions that share a ciphertext: one while generating, many while a prompt is read. For wide models fewer than these."""

Scales = Mapping[tuple[int, Product], NDArray[np.float32]]
Take = Callable[[int, Product, Quantised], None]
_FINGERPRINT_SIZE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """`fingerprint` is the SHA-256 of all integers, scales and plans."""

    name: str
    parameters: Parameters
    bits: Widths
    plans: Mapping[tuple[int, Product, int], Plan] = field(repr=False)
    fingerprint: bytes = b""

    @property
    def lanes(self) -> tuple[int, ...]:
        """Ways to share a ciphertext, fewest positions first."""
        return tuple(sorted({lanes for _, _, lanes in self.plans}))

    def to_json(self) -> str:
        """For the file that the client gets. Where all bits are the same, nothing is said of other ones."""
        plans = [[layer, int(product), asdict(plan)] for (layer, product, _), plan in self.plans.items()]
        head = {"name": self.name, "parameters": asdict(self.parameters), "bits": asdict(self.bits.usual)}
        others = {"layer_bits": [str(each) for each in self.bits.overrides]} if self.bits.overrides else {}
        return json.dumps({**head, **others, "plans": plans, "fingerprint": self.fingerprint.hex()})

    @staticmethod
    def from_json(text: str) -> Blueprint:
        """Raises ValueError, and with it InsecureParameters."""
        try:
            read = json.loads(text)
            plans = [(layer, Product(product), Plan(**plan)) for layer, product, plan in read["plans"]]
            blueprint = Blueprint(
                name=str(read["name"]),
                parameters=Parameters(**read["parameters"]),
                bits=Widths(Bits(**read["bits"]), tuple(Override.read(each) for each in read.get("layer_bits", ()))),
                plans={(layer, product, plan.lanes): plan for layer, product, plan in plans},
                fingerprint=bytes.fromhex(read["fingerprint"]),
            )
            blueprint._check()
        except (AttributeError, KeyError, TypeError):
            raise ValueError("this is no blueprint of a model") from None
        return blueprint

    def _check(self) -> None:
        """Raises ValueError for what no model has."""
        for plan in self.plans.values():
            plan.check(self.parameters)
        layers = range(len({layer for layer, _, _ in self.plans}))
        whole = {(layer, product, lanes) for layer in layers for product in Product for lanes in self.lanes}
        if not whole or self.plans.keys() != whole:
            raise ValueError("a blueprint lacks plans")
        sizes = (self.parameters.degree, self.bits.usual.weight, self.bits.usual.activation)
        if not all(type(each) is int for each in sizes) or len(self.fingerprint) != _FINGERPRINT_SIZE:
            raise ValueError("a blueprint's parameters, bits or fingerprint have another size")


def drawn(
    model: ModelFile,
    take: Take,
    *,
    bits: Widths | None = None,
    lanes: tuple[int, ...] = LANES,
    parameters: Parameters | None = None,
    layers: int | None = None,
) -> tuple[Blueprint, Scales]:
    """Quantise a model's matrices one by one, show each to `take`, and plan its products. Raises UnreadableModel, NoPlan or
    UnusableBits.

    Of `lanes` those are planned for which the model is not too wide. `layers` leaves out the layers after the first ones.
    """
    bits, parameters = bits or Widths(), parameters or Parameters()
    bits.check(model.shape.layers)
    lanes = _usable(lanes, model.shape, parameters)
    plans: dict[tuple[int, Product, int], Plan] = {}
    scales: dict[tuple[int, Product], NDArray[np.float32]] = {}
    seen = hashlib.sha256()
    for layer in range(layers or model.shape.layers):
        for product in Product:
            width = bits.of(layer, product)
            matrix = quantise_matrix(model.weights(layer, product), width)
            scales[layer, product] = matrix.scales
            seen.update(matrix.rows.astype("<i2", copy=False).tobytes() + matrix.scales.astype("<f4", copy=False).tobytes())
            for count in lanes:
                plans[layer, product, count] = best_plan(
                    matrix.norms(), model.shape.inputs(product), count, width.most_activation, parameters
                )
            take(layer, product, matrix)
    name = str(model.value("general.name", "model"))
    draft = Blueprint(name=name, parameters=parameters, bits=bits, plans=plans)
    seen.update(draft.to_json().encode())
    return Blueprint(name=name, parameters=parameters, bits=bits, plans=plans, fingerprint=seen.digest()), scales


def _usable(lanes: tuple[int, ...], shape: Shape, parameters: Parameters) -> tuple[int, ...]:
    columns = max(shape.inputs(product) for product in Product)
    usable = tuple(count for count in lanes if columns <= widest(count, parameters))
    if not usable:
        raise NoPlan(f"the model is too wide: a matrix has {columns} columns")
    return usable


def longest(shape: Shape, product: Product, bits: Bits) -> float:
    """The Euclidean length that vectors for this product are kept to, in every plan."""
    return longest_vector(shape.inputs(product), bits.most_activation)
