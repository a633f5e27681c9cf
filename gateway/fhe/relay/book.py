"""Which frames there can be for a model: it takes its client's part to know, and no key. Pure, but for reading that file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from gateway.fhe.model.blueprint import Blueprint
from gateway.fhe.model.client_part import read_blueprint
from gateway.fhe.parameters import Parameters
from gateway.fhe.relay.pipe import Announced
from gateway.fhe.wire.frames import Refused
from gateway.fhe.wire.messages import Call, Coding


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


@dataclass(frozen=True, slots=True)
class _Positions:
    """How many a product was asked about: those in ciphertexts that several share, and those that have one of their own."""

    shared: int = 0
    single: int = 0

    @property
    def all(self) -> int:
        return self.shared + self.single

    def and_of(self, lanes: int) -> _Positions:
        return replace(self, single=self.single + 1) if lanes == 1 else replace(self, shared=self.shared + lanes)


class Reckoning:
    """Counts tokens by the frames of one answer: what they hold nobody can tell, but how many positions they are for.

    Lanes of the last shared ciphertext may be empty. So the prompt has as many tokens as were announced, once so many positions
    were asked for, and each further position is a token of the answer; the last token of an answer is never asked about. The
    product that was asked about most positions counts: whoever knows one matrix could leave its calls out.
    """

    def __init__(self, announced: Announced, most_lanes: int) -> None:
        self._announced = announced
        self._most_lanes = most_lanes
        self._request: bytes | None = None
        self._of: dict[tuple[int, int], _Positions] = {}
        self._most = _Positions()

    def see(self, call: Call) -> None:
        """Raises Refused for what belongs to another answer, or is more than was announced."""
        if call.request != (self._request or call.request):
            raise Refused("a call belongs to another answer")
        self._request = call.request
        before = self._of.get((call.layer, call.product), _Positions())
        seen = self._of[call.layer, call.product] = before.and_of(call.lanes)
        if seen.shared >= self._announced.prompt + self._most_lanes or self._said(seen) > self._announced.answer:
            raise Refused("more calls came than were announced")
        if seen.all > self._most.all:
            self._most = seen

    @property
    def input_tokens(self) -> int:
        return min(self._announced.prompt, self._most.all)

    @property
    def output_tokens(self) -> int:
        return self._said(self._most)

    def _said(self, seen: _Positions) -> int:
        if seen.all < self._announced.prompt:
            return 0
        return seen.single - max(0, self._announced.prompt - seen.shared) + 1
