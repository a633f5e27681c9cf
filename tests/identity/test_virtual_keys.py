from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.identity.pepper import Pepper
from gateway.identity.virtual_keys import KeyKind, KeyRecord, NewKey, key_id_of, mint, mint_for_person, successor

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
    expected = hmac.new(PEPPER.key_for("virtual-key"), f"{key.plaintext}\ndemo\napp".encode(), hashlib.sha256).hexdigest()
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


@pytest.mark.parametrize("other", [{"principal": "ceo"}, {"tenant": "shop"}, {"tenant": "", "principal": "demo\napp"}])
def test_a_record_in_which_somebody_wrote_another_holder_is_no_keys(other: dict[str, str]) -> None:
    """By whoever has a key of their own, and writes to where the records lie."""
    key = _key()
    assert not replace(key.record, **other).matches(key.plaintext, PEPPER)  # type: ignore[arg-type]


def test_a_key_of_an_older_gateway_opens_until_it_is_rotated() -> None:
    """Its digest is over the key alone; that of its successor is over the holder too."""
    key = _key()
    alone = hmac.new(PEPPER.key_for("virtual-key"), key.plaintext.encode(), hashlib.sha256).hexdigest()
    old = replace(key.record, digest=alone)
    assert old.matches(key.plaintext, PEPPER)
    new = successor(old, PEPPER, now=NOW)
    assert new.record.matches(new.plaintext, PEPPER)
    assert not replace(new.record, principal="ceo").matches(new.plaintext, PEPPER)


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
        "pgx_abcdefgh_" + "x" * 43,
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


def test_a_persons_key_begins_otherwise() -> None:
    key = mint_for_person(PEPPER, person="alice@example.com", now=NOW)
    assert re.fullmatch(r"pga_[a-z0-9]{8}_[A-Za-z0-9_-]{43}", key.plaintext)
    assert key_id_of(key.plaintext) == key.record.key_id
    assert (key.record.kind, key.record.tenant, key.record.principal) == (KeyKind.PERSON, "", "alice@example.com")
    assert _key().record.kind is KeyKind.ORDINARY
    assert key.record.matches(key.plaintext, PEPPER)


def test_no_key_turns_into_one_of_the_other_kind() -> None:
    ordinary, person = _key(), mint_for_person(PEPPER, person="alice", now=NOW)
    assert not ordinary.record.matches("pga_" + ordinary.plaintext[4:], PEPPER)
    assert not person.record.matches("pgw_" + person.plaintext[4:], PEPPER)


def test_a_successor_is_another_key_for_the_same_holder_and_as_long() -> None:
    later = NOW + timedelta(days=20)
    old = mint(PEPPER, tenant="demo", principal="app", now=NOW, expires=NOW + timedelta(days=30)).record
    new = successor(old, PEPPER, now=later)
    assert (new.record.tenant, new.record.principal, new.record.kind) == ("demo", "app", KeyKind.ORDINARY)
    assert (new.record.created, new.record.expires) == (later, later + timedelta(days=30))
    assert new.record.key_id != old.key_id
    person = successor(mint_for_person(PEPPER, person="alice", now=NOW).record, PEPPER, now=later)
    assert (person.record.kind, person.record.expires) == (KeyKind.PERSON, None)
