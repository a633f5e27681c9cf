"""A model as the server holds it: for generating every matrix as encoded tiles, 8 bytes a weight; for prompts as integers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.fhe.kernels import Words
from gateway.fhe.model.blueprint import LANES, Blueprint, Scales, drawn
from gateway.fhe.model.gguf_file import ModelFile
from gateway.fhe.model.quantise import Quantised
from gateway.fhe.model.shape import Product
from gateway.fhe.model.widths import Widths
from gateway.fhe.server.multiply import Ring, Rows
from gateway.fhe.wire.frames import Refused
from gateway.fhe.wire.messages import Call, Coding

_Place = tuple[int, Product, int]


@dataclass(frozen=True, slots=True)
class ServedModel:
    """What is needed to answer a call, and nothing else."""

    blueprint: Blueprint
    ring: Ring = field(repr=False)
    rows: Mapping[tuple[int, Product], Rows] = field(repr=False)
    encoded: Mapping[tuple[int, Product], Words] = field(repr=False)
    codings: Mapping[_Place, Coding] = field(repr=False)

    @property
    def longest_call(self) -> int:
        """Bytes of the longest MULTIPLY body."""
        return max(coding.up_size for coding in self.codings.values())

    def multiply(self, body: memoryview) -> bytes:
        """The PRODUCT body for a MULTIPLY body. Raises LookupError for an unknown product, Refused for a malformed call."""
        call, packed = Call.split(body)
        layer, product, lanes = place = _place(call)
        coding = self.codings[place]
        ciphertexts = coding.read_up(packed)
        if lanes == 1:
            bodies, masks = self.ring.product(self.encoded[layer, product], ciphertexts, coding.plan)
        else:
            bodies, masks = self.ring.shared_product(self.rows[layer, product], ciphertexts, coding.plan)
        return coding.write_down(call, bodies, masks)


def load_served_model(
    model: ModelFile, *, bits: Widths | None = None, lanes: tuple[int, ...] = LANES, layers: int | None = None
) -> tuple[ServedModel, Scales]:
    """Quantises and encodes: about 15 seconds and 1.1 GB for 135 million weights. Raises UnreadableModel, NoPlan
    or UnusableBits.

    The file is let go before the encoding begins: memory does not peak.
    """
    rows: dict[tuple[int, Product], Rows] = {}

    def take(layer: int, product: Product, matrix: Quantised) -> None:
        rows[layer, product] = matrix.rows

    blueprint, scales = drawn(model, take, bits=bits, lanes=lanes, layers=layers)
    del model
    ring = Ring(blueprint.parameters)
    alone = {place: blueprint.plans[*place, 1] for place in rows if (*place, 1) in blueprint.plans}
    encoded = {place: ring.encoded(rows[place], plan) for place, plan in alone.items()}
    codings = {place: Coding.of(plan, blueprint.parameters) for place, plan in blueprint.plans.items()}
    return ServedModel(blueprint, ring, rows, encoded, codings), scales


def _place(call: Call) -> _Place:
    try:
        return call.layer, Product(call.product), call.lanes
    except ValueError:
        raise Refused("a call names no product") from None
