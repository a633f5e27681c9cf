from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.errors import ProtectionUnavailable, Unauthenticated
from gateway.exchange import Principal
from gateway.identity.authenticator import Authenticator
from gateway.identity.key_store import KeyStore
from gateway.identity.pepper import Pepper
from gateway.identity.virtual_keys import NewKey, mint

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PEPPER = Pepper(b"p" * 32)
APP = Principal(tenant="demo", id="app")


@dataclass
class Directory:
    anonymous: Principal | None = None
    known: frozenset[tuple[str, str]] = frozenset({("demo", "app")})

    def knows(self, principal: Principal) -> bool:
        return (principal.tenant, principal.id) in self.known


@dataclass
class Source:
    current: Directory = field(default_factory=Directory)


@dataclass
class Door:
    """An authenticator with all it stands on: a real store, and a clock and policy that tests set."""

    folder: Path
    source: Source = field(default_factory=Source)
    now: datetime = NOW

    def __post_init__(self) -> None:
        self.store = KeyStore(self.folder / "keys.sqlite", refresh_s=0)
        self.authenticate = Authenticator(self.store, PEPPER, self.source, clock=lambda: self.now).authenticate

    def issue(self, principal: str = "app", expires: datetime | None = None) -> NewKey:
        key = mint(PEPPER, tenant="demo", principal=principal, now=NOW, expires=expires)
        self.store.add(key.record)
        return key


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    door = Door(tmp_path)
    yield door
    door.store.close()


def test_a_key_gives_its_principal(door: Door) -> None:
    key = door.issue()
    assert door.authenticate(key.plaintext) == Principal(tenant="demo", id="app", key_id=key.record.key_id)


def test_revoked_expired_and_orphaned_keys_say_why(door: Door) -> None:
    revoked, expired, orphan = door.issue(), door.issue(expires=NOW + timedelta(days=1)), door.issue("gone")
    assert door.authenticate(expired.plaintext)
    door.store.revoke(revoked.record.key_id, NOW)
    door.now = NOW + timedelta(days=1)
    for key, why in ((revoked, "revoked"), (expired, "expired"), (orphan, "not in the gateway's policy")):
        with pytest.raises(Unauthenticated, match=why) as caught:
            door.authenticate(key.plaintext)
        assert key.record.key_id not in caught.value.message


def test_a_principal_that_leaves_the_policy_is_out(door: Door) -> None:
    key = door.issue()
    assert door.authenticate(key.plaintext)
    door.source.current = Directory(known=frozenset())
    with pytest.raises(Unauthenticated):
        door.authenticate(key.plaintext)


def test_whoever_lacks_the_secret_does_not_learn_the_state_of_a_key(door: Door) -> None:
    key = door.issue(expires=NOW)
    forged = key.record.key_id + "_" + "A" * 43
    with pytest.raises(Unauthenticated, match=r"^The API key is not valid\.$"):
        door.authenticate(forged)


@pytest.mark.parametrize("credential", [None, "", " ", "none", "None", "anonymous", "EMPTY"])
def test_without_a_key_policy_decides(door: Door, credential: str | None) -> None:
    with pytest.raises(Unauthenticated, match="An API key is needed"):
        door.authenticate(credential)
    door.source.current = Directory(anonymous=APP)
    assert door.authenticate(credential) == APP


@pytest.mark.parametrize("credential", ["sk-topsecret", "pgw_abcdefgh_" + "x" * 43, "topsecret\udc80", "密钥", "x" * 100_000])
def test_a_wrong_key_is_never_anonymous_and_never_quoted(door: Door, credential: str) -> None:
    door.source.current = Directory(anonymous=APP)
    with pytest.raises(Unauthenticated) as caught:
        door.authenticate(credential)
    assert caught.value.message == "The API key is not valid."
    assert caught.value.__cause__ is None


def test_a_revoked_key_is_never_anonymous(door: Door) -> None:
    door.source.current = Directory(anonymous=APP)
    key = door.issue()
    door.store.revoke(key.record.key_id, NOW)
    with pytest.raises(Unauthenticated, match="revoked"):
        door.authenticate(key.plaintext)


def test_without_a_store_nobody_with_a_key_gets_in(door: Door) -> None:
    key = door.issue()
    for file in door.folder.iterdir():
        file.unlink()
    with pytest.raises(ProtectionUnavailable):
        door.authenticate(key.plaintext)
