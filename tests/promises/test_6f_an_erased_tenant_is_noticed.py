"""A tenant that another process erases: a gateway that holds its key lets go of it, and writes nothing more under it."""

from __future__ import annotations

import asyncio
import time
from contextlib import closing

from gateway.assurance.erasure import Eraser
from gateway.keys.keyring import Keyring
from gateway.keys.master import open_master
from tests.promises.conftest import Pair
from tests.store.databases import sqlite_at


def test_a_running_gateway_lets_go_of_the_key(running: Pair) -> None:
    gateway = running.gateway
    assert gateway.chat("from <PERSON_1>").status_code == 200
    with closing(sqlite_at(gateway.settings.audit_path)) as database:
        keyring = Keyring(database, open_master(gateway.settings, {}))
        asyncio.run(Eraser(database, keyring).erase_tenant("acme", "cli:olga"))
    deadline = time.monotonic() + 20  # the key would be held for minutes
    while (last := gateway.chat("hello")).status_code == 200 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert last.status_code == 503
    assert gateway.chat("hello").status_code == 503
