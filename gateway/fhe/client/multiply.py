"""Multiplies by matrices that somebody else has, without showing what is multiplied."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import numpy as np

from gateway.errors import UpstreamProtocolError
from gateway.fhe.client.connection import Connection
from gateway.fhe.client.key import Key
from gateway.fhe.layout import Integers, messages, results
from gateway.fhe.model.blueprint import Blueprint
from gateway.fhe.model.shape import Product
from gateway.fhe.plan import Plan
from gateway.fhe.wire.frames import Refused
from gateway.fhe.wire.messages import Call, Coding


class EncryptedMultiply:
    """The `Multiply` of one request, with a key of its own. Raises UpstreamError; where the server computes what it was asked
    for, a number that it returns is exact.

    Before a call the length of each vector bounds its products (Cauchy and Schwarz) and so excludes an overflow. After it every
    result must lie as near to a whole number as the noise can have moved it: what was decrypted with another key, or damaged,
    does not. How large a result is, is not looked at: an honest server's are within the bound, and a lying one that adds to a
    result would learn from a refusal whether the sum exceeds it, which is a question of its choice about the prompt.
    """

    def __init__(self, connection: Connection, key: Key, blueprint: Blueprint) -> None:
        self._connection = connection
        self._key = key
        self._blueprint = blueprint
        self._lanes = blueprint.lanes
        self._request = secrets.token_bytes(16)

    def __call__(self, layer: int, product: Product, vectors: Integers) -> Integers:
        plans = [self._blueprint.plans[layer, product, lanes] for lanes in self._lanes]
        return np.concatenate([self._call(layer, product, part, plan) for part, plan in _parts(vectors, plans)])

    def _call(self, layer: int, product: Product, vectors: Integers, plan: Plan) -> Integers:
        parameters = self._blueprint.parameters
        lengths = np.sqrt(np.square(vectors.astype(np.float64)).sum(axis=1))
        if (lengths > plan.longest).any():
            raise ValueError("a vector is longer than its plan allows: its product could overflow")
        coding = Coding.of(plan, parameters)
        call = Call(self._request, layer, product, plan.lanes)
        ciphertexts = self._key.encrypt(messages(vectors, plan, parameters.modulus))
        answer = self._connection.call(coding.write_up(call, ciphertexts), coding.down_size)
        try:
            answered, packed = Call.split(answer)
            if answered != call:
                raise UpstreamProtocolError("the encrypted endpoint answered another call")
            decrypted = self._key.decrypt(*coding.read_down(packed), coding.places)
        except Refused as refused:
            raise UpstreamProtocolError(str(refused)) from None
        try:
            numbers, distances = results(decrypted, plan, len(vectors))
            self._check(distances, plan)
        finally:
            decrypted.fill(0)  # with the ciphertexts, which others have, noise is equations in the key
        return numbers

    def _check(self, distances: Integers, plan: Plan) -> None:
        if max(distances.max(), -distances.min()) > plan.noise:
            raise UpstreamProtocolError("the encrypted endpoint's answer does not decrypt to a product")


def _parts(vectors: Integers, plans: list[Plan]) -> Iterator[tuple[Integers, Plan]]:
    """Vectors that share ciphertexts, and how: whatever is cheapest for each that is left."""
    left = vectors
    while len(left):
        plan = min(plans, key=lambda plan: plan.cost / min(plan.lanes, len(left)))
        yield left[: plan.lanes], plan
        left = left[plan.lanes :]
