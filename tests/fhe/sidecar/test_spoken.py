"""What a sidecar's model says of a caller's data comes back whole, however it is cut into tokens."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.fhe.client.connection import Connection
from gateway.fhe.client.generate import End, Generator, Piece, Step, Wish
from tests.fhe.sidecar.conftest import Ward, sidecar
from tests.fhe.sidecar.test_sidecar import ADDRESS, ASKED
from tests.support.gateway import MODEL

SAID = "Dear **<EMAIL_ADDRESS_1>**, 给<email address 1>：《EMAIL_ADDRESS_1》 <EMAIL <EMAIL_ADDRESS_2>, yours, EMAIL_ADDRESS_1"
HEARD = f"Dear **{ADDRESS}**, 给{ADDRESS}：{ADDRESS} <EMAIL <EMAIL_ADDRESS_2>, yours, {ADDRESS}"


def speaking(generator: Generator, size: int) -> Generator:
    """It says the same to everybody, in pieces of so many characters, and asks the server nothing."""

    class Speaking(Generator):
        def steps(self, wish: Wish, connection: Connection) -> Iterator[Step]:
            for at in range(0, len(SAID), size):
                yield Piece(SAID[at : at + size], at + 1)
            yield End("stop", len(SAID))

    spoken = object.__new__(Speaking)
    spoken.__dict__.update(generator.__dict__)
    return spoken


@pytest.mark.parametrize("size", [1, 3, 7, 200])
def test_a_stream_adds_up_to_the_whole_answer(ward: Ward, size: int) -> None:
    with sidecar(ward.home, generator=speaking(ward.home.generator, size)) as client:
        plain = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": ASKED}], max_tokens=9)
        with client.chat.completions.stream(
            model=MODEL,
            messages=[{"role": "user", "content": ASKED}],
            max_tokens=9,
            stream_options={"include_usage": True},
        ) as stream:
            streamed = stream.get_final_completion()
    assert plain.choices[0].message.content == streamed.choices[0].message.content == HEARD
    assert streamed.choices[0].finish_reason == plain.choices[0].finish_reason == "stop"
    assert streamed.usage == plain.usage
