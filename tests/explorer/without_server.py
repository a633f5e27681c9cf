"""The explorer of the bank without its server: over the same files, with another log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from typing import Any

import httpx
from fastapi import FastAPI

from gateway.audit.log import AuditLog, Entry
from gateway.detection.recognizers.registry import built_in_entities
from gateway.errors import AuditUnavailable
from gateway.explorer.app import build_explorer, mount_explorer
from gateway.explorer.parts import ExplorerParts
from gateway.identity.authenticator import Authenticator
from gateway.identity.key_store import KeyStore
from gateway.identity.pepper import load_pepper
from gateway.keys.keyring import Keyring
from gateway.keys.master import open_master
from gateway.policy.source import PolicySource
from gateway.redaction.surrogates import SURROGATE_ENTITIES
from gateway.store.database import open_database
from tests.explorer.bank import Bank


class QuietLog:
    """A log that keeps nothing."""

    healthy = True

    async def append(self, entry: Entry) -> None:
        """It is as if it were durable."""

    def append_soon(self, entry: Entry) -> None:
        """The same."""

    async def close(self) -> None:
        """There is nothing to close."""


class BrokenLog:
    """A log that can enter nothing."""

    healthy = False

    async def append(self, entry: Entry) -> None:
        raise AuditUnavailable("The audit log cannot be written.")

    def append_soon(self, entry: Entry) -> None:
        """It is owed."""

    async def close(self) -> None:
        """There is nothing to close."""


@asynccontextmanager
async def explorer_of(bank: Bank, log: AuditLog, **parts: Any) -> AsyncIterator[httpx.AsyncClient]:
    settings = bank.gateway.settings
    keys, pepper = KeyStore(settings.keys_path, refresh_s=0), load_pepper(settings.secret_path, {})
    policy = PolicySource(
        settings.policy, known_entities=built_in_entities(), surrogate_entities=SURROGATE_ENTITIES, environ={}
    )
    with closing(keys), closing(open_database(settings.database())) as database:
        made = ExplorerParts(
            person=Authenticator(keys, pepper, policy).person,
            keys=keys,
            pepper=pepper,
            policy=policy,
            log=log,
            database=database,
            keyring=Keyring(database, open_master(settings, {})),
        )
        host = FastAPI()
        mount_explorer(host, build_explorer(replace(made, **parts)))
        transport = httpx.ASGITransport(app=host)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway/explorer") as http:
            yield http
