"""Documents in a real library on SQLite, and the stages `ground` and `redact` before a model that says what a test tells it."""

from __future__ import annotations

import base64
import shutil
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.journal import NoJournal
from gateway.audit.tenant_keys import TenantKeys
from gateway.exchange import Decision, Exchange, Journal, Principal, Reply, Review, Storing
from gateway.exchange.relay import JournalRelay
from gateway.grounding.nameable import Nameable
from gateway.grounding.noticed import Noticed
from gateway.grounding.origins import Origins
from gateway.grounding.sources import Sources
from gateway.keys.key_source import GivenKeys
from gateway.keys.keyring import Keyring
from gateway.keys.local import LocalMaster
from gateway.knowledge.database_library import DatabaseLibrary
from gateway.knowledge.library import NewDocument, Part, searched
from gateway.knowledge.protection import Protection
from gateway.knowledge.rules import Rules
from gateway.obligations import EntityRules, GroundingTerms, Obligations, OperatorKind
from gateway.pipeline import Proceed, compose
from gateway.protocol.facts import facts_of
from gateway.protocol.wire import JsonObject, Surface
from gateway.redaction.redactor import Redactor
from gateway.stages.authorize import review
from gateway.stages.ground import Ground
from gateway.stages.redact import Redact
from gateway.store.database import Database
from gateway.vault.desk import Desk
from gateway.vault.vault import Vault
from tests.knowledge.conftest import KINDS, RULES, Spotter, WordsInABag
from tests.store.databases import sqlite_at
from tests.support import shapes
from tests.support.response_shapes import response, response_deltas

MASTER = base64.b64encode(b"m" * 32).decode()
KEEP = EntityRules(OperatorKind.KEEP)
ALWAYS = GroundingTerms(always=True)
ANN = Principal(tenant="bank", id="ann", team="desk", roles=frozenset({"auditor"}))


def asking(content: Any, **fields: Any) -> JsonObject:
    return {"model": "m", "messages": [{"role": "user", "content": content}], **fields}


@dataclass
class Model:
    """The innermost stage: remembers what it was sent, and says what it is told to."""

    says: str = "Thirty days [1]."
    commits: bool = False
    sent: list[JsonObject] = field(default_factory=list)

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        assert exchange.redacted is not None
        if self.commits:
            await exchange.journal.commit()
        self.sent.append(exchange.redacted)
        return Reply(status=200, streaming=exchange.stream, body=self._body(exchange))

    async def _body(self, exchange: Exchange) -> AsyncGenerator[JsonObject, None]:
        for event in self._events(exchange):
            yield event

    def _events(self, exchange: Exchange) -> Sequence[JsonObject]:
        request = exchange.redacted or {}
        if exchange.surface is Surface.RESPONSES:
            return response_deltas(request, self.says) if exchange.stream else [response(request, self.says)]
        if exchange.surface is Surface.COMPLETIONS:
            shape = shapes.completion_deltas if exchange.stream else shapes.completion
            told: Any = shape(request, [self.says])
            return told if exchange.stream else [told]
        return shapes.chat_deltas(request, [self.says]) if exchange.stream else [shapes.chat(request, [self.says])]


class Watched(JournalRelay):
    """Remembers the last state of the exchange."""

    def __init__(self, journal: Journal | None = None) -> None:
        super().__init__(journal or NoJournal())
        self.last: Exchange | None = None

    def observe(self, exchange: Exchange) -> None:
        self.last = exchange
        super().observe(exchange)


@dataclass(frozen=True)
class Answer:
    events: list[JsonObject]
    headers: Mapping[str, str]
    exchange: Exchange
    storing: Storing | None

    @property
    def message(self) -> JsonObject:
        (event,) = self.events
        message: JsonObject = event["choices"][0]["message"]
        return message


@dataclass(frozen=True)
class Office:
    """Where documents are kept, and a way in for questions."""

    database: Database
    keyring: Keyring
    library: DatabaseLibrary
    protection: Protection
    vault: Vault
    origins: Origins
    nameable: Nameable
    noticed: Noticed
    redactor: Redactor
    model: Model

    async def keep(
        self,
        title: str,
        text: str,
        *,
        labels: Sequence[str] = (),
        collection: str = "default",
        tenant: str = "bank",
        rules: Rules = RULES,
    ) -> None:
        kept = await self.protection.document(tenant, [title, text], rules)
        name, said = kept.texts
        mentions = frozenset[bytes]().union(*kept.mentions)
        vector = await WordsInABag().passages([searched(name, "", said)])
        await self.library.put(
            NewDocument(
                tenant=tenant,
                collection=collection,
                labels=frozenset(labels),
                source=title.encode(),
                root=b"root",
                digest=b"digest",
                title=name,
                place=title,
                parts=[Part(said, "", 3, mentions, vector[0])],
            )
        )

    async def ask(
        self,
        body: JsonObject,
        *,
        terms: GroundingTerms | None = ALWAYS,
        who: Principal = ANN,
        surface: Surface = Surface.CHAT,
        second: Review | None = None,
        beside: Journal | None = None,
        **rules: Any,
    ) -> Answer:
        """Through `ground` and `redact`, as app.py puts them. `second` is what policy says in view of the findings; `beside` is
        another journal, which is told the same.
        """
        journal, request_rules = Watched(beside), EntityRules(OperatorKind.PLACEHOLDER)
        base = Obligations(request=request_rules, reply=KEEP, restore=True, grounding=terms)
        decision = Decision(
            allow=True, rule="r", reason="", policy_version="v", obligations=replace(base, **rules), review=second
        )
        start = Exchange(call_id="c", surface=surface, journal=journal, intake=_intake)
        facts = facts_of(body, surface)
        exchange = start.learn(principal=who, request=body, facts=facts, stream=facts.stream, decision=decision, model="m")
        sources = Sources(self.library, lambda: self.protection, self.vault, lambda _: RULES, self.origins)
        way = compose(
            [
                Ground(sources, _no_tokenizer),
                Redact(self.redactor, review, Desk(self.vault, self.nameable.of, self.noticed.of)),
                self.model,
            ]
        )
        reply = await way(exchange)
        events = [event async for event in reply.body]
        assert journal.last is not None
        return Answer(events, reply.headers, journal.last, reply.storing)


async def _no_tokenizer(_deployment: str | None, _texts: Sequence[str]) -> None:
    return None


async def _intake() -> bytes:
    return b""


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with tables and nothing in them: to make them takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "gateway.db"
    sqlite_at(path).close()
    return path


@pytest.fixture
def office(empty: Path, tmp_path: Path) -> Iterator[Office]:
    path = tmp_path / "gateway.db"
    shutil.copy(empty, path)
    with closing(sqlite_at(path)) as database:
        keyring = Keyring(database, LocalMaster(GivenKeys(MASTER, "The test")))
        keys = TenantKeys(keyring.tenant)
        redactor = Redactor(Spotter(), b"p" * 32)
        with closing(Vault(database, keys, budget_s=20.0)) as vault:
            library = DatabaseLibrary(database, keys, WordsInABag(), threshold=None)
            yield Office(
                database,
                keyring,
                library,
                Protection(redactor, vault, database, keys, KINDS),
                vault,
                Origins(database),
                Nameable(database),
                Noticed(database),
                redactor,
                Model(),
            )
