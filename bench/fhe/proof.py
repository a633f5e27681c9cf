"""The whole model under encryption, compared integer by integer with the same products in clear. `make proof-fhe`.

Fails unless no integer differs, and the quantised model's likeliest next word is that of the model in float32 at 99 of 100
positions. Tells how much of the room that its bound gives it the noise has taken, for each way to share a ciphertext.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from bench.fhe.setting import running
from bench.fhe.texts import TEXTS
from gateway.cli.demo.model import model_file
from gateway.fhe.client.connection import Connection
from gateway.fhe.client.key import Key, Scheme
from gateway.fhe.client.multiply import EncryptedMultiply
from gateway.fhe.model.agreement import Agreement, agreements
from gateway.fhe.model.blueprint import Blueprint
from gateway.fhe.model.client_part import ends_of
from gateway.fhe.model.forward import Forward, Memory
from gateway.fhe.model.gguf_file import ModelFile
from gateway.fhe.model.products import InClear, QuantisedProducts
from gateway.fhe.model.quantise import Bits, quantise_matrix
from gateway.fhe.model.shape import Product
from gateway.fhe.model.widths import Widths
from gateway.fhe.plan import Plan

_LEAST_AGREEMENT = 0.99
_SETTINGS = [Widths.read(each) for each in ("8,8", "8,13", "10,13", "11,13", "11,14", "12,13")]


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="proof-fhe")
    parser.add_argument("--model", type=Path, default=None)
    parser.add_argument("--tokens", type=int, default=8, help="tokens to generate")
    given = parser.parse_args(arguments)
    file = given.model or model_file()
    differing, compared, text, noise = _compared(file, given.tokens)
    print(f"{differing} of {compared} integers differ; it said: {text!r}")
    for lanes, most in sorted(noise.items()):
        print(f"{lanes} positions in a ciphertext: the noise reached {100 * most:.0f} % of its bound")
    shares = {found.bits: found.same / found.positions for found in _agreements(file)}
    if differing or shares[Widths()] < _LEAST_AGREEMENT:
        raise SystemExit("not proven")


def _agreements(file: Path) -> Iterator[Agreement]:
    for found in agreements(ModelFile(file), TEXTS, _SETTINGS):
        share = f"{found.same / found.positions:.1%}"
        print(f"{found.bits}: the same next word as float32 at {found.same} of {found.positions} positions ({share})")
        yield found


class _Watched(EncryptedMultiply):
    """Keeps the most noise that there was, as a share of its bound, by how many positions share a ciphertext."""

    def __init__(self, connection: Connection, key: Key, blueprint: Blueprint) -> None:
        super().__init__(connection, key, blueprint)
        self.noise: dict[int, float] = {}

    def _check(self, distances: NDArray[np.int64], plan: Plan) -> None:
        super()._check(distances, plan)
        most = float(np.abs(distances).max()) / plan.noise
        self.noise[plan.lanes] = max(most, self.noise.get(plan.lanes, 0.0))


def _compared(file: Path, tokens: int) -> tuple[int, int, str, dict[int, float]]:
    """Differing integers, all integers, what was said, and the noise."""
    model, differing, compared = ModelFile(file), 0, 0
    places = [(layer, product) for layer in range(model.shape.layers) for product in Product]
    clear = InClear({place: quantise_matrix(model.weights(*place), Bits()).rows for place in places})
    with running(file, Widths()) as setting:
        part, pieces = setting.generator.part, setting.generator.pieces
        encrypted = _Watched(setting.connection, Key(Scheme(part.blueprint.parameters)), part.blueprint)

        def both(layer: int, product: Product, vectors: NDArray[np.int64]) -> NDArray[np.int64]:
            nonlocal differing, compared
            numbers = encrypted(layer, product, vectors)
            differing += int((numbers != clear(layer, product, vectors)).sum())
            compared += numbers.size
            return numbers

        products = QuantisedProducts(model.shape, Widths(), part.scales, both)
        forward = Forward(model.shape, ends_of(model), products)
        prompt = pieces.encode_marked("\n".join(TEXTS).rpartition("assistant\n")[0] + "assistant\n")
        parts = _parts(prompt, part.blueprint.lanes)
        memory, said = Memory(model.shape, sum(part.blueprint.lanes) + tokens), list[int]()
        for each in parts:
            states = forward(each, memory)
        while len(said) < tokens:
            said.append(int(np.argmax(forward.logits(states[-1:]))))
            states = forward(said[-1:], memory)
    return differing, compared, pieces.decode(said), encrypted.noise


def _parts(prompt: list[int], lanes: tuple[int, ...]) -> list[list[int]]:
    """The end of a prompt in parts, one for each way to share a ciphertext."""
    ends = np.cumsum(lanes)[:-1].tolist()
    return [part.tolist() for part in np.split(np.array(prompt[-sum(lanes) :]), ends)]


if __name__ == "__main__":
    main(sys.argv[1:])
