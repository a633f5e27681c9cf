"""The admin API over real parts: a policy file, a key store, an audit log, limits in memory; and people with keys."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from gateway.api.admin.app import AdminParts, admin_host, build_admin
from gateway.api.admin.policy_check import PolicyChecker
from gateway.audit.act import Act
from gateway.audit.act_reader import read_acts
from gateway.audit.database_log import DatabaseAuditLog
from gateway.caching.memory import MemoryStore
from gateway.identity.authenticator import Authenticator
from gateway.identity.key_store import KeyStore
from gateway.identity.pepper import Pepper
from gateway.identity.virtual_keys import NewKey, mint, mint_for_person
from gateway.limits.counting import CountingLimiter
from gateway.limits.stores import in_memory
from gateway.policy.source import PolicySource
from gateway.rules.detection import PluginOffer
from tests.store.databases import sqlite_at
from tests.support.policy_files import KNOWN, SURROGATES

NOW = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
PEPPER = Pepper(b"p" * 32)

TENANTS = """\
version: 1
deployments:
  local: {base_url: "http://127.0.0.1:8090/v1", region: eu}
models:
  small: {deployments: [local], limits: {requests: 1000/hour}}
purposes:
  support: {basis: contract, description: Answering customers}
organisation:
  limits: {requests: 500/hour}
tenants:
  bank:
    models: [small]
    purposes: [support]
    entities: {CREDIT_CARD: mask}
    reply: {restore: true}
    limits: {requests: 60/hour, concurrent: 5}
    rules:
      many: {when: findings.PERSON > 3, deny: Too many people}
    principals:
      desk: {limits: {requests: 10/hour}}
    teams:
      floor: {open: true}
  shop:
    models: [small]
    principals: {till: {}}
"""
PEOPLE = """\
identity:
  people:
    dev@bank: {roles: [developer], tenants: [bank]}
    ops@bank: {roles: [operator], tenants: [bank]}
    dpo@bank: {roles: [privacy_officer], tenants: [bank]}
    aud@bank: {roles: [auditor], tenants: [bank]}
    ops: {roles: [operator]}
    dpo: {roles: [privacy_officer]}
    aud: {roles: [auditor]}
"""


def no_plugins(_: str) -> PluginOffer:
    raise LookupError("none is installed")


@dataclass
class Office:
    """`call` asks as somebody; `acts` is the record, oldest first."""

    folder: Path
    policy: PolicySource
    keys: KeyStore
    limiter: CountingLimiter
    log: DatabaseAuditLog
    app: FastAPI
    http: httpx.AsyncClient = field(repr=False)
    held: dict[str, str] = field(default_factory=dict, repr=False)

    def issue(self, tenant: str, principal: str, **more: Any) -> NewKey:
        new = mint(PEPPER, tenant=tenant, principal=principal, now=more.pop("now", NOW), **more)
        self.keys.add(new.record)
        return new

    def key_of(self, person: str) -> str:
        """The person's key, made when it is first needed."""
        if person not in self.held:
            new = mint_for_person(PEPPER, person=person, now=NOW - timedelta(days=1))
            self.keys.add(new.record)
            self.held[person] = new.plaintext
        return self.held[person]

    async def call(self, person: str | None, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {} if person is None else {"authorization": f"Bearer {self.key_of(person)}"}
        return await self.http.request(method, path, headers=headers | more.pop("headers", {}), **more)

    def acts(self) -> list[Act]:
        return [row.act for row in reversed(read_acts(sqlite_at(self.folder / "audit.sqlite"), limit=1_000))]

    def write(self, policy: str) -> None:
        (self.folder / "policy.yaml").write_text(policy, encoding="utf-8")


def parts_in(folder: Path, policy: str = TENANTS + PEOPLE) -> tuple[AdminParts, CountingLimiter, DatabaseAuditLog]:
    """Parts over files in this folder; whoever asked for them closes the log."""
    (folder / "policy.yaml").write_text(policy, encoding="utf-8")
    source = PolicySource(folder / "policy.yaml", known_entities=KNOWN, surrogate_entities=SURROGATES, environ={})
    database = sqlite_at(folder / "audit.sqlite")
    keys, limiter, log = KeyStore(folder / "keys.sqlite", refresh_s=0), in_memory(), DatabaseAuditLog(database)
    parts = AdminParts(
        person=Authenticator(keys, PEPPER, source, clock=lambda: NOW).person,
        keys=keys,
        pepper=PEPPER,
        policy=source,
        check=PolicyChecker(known_entities=KNOWN, surrogate_entities=SURROGATES, plugins=no_plugins),
        limiter=limiter,
        clear_cache=MemoryStore(2**20).clear,
        log=log,
        database=database,
        clock=lambda: NOW,
        max_body_bytes=20_000,
    )
    return parts, limiter, log


@asynccontextmanager
async def open_office(folder: Path, policy: str = TENANTS + PEOPLE) -> AsyncIterator[Office]:
    parts, limiter, log = parts_in(folder, policy)
    host = admin_host(build_admin(parts))
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app=host), base_url="http://gateway/admin/v1")
    async with http:
        yield Office(folder, parts.policy, parts.keys, limiter, log, host, http)
    await limiter.close()
    await log.close()
    parts.keys.close()


def error_of(answer: httpx.Response) -> Mapping[str, Any]:
    """The refusal, in OpenAI's shape."""
    body = answer.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"message", "type", "param", "code"}
    found: Mapping[str, Any] = body["error"]
    return found
