"""A tenant's key that does not open: an error of its own, and said to whoever runs the gateway."""

from __future__ import annotations

import logging
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from gateway.errors import KeyDestroyed, TenantKeyUnusable
from gateway.keys.destruction import destroy_tenant_key
from gateway.keys.key_source import KeyFile
from gateway.keys.keyring import Keyring
from gateway.keys.local import LocalMaster
from gateway.keys.rotation import rotate
from gateway.store import Database
from gateway.store.tables.content import TENANT_KEYS
from tests.support.backend import backend_in_thread
from tests.support.gateway import RunningGateway, policy_text, running_gateway

KEPT = "record: {content: redacted}"


def rewrap(database: Database, wrapped: bytes) -> None:
    with database.writing() as connection:
        connection.execute(update(TENANT_KEYS).values(wrapped=wrapped))


def test_it_is_told_once_until_it_opens_again(
    database: Database, master: LocalMaster, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Keyring(database, master).tenant("bank")
    with database.reading() as connection:
        wrapped = bytes(connection.execute(TENANT_KEYS.select()).one().wrapped)
    ring = Keyring(database, master, hold_s=0.0)
    other = LocalMaster(KeyFile(tmp_path / "other.key")).wrap(b"k" * 32, "tenant-key/bank")
    for spoilt in (other, wrapped[:-1] + bytes([wrapped[-1] ^ 1]), wrapped[:9], b""):
        rewrap(database, spoilt)
        with pytest.raises(TenantKeyUnusable):
            ring.tenant("bank")
        assert ring.unusable == 1
    assert len(caplog.messages) == 1
    assert "the key of tenant bank cannot be used" in caplog.text
    rewrap(database, wrapped)
    assert (ring.tenant("bank").tenant, ring.unusable) == ("bank", 0)


def test_an_erased_tenant_is_no_trouble(database: Database, master: LocalMaster) -> None:
    ring = Keyring(database, master, hold_s=0.0)
    ring.tenant("bank")
    rewrap(database, b"spoilt")
    with pytest.raises(TenantKeyUnusable):
        ring.tenant("bank")
    with database.writing() as connection:
        destroy_tenant_key(connection, "bank", "2026-01-01T00:00:00.000Z")
    with pytest.raises(KeyDestroyed):
        ring.tenant("bank")
    assert ring.unusable == 0


def test_tenants_of_two_master_keys_come_together_when_both_are_there(
    database: Database, master: LocalMaster, source: KeyFile, tmp_path: Path
) -> None:
    other = KeyFile(tmp_path / "other.key")
    tags = {"bank": Keyring(database, master).tenant("bank").tag("v")}
    tags["shop"] = Keyring(database, LocalMaster(other)).tenant("shop").tag("v")
    source.save([*source.load(), *other.load()])
    assert rotate(database, master) == 1
    assert len(source.load()) == 1
    assert {tenant: Keyring(database, master).tenant(tenant).tag("v") for tenant in tags} == tags


def keys_of(gateway: RunningGateway) -> str | None:
    answer = httpx.get(gateway.base_url.replace("/v1", "/readyz"))
    assert answer.status_code == 200
    told: str | None = answer.json()["checks"].get("keys")
    return told


def test_under_another_master_key_a_call_is_refused_by_that_name(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with backend_in_thread() as backend:
        policy = policy_text(backend.url, tenant=KEPT)
        with running_gateway(tmp_path, policy) as gateway:
            assert gateway.chat("hello").status_code == 200
            assert keys_of(gateway) is None
        gateway.settings.master_key_path.unlink()
        asked = len(backend.received)
        with caplog.at_level(logging.ERROR), running_gateway(tmp_path, policy) as gateway:
            answer = gateway.chat("hello")
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "tenant_key_unusable")
            assert len(backend.received) == asked
            assert "the keys of 1 tenants do not open" in (keys_of(gateway) or "")
        assert "the key of tenant acme cannot be used" in caplog.text
