"""Which frames there can be for a model: it takes its client's part to know, and no key. Pure, but for reading that file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gateway.fhe.model.blueprint import Blueprint
from gateway.fhe.model.client_part import read_blueprint
from gateway.fhe.model.shape import Product
from gateway.fhe.parameters import Parameters
from gateway.fhe.relay.pipe import Announced
from gateway.fhe.wire.frames import Refused
from gateway.fhe.wire.messages import Call, Coding

_FIRST = (0, int(min(Product)))
"""The product that every position of a text begins with."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of the body of a MULTIPLY frame, and of the PRODUCT frame that answers it."""

    up: int
    down: int


class Book:
    """The frames of one model."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.fingerprint = blueprint.fingerprint
        self.parameters: Parameters = blueprint.parameters
        self.most_lanes = max(blueprint.lanes)
        codings = {place: Coding.of(plan, blueprint.parameters) for place, plan in blueprint.plans.items()}
        self._sizes = {
            (layer, int(product), lanes): Sizes(coding.up_size, coding.down_size)
            for (layer, product, lanes), coding in codings.items()
        }
        self.longest_up = max(one.up for one in self._sizes.values())

    def sizes(self, call: Call) -> Sizes:
        """Raises Refused for a product that the model does not have."""
        found = self._sizes.get((call.layer, call.product, call.lanes))
        if found is None:
            raise Refused("a call is for a matrix that the model does not have")
        return found


def read_book(file: Path) -> Book:
    """Raises UnreadableModel, or InsecureParameters for plans below 128 bits."""
    return Book(read_blueprint(file))


class Reckoning:
    """Counts tokens by the frames of one answer: what they hold nobody can tell, but how many positions they are for.

    Lanes of the last shared ciphertext may be empty. So the prompt has as many tokens as were announced, once so many positions
    were asked for, and each further position is a token of the answer; the last token of an answer is never asked about.
    """

    def __init__(self, announced: Announced, most_lanes: int) -> None:
        self._announced = announced
        self._most_lanes = most_lanes
        self._request: bytes | None = None
        self._shared = 0
        self._single = 0

    def see(self, call: Call) -> None:
        """Raises Refused for what belongs to another answer, or is more than was announced."""
        if call.request != (self._request or call.request):
            raise Refused("a call belongs to another answer")
        self._request = call.request
        if (call.layer, call.product) != _FIRST:
            return
        if call.lanes == 1:
            self._single += 1
        else:
            self._shared += call.lanes
        if self._shared + self._single >= self._announced.prompt + self._announced.answer + self._most_lanes:
            raise Refused("more calls came than were announced")

    @property
    def input_tokens(self) -> int:
        return min(self._announced.prompt, self._shared + self._single)

    @property
    def output_tokens(self) -> int:
        if self._shared + self._single < self._announced.prompt:
            return 0
        return self._single - max(0, self._announced.prompt - self._shared) + 1
