"""The whole model under encryption, compared integer by integer with the same products in clear. `make proof-fhe`.

Fails unless no integer differs, and the quantised model's likeliest next word is that of the model in float32 at 99 of 100
positions.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.fhe.setting import running
from bench.fhe.texts import TEXTS
from gateway.cli.demo import model_file
from gateway.fhe.client.key import Key, Scheme
from gateway.fhe.client.multiply import EncryptedMultiply
from gateway.fhe.model.agreement import agreements
from gateway.fhe.model.client_part import ends_of
from gateway.fhe.model.forward import Forward, Memory
from gateway.fhe.model.gguf_file import ModelFile
from gateway.fhe.model.products import InClear, QuantisedProducts
from gateway.fhe.model.quantise import Bits, quantise_matrix
from gateway.fhe.model.shape import Product

_LEAST_AGREEMENT = 0.99


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="proof-fhe")
    parser.add_argument("--model", type=Path, default=None)
    parser.add_argument("--tokens", type=int, default=8, help="tokens to generate")
    given = parser.parse_args(arguments)
    file = given.model or model_file()
    differing, compared, text = _compared(file, given.tokens)
    print(f"{differing} of {compared} integers differ; it said: {text!r}")
    (found,) = agreements(ModelFile(file), TEXTS, [Bits()])
    share = found.same / found.positions
    print(f"{found.bits}: the same next word as float32 at {found.same} of {found.positions} positions ({100 * share:.1f} %)")
    if differing or share < _LEAST_AGREEMENT:
        raise SystemExit("not proven")


def _compared(file: Path, tokens: int) -> tuple[int, int, str]:
    """Differing integers, all integers, and what was said."""
    model, differing, compared = ModelFile(file), 0, 0
    places = [(layer, product) for layer in range(model.shape.layers) for product in Product]
    clear = InClear({place: quantise_matrix(model.weights(*place), Bits()).rows for place in places})
    with running(file, Bits()) as setting:
        part, pieces = setting.generator.part, setting.generator.pieces
        encrypted = EncryptedMultiply(setting.connection, Key(Scheme(part.blueprint.parameters)), part.blueprint)

        def both(layer: int, product: Product, vectors: NDArray[np.int64]) -> NDArray[np.int64]:
            nonlocal differing, compared
            numbers = encrypted(layer, product, vectors)
            differing += int((numbers != clear(layer, product, vectors)).sum())
            compared += numbers.size
            return numbers

        products = QuantisedProducts(model.shape, Bits(), part.scales, both)
        forward = Forward(model.shape, ends_of(model), products)
        prompt = pieces.encode_marked(TEXTS[-1].partition("assistant\n")[0] + "assistant\n")
        memory, said = Memory(model.shape, len(prompt) + tokens), list[int]()
        states = forward(prompt, memory)
        while len(said) < tokens:
            said.append(int(np.argmax(forward.logits(states[-1:]))))
            states = forward(said[-1:], memory)
    return differing, compared, pieces.decode(said)


if __name__ == "__main__":
    main(sys.argv[1:])
