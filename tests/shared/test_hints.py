"""Only what one of us signed is a hint."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.shared.hints import Hint, HintSeal, Topic
from tests.shared.conftest import SECRET

SEAL = HintSeal(SECRET)
HINTS = st.builds(Hint, st.sampled_from(Topic), st.text("0123456789abcdef", min_size=1, max_size=64))


@given(HINTS)
def test_a_hint_is_read_as_it_was_written(hint: Hint) -> None:
    assert SEAL.read(SEAL.write(hint)) == hint
    assert HintSeal(b"x" * 32).read(SEAL.write(hint)) is None


@given(HINTS, st.data())
def test_one_changed_byte_makes_it_none(hint: Hint, data: st.DataObject) -> None:
    written = bytearray(SEAL.write(hint))
    at = data.draw(st.integers(0, len(written) - 1))
    written[at] ^= data.draw(st.integers(1, 255))
    assert SEAL.read(bytes(written)) is None


@given(st.one_of(st.binary(max_size=300), st.integers(), st.text(), st.none()))
def test_anything_else_is_none(raw: object) -> None:
    assert SEAL.read(raw) is None


def test_a_topic_that_we_do_not_know_is_none() -> None:
    """A later version of the gateway may tell more."""
    told = "moon -"
    assert SEAL.read(f"{told} {SEAL._tag(told)}".encode()) is None
