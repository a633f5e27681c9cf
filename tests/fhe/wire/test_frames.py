from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.fhe.wire.frames import HEAD_SIZE, Direction, Kind, Refused, opening_key, session_key

_KEY = opening_key(b"")
_LIMITS = {Kind.MULTIPLY: 100, Kind.PING: 0}


def _read(direction: Direction, frame: bytes) -> bytes:
    return bytes(direction.open(direction.head(frame[:HEAD_SIZE], _LIMITS), frame[HEAD_SIZE:]))


@given(bodies=st.lists(st.binary(max_size=100), max_size=5))
def test_frames_arrive_in_order(bodies: list[bytes]) -> None:
    sender, receiver = Direction(b"up", _KEY), Direction(b"up", _KEY)
    assert [_read(receiver, sender.frame(Kind.MULTIPLY, body)) for body in bodies] == bodies


@settings(max_examples=300)
@given(body=st.binary(max_size=40), place=st.integers(0, 10_000), change=st.integers(1, 255))
def test_no_changed_byte_passes(body: bytes, place: int, change: int) -> None:
    frame = bytearray(Direction(b"up", _KEY).frame(Kind.MULTIPLY, body))
    frame[place % len(frame)] ^= change
    with pytest.raises(Refused):
        _read(Direction(b"up", _KEY), bytes(frame))


@given(noise=st.binary(min_size=HEAD_SIZE, max_size=HEAD_SIZE + 60))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(Refused):
        _read(Direction(b"up", _KEY), noise)


@given(body=st.binary(max_size=40), kept=st.integers(0, 55))
def test_a_frame_that_is_cut_is_refused(body: bytes, kept: int) -> None:
    frame = Direction(b"up", _KEY).frame(Kind.MULTIPLY, body)
    with pytest.raises(Refused):
        _read(Direction(b"up", _KEY), frame[: HEAD_SIZE + min(kept, len(frame) - HEAD_SIZE - 1)])


def test_a_frame_is_read_once() -> None:
    sender, receiver = Direction(b"up", _KEY), Direction(b"up", _KEY)
    frame = sender.frame(Kind.MULTIPLY, b"x")
    assert _read(receiver, frame) == b"x"
    with pytest.raises(Refused, match="came again"):
        _read(receiver, frame)


def test_a_frame_that_was_left_out_is_missed() -> None:
    sender, receiver = Direction(b"up", _KEY), Direction(b"up", _KEY)
    sender.frame(Kind.MULTIPLY, b"lost")
    with pytest.raises(Refused, match="left out"):
        _read(receiver, sender.frame(Kind.MULTIPLY, b"x"))


def test_a_frame_goes_one_way_and_on_one_connection() -> None:
    frame = Direction(b"up", _KEY).frame(Kind.MULTIPLY, b"x")
    other = session_key(b"", b"n" * 32, b"m" * 32, b"f" * 32)
    for receiver in (Direction(b"down", _KEY), Direction(b"up", other), Direction(b"up", opening_key(b"secret"))):
        with pytest.raises(Refused, match="another connection"):
            _read(receiver, frame)


def test_a_length_is_judged_before_anything_else_is_read() -> None:
    frame = Direction(b"up", _KEY).frame(Kind.MULTIPLY, b"x" * 101)
    with pytest.raises(Refused, match="longer"):
        Direction(b"up", _KEY).head(frame[:HEAD_SIZE], _LIMITS)


@pytest.mark.parametrize("version", [0, 1, 3])
def test_another_version_is_told_from_damage(version: int) -> None:
    """By the head alone: what follows it is another version's."""
    frame = bytearray(Direction(b"up", _KEY).frame(Kind.MULTIPLY, b"x"))
    frame[4] = version
    with pytest.raises(Refused, match="version"):
        Direction(b"up", _KEY).head(bytes(frame[:HEAD_SIZE]), _LIMITS)


def test_a_kind_that_must_not_come_now_is_refused() -> None:
    with pytest.raises(Refused, match="kind"):
        _read(Direction(b"up", _KEY), Direction(b"up", _KEY).frame(Kind.WELCOME, b""))
