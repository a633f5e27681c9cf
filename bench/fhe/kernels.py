"""The server's products by our kernels and by SEAL, by turns in one process; and one pass over the weights for several clients.

Of a layer of the model, or of several, with fresh ciphertexts; the least CPU time of each round counts, scaled to all layers.
SEAL keeps its plaintexts transformed, as we do: multiply_plain, add, and back once a tile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

import numpy as np
import seal
from numpy.typing import NDArray

from gateway.fhe.client.key import Key, Scheme
from gateway.fhe.kernels import Words
from gateway.fhe.layout import Integers, messages, result_places, tiles
from gateway.fhe.model.gguf_file import ModelFile
from gateway.fhe.model.shape import Product
from gateway.fhe.parameters import Parameters
from gateway.fhe.plan import Plan
from gateway.fhe.server.weights import ServedModel, load_served_model
from gateway.fhe.transform import backward_at, forward

_RAW = seal.compr_mode_type.none
_MOST = 900
_Result = TypeVar("_Result")
_Arguments = ParamSpec("_Arguments")


PARTS = (
    "server's products, our kernels",
    "server's products, SEAL",
    "client's encryptions",
    "client's decryptions",
    "of these, transforms",
)


@dataclass(frozen=True, slots=True)
class Compared:
    """CPU-seconds of each of the parts, and whether SEAL's products are ours."""

    seconds: tuple[float, ...]
    same: bool


def beside_seal(model: ModelFile, rounds: int = 3) -> Compared:
    """Of a generated token: the first layer's products, as often as there are layers."""
    served, _ = load_served_model(model, lanes=(1,), layers=1)
    judge = _Seal(Scheme(served.blueprint.parameters))
    found = [_compared(served, product, judge, rounds) for product in Product]
    sums = zip(*(each.seconds for each in found), strict=True)
    return Compared(tuple(model.shape.layers * sum(each) for each in sums), all(each.same for each in found))


def one_pass(model: ModelFile, clients: tuple[int, ...], layers: int, rounds: int = 3) -> Iterator[tuple[int, float]]:
    """Clients, and the server's CPU-seconds for a token of each. `layers` must be more than the processor's caches hold."""
    served, _ = load_served_model(model, lanes=(1,), layers=layers)
    key = Key(Scheme(served.blueprint.parameters))
    plans = {product: served.blueprint.plans[0, product, 1] for product in Product}
    fresh = {product: np.stack(list(key.encrypt(_plain(plan)))) for product, plan in plans.items()}

    def token(count: int) -> None:
        for (layer, product), encoded in served.encoded.items():
            sets = np.repeat(fresh[product][None], count, axis=0)
            served.ring.products(encoded, sets, served.blueprint.plans[layer, product, 1])

    for count in clients:
        seconds, _ = _least(rounds, token, count)
        yield count, seconds / count * model.shape.layers / layers


def _compared(served: ServedModel, product: Product, judge: _Seal, rounds: int) -> Compared:
    plan, encoded = served.blueprint.plans[0, product, 1], served.encoded[0, product]
    places, key, plain = result_places(plan), Key(judge.scheme), _plain(plan)
    encryptions, encrypted = _least(rounds, lambda: list(key.encrypt(plain)))
    fresh = np.stack(encrypted)
    ours, (bodies, masks) = _least(rounds, served.ring.product, encoded, fresh, plan)
    prepared = judge.prepared(tiles(served.rows[0, product], plan, judge.scheme.parameters.degree))
    seals, theirs = _least(rounds, judge.product, prepared, fresh)
    same = bool((masks == theirs[:, 1]).all() and (bodies == theirs[:, 0, places]).all())
    decryptions, _ = _least(rounds, lambda: key.decrypt(bodies, masks.copy(), places))
    transforms, _ = _least(
        rounds, _transformed, np.zeros((plan.blocks, masks.shape[1]), np.uint64), masks, places, judge.scheme
    )
    return Compared((ours, seals, encryptions, decryptions, transforms), same)


class _Seal:
    """multiply_plain and add by SEAL's evaluator, on what was transformed before."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self._evaluator = seal.Evaluator(scheme.context)
        self._degree = scheme.parameters.degree
        encryptor = seal.Encryptor(scheme.context, seal.KeyGenerator(scheme.context).secret_key())
        self._head = encryptor.encrypt_symmetric(scheme.nothing).to_string(_RAW)[: -16 * self._degree]

    def prepared(self, polynomials: Integers) -> list[list[seal.Plaintext]]:
        """(tiles, blocks, degree) as transformed plaintexts."""
        return [[self._plaintext(each) for each in tile] for tile in polynomials]

    def product(self, prepared: list[list[seal.Plaintext]], ciphertexts: Words) -> Words:
        """(tiles, 2, degree)."""
        turned = [self._ciphertext(each) for each in ciphertexts]
        products = np.empty((len(prepared), 2, self._degree), dtype=np.uint64)
        for number, tile in enumerate(prepared):
            total = self._evaluator.multiply_plain(turned[0], tile[0])
            for ciphertext, plaintext in zip(turned[1:], tile[1:], strict=True):
                self._evaluator.add_inplace(total, self._evaluator.multiply_plain(ciphertext, plaintext))
            self._evaluator.transform_from_ntt_inplace(total)
            raw = total.to_string(_RAW)
            products[number] = np.frombuffer(raw[-16 * self._degree :], dtype="<u8").reshape(2, self._degree)
        return products

    def _plaintext(self, polynomial: Integers) -> seal.Plaintext:
        values = (polynomial % self.scheme.parameters.modulus).astype(np.uint64)[None]
        forward(values, self.scheme.transform)
        plain = seal.Plaintext()
        self.scheme.plaintext(values[0], plain)
        return plain

    def _ciphertext(self, words: Words) -> seal.Ciphertext:
        ciphertext = seal.Ciphertext()
        ciphertext.load_bytes(self.scheme.context, self._head + words.tobytes())
        return ciphertext


def _plain(plan: Plan) -> Words:
    vectors = np.random.default_rng(0).integers(-_MOST, _MOST + 1, (plan.lanes, plan.inputs))
    return messages(vectors, plan, Parameters().modulus)


def _transformed(up: Words, down: Words, places: NDArray[np.int64], scheme: Scheme) -> None:
    """What a client cannot do without: a transform for what goes up, one and a part of one for what comes back."""
    forward(up, scheme.transform)
    forward(down, scheme.transform)
    backward_at(down, scheme.transform, places)


def _least(
    rounds: int, work: Callable[_Arguments, _Result], *args: _Arguments.args, **more: _Arguments.kwargs
) -> tuple[float, _Result]:
    """The least CPU-seconds, and the last result. The first round compiles."""
    seconds = []
    for _ in range(rounds + 1):
        start = time.process_time()
        result = work(*args, **more)
        seconds.append(time.process_time() - start)
    return min(seconds), result
