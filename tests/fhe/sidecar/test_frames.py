"""What is not a frame of the answer that was announced does not pass, whoever sends it."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from websockets.exceptions import InvalidStatus

from gateway.audit.event import ExchangeRecord, Outcome
from gateway.fhe.model.client_part import ClientPart
from gateway.fhe.wire.frames import Kind
from gateway.fhe.wire.messages import Call
from tests.fhe.sidecar.conftest import Ward
from tests.fhe.sidecar.rogue import REQUEST, Rogue, dialled, rogue, with_length


def _changed(caller: Rogue) -> None:
    frame = bytearray(caller.call())
    frame[-40] ^= 1
    caller.send(bytes(frame))


def _repeated(caller: Rogue) -> None:
    frame = caller.call()
    caller.send(frame)
    assert caller.answered()
    caller.send(frame)


def _left_out(caller: Rogue) -> None:
    caller.call()
    caller.send(caller.call())


def _oversized(caller: Rogue) -> None:
    """Judged by its head: nobody waits for so many bytes."""
    caller.send(with_length(caller.call(), 2**31))


def _of_no_matrix(caller: Rogue) -> None:
    caller.send(caller.frame(Kind.MULTIPLY, Call(REQUEST, 99, 0, 1).to_bytes() + bytes(100)))


def _of_another_length(caller: Rogue) -> None:
    caller.send(caller.frame(Kind.MULTIPLY, Call(REQUEST, 0, 0, 1).to_bytes() + bytes(100)))


def _too_short_for_a_call(caller: Rogue) -> None:
    caller.send(caller.frame(Kind.MULTIPLY, b"?"))


def _no_ciphertext(caller: Rogue) -> None:
    caller.send(caller.frame(Kind.PING, b""))


def _text(caller: Rogue) -> None:
    caller.socket.send("What is the weather like in a frame of ciphertexts?")


def _of_another_answer(caller: Rogue) -> None:
    caller.send(caller.call())
    assert caller.answered()
    caller.send(caller.call(request=bytes(16)))


def _more_than_announced(caller: Rogue) -> None:
    """A prompt of 3 tokens does not fill two shared ciphertexts."""
    shared = max(caller.blueprint.lanes)
    caller.send(caller.call(lanes=shared))
    assert caller.answered()
    caller.send(caller.call(lanes=shared))


@pytest.mark.parametrize(
    "misbehave",
    [
        _changed,
        _repeated,
        _left_out,
        _oversized,
        _of_no_matrix,
        _of_another_length,
        _too_short_for_a_call,
        _no_ciphertext,
        _text,
        _of_another_answer,
        _more_than_announced,
    ],
)
def test_it_is_refused_and_on_the_record(misbehave: Callable[[Rogue], None], ward: Ward, tiny_part: ClientPart) -> None:
    with rogue(ward.gateway, tiny_part.blueprint) as caller:
        misbehave(caller)
        assert not caller.answered()
        assert caller.ended() == 1008
    record = _last(ward)
    assert (record.outcome, record.error_code) == (Outcome.REJECTED, "invalid_request")
    assert record.relayed is not None
    _check_that_all_is_free(ward)


def test_a_frame_that_was_cut_short(ward: Ward, tiny_part: ClientPart) -> None:
    """Nobody is left who could be told."""
    with rogue(ward.gateway, tiny_part.blueprint) as caller:
        caller.send(caller.call()[:-9])
    assert _last(ward).outcome is Outcome.ABORTED
    _check_that_all_is_free(ward)


def test_who_hangs_up_without_a_word_frees_the_server(ward: Ward, tiny_part: ClientPart) -> None:
    with rogue(ward.gateway, tiny_part.blueprint) as caller:
        caller.send(caller.call())
        caller.socket.socket.shutdown(2)
    record = _last(ward)
    assert record.outcome is Outcome.ABORTED
    _check_that_all_is_free(ward)


@pytest.mark.parametrize("asked", ["", "prompt_tokens=3", "prompt_tokens=3&max_tokens=100", "prompt_tokens=0&max_tokens=5"])
def test_what_is_not_announced_does_not_begin(asked: str, ward: Ward) -> None:
    with pytest.raises(InvalidStatus) as refused, dialled(ward.gateway, asked):
        pass
    assert refused.value.response.status_code == 400
    assert b'"invalid_request"' in bytes(refused.value.response.body or b"")
    assert _last(ward).outcome is Outcome.REJECTED


def test_a_web_page_is_not_served(ward: Ward) -> None:
    """Nor does it reach anybody who would authenticate it."""
    before = len(ward.gateway.records())
    asked = "prompt_tokens=3&max_tokens=2"
    with pytest.raises(InvalidStatus) as refused, dialled(ward.gateway, asked, origin="https://evil.example"):
        pass
    assert refused.value.response.status_code == 403
    assert len(ward.gateway.records()) == before


def _last(ward: Ward) -> ExchangeRecord:
    """The last record, when all have ended."""
    deadline = time.monotonic() + 10
    while True:
        records = ward.gateway.records()
        if all(one.outcome is not Outcome.INCOMPLETE for one in records):
            return records[-1]
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _check_that_all_is_free(ward: Ward) -> None:
    deadline = time.monotonic() + 10
    while ward.server.open:
        assert time.monotonic() < deadline
        time.sleep(0.01)
