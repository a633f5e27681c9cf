"""The server's products by our kernels and by SEAL, by turns in one process; and one pass over the weights for several clients.

Of a layer of the model, or of several, with fresh ciphertexts; the least CPU time of each round counts, scaled to all layers.
SEAL keeps its plaintexts transformed, as we do, and adds up transformed ciphertexts: multiply_plain, add, and back once a tile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

import numpy as np
import seal

from gateway.fhe.client.key import Key, Scheme, plain_head
from gateway.fhe.kernels import Words
from gateway.fhe.layout import Integers, messages, result_places, tiles
from gateway.fhe.model.gguf_file import ModelFile
from gateway.fhe.model.shape import Product
from gateway.fhe.parameters import PLAIN_BITS
from gateway.fhe.plan import Plan
from gateway.fhe.server.transform import Tables, backward, forward, root_of_unity, tables
from gateway.fhe.server.weights import ServedModel, load_served_model

_RAW = seal.compr_mode_type.none
_MOST = 900
_Result = TypeVar("_Result")
_Arguments = ParamSpec("_Arguments")


PARTS = (
    "server's products, our kernels",
    "server's products, SEAL",
    "client's encryptions, SEAL",
    "client's decryptions, SEAL",
    "client's transforms alone",
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
    places, key = result_places(plan), Key(judge.scheme)
    plain = _plain(plan)
    encryptions, encrypted = _least(rounds, lambda: list(key.encrypt(plain)))
    fresh = np.stack(encrypted)
    ours, mine = _least(rounds, lambda: served.ring.product(encoded, fresh.copy(), plan))
    prepared = judge.prepared(tiles(served.rows[0, product], plan, judge.scheme.parameters.degree))
    seals, theirs = _least(rounds, judge.product, prepared, fresh)
    decryptions, _ = _least(rounds, key.decrypt, theirs, places)
    transforms, _ = _least(rounds, _transformed, fresh[:, 0].copy(), theirs[:, 0].copy(), judge.table)
    same = (mine[:, 1] == theirs[:, 1]).all() and (mine[:, 0, places] == theirs[:, 0, places]).all()
    return Compared((ours, seals, encryptions, decryptions, transforms), bool(same))


class _Seal:
    """multiply_plain and add by SEAL's evaluator, on what it has transformed before."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self._evaluator = seal.Evaluator(scheme.context)
        self._degree, modulus = scheme.parameters.degree, scheme.parameters.modulus
        self.table = tables(self._degree, modulus, root_of_unity(2 * self._degree, modulus))
        encryptor = seal.Encryptor(scheme.context, seal.KeyGenerator(scheme.context).secret_key())
        written = encryptor.encrypt_symmetric(seal.Plaintext("1")).to_string(_RAW)
        self._cipher_head = written[: -16 * self._degree]
        self._plain_head = plain_head(self._degree)

    def prepared(self, polynomials: Integers) -> list[list[seal.Plaintext]]:
        """(tiles, blocks, degree) as transformed plaintexts."""
        return [[self._plaintext(each) for each in tile] for tile in polynomials]

    def product(self, prepared: list[list[seal.Plaintext]], ciphertexts: Words) -> Words:
        """(tiles, 2, degree)."""
        turned = [self._ciphertext(each) for each in ciphertexts]
        for each in turned:
            self._evaluator.transform_to_ntt_inplace(each)
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
        plaintext = self.scheme.plaintext((polynomial % 2**PLAIN_BITS).astype(np.uint64), self._plain_head)
        self._evaluator.transform_to_ntt_inplace(plaintext, self.scheme.context.first_parms_id())
        return plaintext

    def _ciphertext(self, words: Words) -> seal.Ciphertext:
        ciphertext = seal.Ciphertext()
        ciphertext.load_bytes(self.scheme.context, self._cipher_head + words.tobytes())
        return ciphertext


def _plain(plan: Plan) -> Words:
    vectors = np.random.default_rng(0).integers(-_MOST, _MOST + 1, (plan.lanes, plan.inputs))
    return messages(vectors, plan)


def _transformed(up: Words, down: Words, table: Tables) -> None:
    """What no client can do without: one transform for what goes up, two for what comes back."""
    forward(up, table)
    forward(down, table)
    backward(down, table)


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
