"""An answer under encryption is the answer in clear, token by token."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from gateway.errors import UpstreamError, UpstreamProtocolError
from gateway.fhe.client.connection import Address, Connection
from gateway.fhe.client.generate import End, Generator, Piece, Progress, Step, Wish
from gateway.fhe.client.sampling import Taste
from gateway.fhe.model.agreement import quantised_products
from gateway.fhe.model.blueprint import LANES
from gateway.fhe.model.client_part import ClientPart, ends_of, read_client_part, write_client_part
from gateway.fhe.model.forward import Forward, Memory
from gateway.fhe.model.gguf_file import ModelFile
from gateway.fhe.model.shape import Product
from gateway.fhe.model.widths import Widths
from gateway.fhe.server.serve import Server
from gateway.fhe.server.weights import load_served_model
from tests.fhe.conftest import serving

_GREEDY = Taste(temperature=0)


def _in_clear(model: ModelFile, prompt: tuple[int, ...], count: int, bits: Widths | None = None) -> list[int]:
    forward = Forward(model.shape, ends_of(model), quantised_products(model, bits or Widths()))
    memory, said = Memory(model.shape, len(prompt) + count), list[int]()
    share = max(LANES)  # sums of floats depend on what is added up together
    *_, states = [forward(list(prompt[start : start + share]), memory) for start in range(0, len(prompt), share)]
    while len(said) < count:
        said.append(int(np.argmax(forward.logits(states[-1:]))))
        states = forward(said[-1:], memory)
    return said


def _steps(generator: Generator, address: Address, wish: Wish) -> list[Step]:
    with Connection(address, generator.part.blueprint) as connection:
        return list(generator.steps(wish, connection))


def _text(steps: list[Step]) -> str:
    return "".join(step.text for step in steps if isinstance(step, Piece))


@pytest.mark.parametrize("length", [3, 131])
def test_the_answer_is_that_of_the_model_in_clear(length: int, generator: Generator, server: Address, tiny: ModelFile) -> None:
    prompt = tuple(np.random.default_rng(length).integers(2, 258, length).tolist())
    steps = _steps(generator, server, Wish(prompt=prompt, most=6, taste=_GREEDY))
    assert _text(steps) == generator.pieces.decode(_in_clear(tiny, prompt, 6))
    assert [step.read for step in steps if isinstance(step, Progress)] == [n for n in (max(LANES), length) if n <= length]
    assert steps[-1] == End("length", 6)


def test_each_layer_may_have_bits_of_its_own(tiny: ModelFile, tmp_path: Path) -> None:
    bits = Widths.read("11,13 0=8,8 1/down=12,14")
    served, scales = load_served_model(tiny, bits=bits, lanes=(1, 8))
    write_client_part(tiny, served.blueprint, scales, tmp_path / "client.gguf")
    generator = Generator(read_client_part(tmp_path / "client.gguf"))
    with serving(Server(served)) as address:
        steps = _steps(generator, address, Wish(prompt=(5, 6, 7), most=6, taste=_GREEDY))
    assert _text(steps) == generator.pieces.decode(_in_clear(tiny, (5, 6, 7), 6, bits))
    assert served.rows[0, Product.QKV].max() == 127
    assert served.rows[1, Product.DOWN].max() == 2047


def test_two_clients_at_once_do_not_mix(generator: Generator, server: Address) -> None:
    wishes = [Wish(prompt=(5 + n, 6, 7 + n), most=4, taste=_GREEDY) for n in range(2)]
    alone = [_text(_steps(generator, server, wish)) for wish in wishes]
    with ThreadPoolExecutor(2) as pool:
        together = [_text(steps) for steps in pool.map(lambda wish: _steps(generator, server, wish), wishes)]
    assert together == alone
    assert len(set(alone)) > 1


def test_a_stop_word_ends_the_answer(generator: Generator, server: Address) -> None:
    whole = _text(_steps(generator, server, Wish(prompt=(5, 6, 7), most=8, taste=_GREEDY)))
    stop = whole[2:4]
    steps = _steps(generator, server, Wish(prompt=(5, 6, 7), most=8, taste=_GREEDY, stops=(stop,)))
    assert _text(steps) == whole[: whole.index(stop)]
    assert isinstance(steps[-1], End)
    assert steps[-1].reason == "stop"


def test_another_model_is_noticed_before_anything_is_sent(
    tiny_part: ClientPart, server: Address, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from tests.fhe.conftest import part_of
    from tests.fhe.tiny import write_tiny_model

    folder = tmp_path_factory.mktemp("other")
    other = part_of(write_tiny_model(folder / "other.gguf", seed=1), folder / "client.gguf")
    with pytest.raises(UpstreamProtocolError, match="another model"):
        Connection(server, other.blueprint)
    assert other.blueprint.fingerprint != tiny_part.blueprint.fingerprint


def test_a_connection_that_is_closed_ends_the_answer(generator: Generator, server: Address) -> None:
    connection = Connection(server, generator.part.blueprint)
    steps = generator.steps(Wish(prompt=(5, 6), most=5, taste=_GREEDY), connection)
    assert isinstance(next(steps), Progress)
    connection.close()
    assert isinstance(next(steps), Piece)  # it needs nobody for the first word
    with pytest.raises(UpstreamError):
        list(steps)
