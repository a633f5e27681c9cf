from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.explorer.session import LARGEST_TOKEN, LASTS_S, SessionSeal, begin
from gateway.identity.pepper import Pepper

SEAL = SessionSeal(Pepper(b"p" * 32))
NOW = 1_800_000_000


def test_a_cookie_gives_the_session_back_until_it_ends() -> None:
    session = begin(NOW, person="anna", key_id="pga_abcdefgh", token=None)
    cookie = SEAL.cookie(session)
    assert SEAL.session(cookie, NOW) == session
    assert SEAL.session(cookie, NOW + LASTS_S - 1) == session
    assert SEAL.session(cookie, NOW + LASTS_S) is None


def test_a_cookie_says_nothing_to_whoever_reads_it() -> None:
    cookie = SEAL.cookie(begin(NOW, person="anna", key_id="pga_abcdefgh", token="header.claims.signature"))
    raw = base64.urlsafe_b64decode(cookie + "==")
    assert b"pga_abcdefgh" not in raw
    assert b"claims" not in raw
    assert "claims" not in repr(begin(NOW, person="anna", key_id=None, token="header.claims.signature"))


def test_no_two_cookies_are_the_same() -> None:
    assert SEAL.cookie(begin(NOW, person="anna", key_id="pga_abcdefgh", token=None)) != SEAL.cookie(
        begin(NOW, person="anna", key_id="pga_abcdefgh", token=None)
    )


def test_the_cookie_of_another_gateway_opens_nothing() -> None:
    cookie = SessionSeal(Pepper(b"q" * 32)).cookie(begin(NOW, person="anna", key_id="pga_abcdefgh", token=None))
    assert SEAL.session(cookie, NOW) is None


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_cookie_in_which_anything_was_changed_opens_nothing(place: int, flip: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(SEAL.cookie(begin(NOW, person="anna", key_id="pga_abcdefgh", token=None)) + "=="))
    raw[place % len(raw)] ^= flip
    assert SEAL.session(base64.urlsafe_b64encode(raw).decode(), NOW) is None


@given(st.text(max_size=200))
def test_what_is_no_cookie_of_ours_is_no_session(text: str) -> None:
    assert SEAL.session(text, NOW) is None


def test_the_longest_token_that_is_let_in_fits_into_a_cookie() -> None:
    cookie = SEAL.cookie(begin(NOW, person="anna", key_id=None, token="x" * LARGEST_TOKEN))
    assert len(f"explorer_session={cookie}; HttpOnly; Max-Age=28800; Path=/explorer; SameSite=strict; Secure") <= 4_096


@pytest.mark.parametrize("cookie", ["", "=", "AAAA", "é"])
def test_scraps_are_no_session(cookie: str) -> None:
    assert SEAL.session(cookie, NOW) is None
