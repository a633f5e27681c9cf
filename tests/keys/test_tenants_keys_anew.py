"""Tenants' keys under a master key that is replaced: none is lost, whoever else is at it."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from gateway.keys.destruction import destroy_tenant_key
from gateway.keys.key_source import KeyFile
from gateway.keys.keyring import Keyring
from gateway.keys.local import LocalMaster
from gateway.keys.rotation import rotate, status
from gateway.store import Database
from tests.keys.test_keyring import AT, _kept


def test_a_new_master_key_wraps_every_tenant_anew(database: Database, master: LocalMaster) -> None:
    keyring = Keyring(database, master)
    tags = {tenant: keyring.tenant(tenant).tag("v") for tenant in ("bank", "shop", "clinic")}
    key = _kept(database, keyring)
    with database.writing() as connection:
        destroy_tenant_key(connection, "clinic", AT)
    old = master.name
    assert rotate(database, master) == 2
    found = status(database, master)
    assert (found.tenants, found.older, found.destroyed) == (2, 0, 1)
    assert found.name == master.name != old
    fresh = Keyring(database, master)
    assert {tenant: fresh.tenant(tenant).tag("v") for tenant in ("bank", "shop")} == {k: tags[k] for k in ("bank", "shop")}
    assert fresh.data_key(key.id) == key


@pytest.mark.parametrize("steps", range(4))
def test_a_rotation_that_was_cut_short_is_finished_by_the_next(
    database: Database, source: KeyFile, master: LocalMaster, steps: int
) -> None:
    keyring = Keyring(database, master)
    tags = {tenant: keyring.tenant(tenant).tag("v") for tenant in ("bank", "shop")}

    class Stopped(Exception):
        pass

    class Stopping(LocalMaster):
        left = steps

        def wrap(self, key: bytes, context: str) -> bytes:
            self._step()
            return super().wrap(key, context)

        def settle(self) -> None:
            self._step()
            super().settle()

        def _step(self) -> None:
            if not self.left:
                raise Stopped
            self.left -= 1

    if steps < 3:
        with pytest.raises(Stopped):
            rotate(database, Stopping(source))
    else:
        assert rotate(database, Stopping(source)) == 2
    assert {tenant: Keyring(database, master).tenant(tenant).tag("v") for tenant in tags} == tags
    rotate(database, master)
    assert status(database, master).older == 0
    assert len(source.load()) == 1
    assert {tenant: Keyring(database, master).tenant(tenant).tag("v") for tenant in tags} == tags


def test_two_rotations_at_once_lose_no_key(database: Database, source: KeyFile, master: LocalMaster) -> None:
    ring = Keyring(database, master)
    tags = {tenant: ring.tenant(tenant).tag("v") for tenant in ("bank", "shop", "clinic")}
    writing = threading.Event()

    class Late(KeyFile):
        """Writes its first new key a moment after it read the old one."""

        def save(self, keys: Sequence[bytes]) -> bool:
            if not writing.is_set():
                writing.set()
                other.join(0.2)
            return super().save(keys)

    def rotate_too() -> None:
        writing.wait()
        rotate(database, master)

    other = threading.Thread(target=rotate_too)
    other.start()
    rotate(database, LocalMaster(Late(source._path)))
    other.join()
    assert {tenant: Keyring(database, master).tenant(tenant).tag("v") for tenant in tags} == tags
    rotate(database, master)
    assert (status(database, master).older, len(source.load())) == (0, 1)


def test_a_rotation_goes_on_under_a_key_that_took_over_meanwhile(
    database: Database, source: KeyFile, master: LocalMaster
) -> None:
    tag = Keyring(database, master).tenant("bank").tag("v")

    class Overtaken(LocalMaster):
        """Another rotation begins and ends before this one wraps."""

        overtaken = False

        def unwrap(self, wrapped: bytes, context: str) -> bytes:
            plain = super().unwrap(wrapped, context)
            if not self.overtaken:
                self.overtaken = True
                rotate(database, master)
                rotate(database, master)
            return plain

    rotate(database, Overtaken(source))
    assert status(database, master).older == 0
    assert Keyring(database, master).tenant("bank").tag("v") == tag


def test_a_rotation_that_comes_late_forgets_no_key_that_the_next_one_needs(
    database: Database, source: KeyFile, master: LocalMaster
) -> None:
    tag = Keyring(database, master).tenant("bank").tag("v")

    class Late(LocalMaster):
        """Has wrapped all, and another rotation ends its work and begins the next before it can settle."""

        overtaken = False

        def wrap(self, key: bytes, context: str) -> bytes:
            wrapped = super().wrap(key, context)
            if not self.overtaken:
                self.overtaken = True
                rotate(database, master)
                master.renew()
            return wrapped

    rotate(database, Late(source))
    assert Keyring(database, master).tenant("bank").tag("v") == tag
    assert (status(database, master).older, len(source.load())) == (0, 1)


def test_a_tenant_made_while_the_master_key_is_replaced_is_not_lost(
    database: Database, source: KeyFile, master: LocalMaster
) -> None:
    class Slow(LocalMaster):
        """Wraps with the old key, and comes back when it has been forgotten."""

        rotated = False

        def wrap(self, key: bytes, context: str) -> bytes:
            wrapped = super().wrap(key, context)
            if not self.rotated:
                self.rotated = True
                rotate(database, master)
            return wrapped

    tag = Keyring(database, Slow(source)).tenant("bank").tag("v")
    assert Keyring(database, master).tenant("bank").tag("v") == tag
