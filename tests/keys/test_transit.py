from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.errors import ProtectionUnavailable, TenantKeyUnusable
from gateway.keys.keyring import Keyring
from gateway.keys.master import open_master
from gateway.keys.rotation import rotate, status
from gateway.settings import Settings
from gateway.store import Database
from tests.keys.vault import TOKEN, Vault, serving

CONTEXT = "tenant-key/bank"


@pytest.fixture(scope="module")
def server() -> Iterator[Vault]:
    with serving() as vault:
        yield vault


@pytest.fixture
def vault(server: Vault) -> Vault:
    server.broken = False
    server.stuck = False
    server.seen.clear()
    return server


def _settings(vault: Vault, **more: object) -> Settings:
    return Settings(vault_url=vault.url, vault_timeout_s=2.0, **more)  # type: ignore[arg-type]


def test_the_vault_wraps_and_unwraps(vault: Vault) -> None:
    master = open_master(_settings(vault), {"VAULT_TOKEN": TOKEN})
    wrapped = master.wrap(b"k" * 32, CONTEXT)
    assert wrapped.startswith(master.mark())
    assert master.unwrap(wrapped, CONTEXT) == b"k" * 32
    assert (master.name, master.holds(wrapped), master.holds(b"other")) == ("vault:transit/privacy-gateway", True, False)
    assert vault.seen[0] == "/v1/transit/encrypt/privacy-gateway"


def test_what_it_wrapped_is_bound_to_its_context(vault: Vault) -> None:
    master = open_master(_settings(vault), {"VAULT_TOKEN": TOKEN})
    with pytest.raises(TenantKeyUnusable, match="does not open with the Vault's key") as refused:
        master.unwrap(master.wrap(b"k" * 32, CONTEXT), "tenant-key/shop")
    assert "authentication failed" not in str(refused.value)
    with pytest.raises(TenantKeyUnusable, match="not wrapped by a Vault"):
        master.unwrap(b"something else", CONTEXT)


def test_a_vault_that_is_sealed_silent_or_gone(vault: Vault) -> None:
    master = open_master(_settings(vault), {"VAULT_TOKEN": TOKEN})
    vault.broken = True
    with pytest.raises(ProtectionUnavailable):
        master.wrap(b"k" * 32, CONTEXT)
    vault.broken = False
    vault.stuck = True
    with pytest.raises(ProtectionUnavailable):
        master.wrap(b"k" * 32, CONTEXT)
    gone = open_master(Settings(vault_url="http://127.0.0.1:1", vault_timeout_s=1), {"VAULT_TOKEN": TOKEN})
    with pytest.raises(ProtectionUnavailable):
        gone.mark()


def test_the_token_comes_from_a_file_that_may_change(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("wrong\n")
    master = open_master(_settings(vault, vault_token_file=path), {})
    with pytest.raises(ProtectionUnavailable):
        master.mark()
    path.write_text(f"{TOKEN}\n")
    assert master.mark() == f"vault:v{len(vault.versions)}:".encode()
    path.unlink()
    with pytest.raises(ProtectionUnavailable, match="cannot be read"):
        master.mark()


def test_without_a_token_or_with_two_master_keys_it_does_not_start(vault: Vault) -> None:
    with pytest.raises(ProtectionUnavailable, match="token for the Vault is needed"):
        open_master(_settings(vault), {})
    with pytest.raises(ProtectionUnavailable, match="not both"):
        open_master(_settings(vault), {"VAULT_TOKEN": TOKEN, "GATEWAY_MASTER_KEY": ""})


def test_without_the_extra_it_says_so(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "gateway.keys.transit", raising=False)
    monkeypatch.setitem(sys.modules, "hvac", None)
    with pytest.raises(ProtectionUnavailable, match=r"pip install -e '\.\[vault\]'"):
        open_master(_settings(vault), {"VAULT_TOKEN": TOKEN})


def test_rotation_makes_a_new_version_and_wraps_anew(vault: Vault, sqlite: Database) -> None:
    master = open_master(_settings(vault), {"VAULT_TOKEN": TOKEN})
    tag = Keyring(sqlite, master).tenant("bank").tag("张伟")
    before = len(vault.versions)
    assert rotate(sqlite, master) == 1
    assert len(vault.versions) == before + 1
    assert status(sqlite, master).older == 0
    assert Keyring(sqlite, master).tenant("bank").tag("张 伟") == tag
