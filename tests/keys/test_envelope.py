from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Unreadable
from gateway.keys.envelope import new_key, seal, unseal
from gateway.keys.subkeys import sub_key

KEY = bytes(range(32))


@given(st.binary(max_size=300), st.text(max_size=30))
def test_what_was_sealed_opens(plain: bytes, context: str) -> None:
    sealed = seal(KEY, plain, context)
    assert unseal(KEY, sealed, context) == plain
    assert len(sealed) == len(plain) + 29
    assert sealed != seal(KEY, plain, context)


def test_another_key_or_another_place_does_not_open_it() -> None:
    sealed = seal(KEY, b"Anna Schmidt", "call_1/request/0")
    for key, context in ((new_key(), "call_1/request/0"), (KEY, "call_1/reply/0"), (KEY, "call_2/request/0"), (KEY, "")):
        with pytest.raises(Unreadable) as refused:
            unseal(key, sealed, context)
        assert "Anna" not in str(refused.value)
        assert refused.value.__cause__ is None


@given(st.data())
def test_no_changed_byte_goes_unnoticed(data: st.DataObject) -> None:
    sealed = seal(KEY, b"some plain text", "here")
    place = data.draw(st.integers(0, len(sealed) - 1))
    bit = data.draw(st.integers(0, 7))
    with pytest.raises(Unreadable):
        unseal(KEY, sealed[:place] + bytes([sealed[place] ^ (1 << bit)]) + sealed[place + 1 :], "here")


@given(st.integers(0, 43))
def test_what_was_cut_is_unreadable(length: int) -> None:
    with pytest.raises(Unreadable):
        unseal(KEY, seal(KEY, b"some plain text", "here")[:length], "here")


def test_a_form_of_the_future_is_named_as_such() -> None:
    with pytest.raises(Unreadable, match="not in a form that this version knows"):
        unseal(KEY, b"\x02" + seal(KEY, b"", "here")[1:], "here")


def test_keys_have_32_bytes() -> None:
    with pytest.raises(Unreadable):
        seal(b"short", b"", "here")
    assert len(new_key()) == 32
    assert new_key() != new_key()


def test_sub_keys_differ_by_purpose_and_by_key() -> None:
    keys = {sub_key(key, purpose) for key in (KEY, new_key()) for purpose in ("", "a", "b", "ab", "答案")}
    assert len(keys) == 10
    assert {len(key) for key in keys} == {32}
    assert sub_key(KEY, "a") == sub_key(KEY, "a")
