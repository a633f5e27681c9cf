from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta

import pytest

from gateway.identity.pepper import Pepper
from gateway.identity.virtual_keys import KeyRecord, NewKey, key_id_of, mint

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PEPPER = Pepper(b"p" * 32)


def _key() -> NewKey:
    return mint(PEPPER, tenant="demo", principal="app", now=NOW)


def test_the_form_of_a_key() -> None:
    key = _key()
    assert re.fullmatch(r"pgw_[a-z0-9]{8}_[A-Za-z0-9_-]{43}", key.plaintext)
    assert key_id_of(key.plaintext) == key.record.key_id
    assert key.plaintext.startswith(key.record.key_id + "_")


def test_only_a_keyed_digest_is_kept() -> None:
    key = _key()
    expected = hmac.new(PEPPER.key_for("virtual-key"), key.plaintext.encode(), hashlib.sha256).hexdigest()
    assert key.record.digest == expected
    secret = key.plaintext.rsplit("_", 1)[-1]
    assert secret not in repr(key)
    assert key.record.digest not in repr(key)


def test_keys_differ() -> None:
    assert len({_key().plaintext for _ in range(200)}) == 200


def test_matches_only_the_very_key_under_the_very_pepper() -> None:
    key, other = _key(), _key()
    last = "A" if key.plaintext[-1] != "A" else "B"
    assert key.record.matches(key.plaintext, PEPPER)
    assert not key.record.matches(key.plaintext[:-1] + last, PEPPER)
    assert not key.record.matches(other.plaintext, PEPPER)
    assert not key.record.matches(key.plaintext, Pepper(b"q" * 32))


@pytest.mark.parametrize(
    ("expires", "now", "expired"),
    [
        (None, NOW + timedelta(days=10_000), False),
        (NOW, NOW - timedelta(seconds=1), False),
        (NOW, NOW, True),
        (NOW, NOW + timedelta(days=1), True),
    ],
)
def test_expiry(expires: datetime | None, now: datetime, expired: bool) -> None:
    record = KeyRecord(key_id="k", tenant="t", principal="p", digest="", created=NOW, expires=expires)
    assert record.expired(now) is expired


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pgw_",
        "sk-123",
        "pgw_abcdefgh_" + "x" * 42,
        "pgw_abcdefgh_" + "x" * 44,
        "pgw_ABCDEFGH_" + "x" * 43,
        "pgw_abcdefgh_" + "x" * 43 + "\n",
        "pgw_abcdefgh_" + "é" * 43,
        "pgw_abcdefgh_" + "\udc80" * 43,
    ],
)
def test_other_texts_are_no_keys(text: str) -> None:
    assert key_id_of(text) is None
