"""The store of virtual keys, as commands open it: where the gateways of these settings look for keys."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress

from gateway.errors import ProtectionUnavailable
from gateway.identity.key_store import KeyStore, open_keys
from gateway.identity.pepper import load_pepper
from gateway.settings import Settings
from gateway.shared.broadcast import announce_once
from gateway.shared.hints import Hint, Topic
from gateway.shared.place import redis_place
from gateway.store.database import open_database


@contextmanager
def opened_keys(settings: Settings) -> Iterator[KeyStore]:
    """Raises ProtectionUnavailable. Beside SQLite the keys have a file of their own, and no record is made to look at them."""

    def announce() -> None:
        _announce(settings)

    with ExitStack() as stack:
        if settings.database().startswith("sqlite:"):
            yield stack.enter_context(closing(KeyStore(settings.keys_path, on_change=announce)))
        else:
            database = stack.enter_context(closing(open_database(settings.database())))
            yield stack.enter_context(closing(open_keys(settings.keys_path, database, announce)))


def _announce(settings: Settings) -> None:
    """The change is made by now: who cannot be told sees it within a second."""
    with suppress(ProtectionUnavailable):
        if (place := redis_place(settings)) is not None:
            secret = load_pepper(settings.secret_path, os.environ).key_for("hints")
            asyncio.run(announce_once(place, secret, Hint(Topic.KEYS)))
