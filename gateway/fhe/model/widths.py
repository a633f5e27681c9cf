"""How many bits each product of a model has: as a rule the same, and others for some layers or matrices. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gateway.fhe.model.quantise import Bits, UnusableBits
from gateway.fhe.model.shape import Product

_KINDS = {product.name.lower(): product for product in Product}
_LAYERS = re.compile(r"([0-9]{1,4})(?:-([0-9]{1,4}))?")
_BITS = re.compile(r"([0-9]{1,2}),([0-9]{1,2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Other bits for layers, first and last, or for one product of these: `0-3=12,13`, `29/down=12,14` or, for all layers,
    `down=11,14`. Raises UnusableBits.
    """

    bits: Bits
    layers: tuple[int, int] | None = None
    product: Product | None = None

    def __post_init__(self) -> None:
        if self.layers and self.layers[0] > self.layers[1]:
            raise UnusableBits("layers go from the lower to the higher, such as 0-3")
        if self.layers is None and self.product is None:
            raise UnusableBits("other bits need a layer or a kind of matrix")

    @staticmethod
    def read(text: str) -> Override:
        """What `str` has written. Raises UnusableBits."""
        where, _, bits = text.partition("=")
        layers, _, kind = ("", "", where) if where in _KINDS else where.partition("/")
        if kind and kind not in _KINDS:
            raise UnusableBits(f"the kinds of matrices are {', '.join(_KINDS)}")
        return Override(bits=read_bits(bits), layers=_layers(layers) if layers else None, product=_KINDS.get(kind))

    def covers(self, layer: int, product: Product) -> bool:
        """Whether it is about this product."""
        in_layers = self.layers is None or self.layers[0] <= layer <= self.layers[1]
        return in_layers and self.product in (None, product)

    def __str__(self) -> str:
        layers = "" if self.layers is None else "-".join(str(layer) for layer in sorted(set(self.layers)))
        kind = "" if self.product is None else self.product.name.lower()
        return f"{'/'.join(filter(None, (layers, kind)))}={self.bits.weight},{self.bits.activation}"


@dataclass(frozen=True, slots=True)
class Widths:
    """Of overrides that are about the same product the last one counts."""

    usual: Bits = field(default_factory=Bits)
    overrides: tuple[Override, ...] = ()

    @staticmethod
    def read(text: str) -> Widths:
        """`11,13`, and overrides after blanks. Raises UnusableBits."""
        usual, *overrides = text.split() or [""]
        return Widths(read_bits(usual), tuple(Override.read(each) for each in overrides))

    def of(self, layer: int, product: Product) -> Bits:
        """The bits of one product of one layer."""
        return next((each.bits for each in reversed(self.overrides) if each.covers(layer, product)), self.usual)

    def check(self, layers: int) -> None:
        """Raises UnusableBits for overrides of layers that a model with so many has not."""
        if any(each.layers and each.layers[1] >= layers for each in self.overrides):
            raise UnusableBits(f"the model has layers 0 to {layers - 1}")

    def __str__(self) -> str:
        return " ".join([str(self.usual), *map(str, self.overrides)])


def read_bits(text: str) -> Bits:
    """`11,13`: of a weight and of an activation. Raises UnusableBits."""
    found = _BITS.fullmatch(text)
    if not found:
        raise UnusableBits("bits are a weight's and an activation's, such as 11,13")
    return Bits(int(found[1]), int(found[2]))


def _layers(text: str) -> tuple[int, int]:
    found = _LAYERS.fullmatch(text)
    if not found:
        raise UnusableBits("layers are a number or two, such as 29 or 0-3")
    return int(found[1]), int(found[2] or found[1])
