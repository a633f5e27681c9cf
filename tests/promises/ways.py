"""The ways that a request may take through a gateway, before backends that are well, ill, slow and unknown to the caller."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.database_log import DatabaseAuditLog
from gateway.detection.recognizers.registry import built_in_entities
from gateway.knowledge.library import NewDocument, Part, searched
from gateway.knowledge.protection import Protection
from gateway.knowledge.rules import Rules
from gateway.obligations import EntityRules, OperatorKind
from gateway.protocol.wire import JsonObject
from gateway.rules.detection import DetectionRules
from tests.knowledge.conftest import WordsInABag
from tests.support.house import House, Say, Way, asked, chat, house
from tests.support.inside import VALUE, Inside
from tests.support.script import Request, Script, Scripter, echo, error, text, tool_calls
from tests.support.shapes import REPLY_ID, ToolCall, echo_texts

_LIMITS = "limits: {{requests: 1000000/day, tokens: 100000000/day, concurrent: 3}}\n    principals: {{app: {{}}}}"
POLICY = f"""\
version: 1
deployments:
  good: {{{{base_url: "{{good}}", connections: 2}}}}
  ill: {{{{base_url: "{{ill}}", connections: 2}}}}
  slow: {{{{base_url: "{{slow}}", connections: 2}}}}
  other: {{{{base_url: "{{other}}", connections: 2}}}}
models:
  plain: {{{{deployments: [good]}}}}
  failing: {{{{deployments: [ill, good]}}}}
  hedged: {{{{deployments: [slow, good], routing: {{{{hedge_after_s: 0.001}}}}}}}}
  copied: {{{{deployments: [good], routing: {{{{shadow: {{{{deployment: other, percent: 100}}}}}}}}}}}}
tenants:
  bare:
    models: [plain, failing, hedged, copied]
    reply: {{{{restore: true}}}}
    allow_uninspected: [image]
    {_LIMITS}
  kept:
    models: [plain, copied]
    reply: {{{{restore: true}}}}
    cache: {{{{share: tenant}}}}
    record: {{{{content: redacted}}}}
    pseudonyms: {{{{scope: conversation}}}}
    {_LIMITS}
  lasting:
    models: [plain]
    reply: {{{{restore: true}}}}
    cache: {{{{share: tenant}}}}
    record: {{{{content: redacted, originals: sealed}}}}
    pseudonyms: {{{{scope: tenant}}}}
    {_LIMITS}
  laid:
    models: [plain]
    reply: {{{{restore: true}}}}
    cache: {{{{share: tenant, when: always}}}}
    record: {{{{content: redacted}}}}
    pseudonyms: {{{{scope: tenant}}}}
    knowledge: {{{{collections: [contracts], passages: 2, when: always, else: say_so}}}}
    {_LIMITS}
  silent:
    models: [plain]
    reply: {{{{restore: true}}}}
    knowledge: {{{{collections: [empty], when: always, else: say_so}}}}
    {_LIMITS}
  storing:
    models: [plain]
    reply: {{{{restore: true, store: 12h}}}}
    {_LIMITS}
  naming:
    models: [plain]
    reply: {{{{restore: true, store: 12h}}}}
    {_LIMITS}
  screened:
    models: [plain]
    reply: {{{{restore: true, entities: {{{{default: mask}}}}}}}}
    record: {{{{content: redacted}}}}
    {_LIMITS}
  writing:
    models: [plain]
    knowledge: {{{{write: ["*"], collections: ["*"]}}}}
    {_LIMITS}
"""
"""Few connections, and few open at once: what is not given back is soon missed."""

OWED_S = 0.02
"""Longer than an entry that nobody waits for is owed: who waits for so long sees it meet a fault too."""
TENANTS = ("bare", "kept", "lasting", "laid", "silent", "storing", "naming", "screened", "writing")
SHELVED = "The contract about the harbour was signed by harbour@example.org."


def _responses(**more: Any) -> Say:
    return lambda said: {"model": "plain", "temperature": 0, "input": said, **more}


def _named(said: str) -> JsonObject:
    """The item that `furnished` has had kept, whose id every answer has: it is not kept again."""
    turns = [{"role": "user", "content": said}, {"type": "item_reference", "id": "msg_1"}, {"role": "user", "content": said}]
    return _responses(store=False)("") | {"input": turns}


def _tools_again(said: str) -> JsonObject:
    """The second turn of one who calls tools: what was called, with what, and what came of it."""
    call = {"id": "call_1", "type": "function", "function": {"name": "mail", "arguments": f'{{"to": "{VALUE}"}}'}}
    spoken = [
        {"role": "user", "content": said},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": f"sent to {VALUE}"},
        {"role": "user", "content": said},
    ]
    tool = {"type": "function", "function": {"name": "mail", "parameters": {"type": "object", "properties": {}}}}
    return {"model": "plain", "temperature": 0, "messages": spoken, "tools": [tool]}


def _with_image(said: str) -> JsonObject:
    parts = [{"type": "text", "text": said}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]
    return chat("plain")("") | {"messages": [{"role": "user", "content": parts}]}


_MCP = {"type": "mcp", "server_label": "mails", "server_url": "https://tools.example.org/mcp", "require_approval": "never"}
_SEARCH = {"type": "file_search", "vector_store_ids": ["contracts"]}
ROUTED = {
    "plain": Way("bare", chat("plain")),
    "another deployment": Way("bare", chat("failing")),
    "two at once": Way("bare", chat("hedged")),
    "a copy": Way("bare", chat("copied")),
    "shared and kept": Way("kept", chat("plain")),
    "kept, with a copy": Way("kept", chat("copied")),
}
"""Chats, by what becomes of them at backends and in the cache."""
SURFACES = {
    "two answers": Way("bare", chat("plain", n=2)),
    "completions": Way("bare", lambda said: {"model": "plain", "prompt": said}, "completions"),
    "embeddings": Way(
        "bare", lambda said: {"model": "plain", "input": [said, said]}, "embeddings", whole=b'"embedding"', streams=(False,)
    ),
    "responses": Way("bare", _responses(store=False), "responses"),
    "items that are kept": Way("storing", _responses(), "responses"),
    "tools": Way("kept", _tools_again),
    "a tool of the backend": Way("bare", _responses(store=False, tools=[_MCP]), "responses"),
    "an image": Way("bare", _with_image),
    "a screened answer": Way("screened", chat("plain")),
}
"""What there is beside chats, and what chats may hold."""
STORED = {
    "a conversation": Way("kept", chat("plain"), headers={"x-gateway-conversation": "ticket 7"}),
    "lasting placeholders": Way("lasting", chat("plain")),
    "an answer that is kept": Way("lasting", _responses(), "responses"),
    "an answer that goes on": Way("lasting", _responses(previous_response_id=REPLY_ID), "responses"),
    "an item by reference": Way("naming", _named, "responses"),
    "documents": Way("laid", chat("plain")),
    "documents that are asked for": Way("laid", _responses(tools=[_SEARCH], store=False), "responses"),
    "no document": Way("silent", chat("plain"), whole=b"documents"),
}
"""What needs the database for more than the record."""
WAYS = ROUTED | SURFACES | STORED


def good(request: Request) -> Script:
    """Says what it is told; calls a tool where it is given one, with what it is told."""
    told = echo_texts(request.surface, request.json)
    if request.surface == "embeddings":
        return echo(request)
    if request.json.get("tools") and request.surface == "chat/completions":
        return tool_calls(request, ToolCall("mail", f'{{"to": "{told[0]}"}}'), size=24)
    return text(request, *told, size=24)


SCRIPTERS: dict[str, Scripter] = {
    "good": good,
    "ill": lambda _: error(500),
    "slow": lambda request: text(request, "late").slow_head(5),
    "other": echo,
}


class Embedder(WordsInABag):
    def close(self) -> None:
        """There is nothing to close."""


@asynccontextmanager
async def furnished(folder: Path, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> AsyncIterator[House]:
    """A gateway with all of these ways, and a document in the library."""
    monkeypatch.setitem(DatabaseAuditLog.__init__.__kwdefaults__ or {}, "linger_s", OWED_S / 2)
    monkeypatch.setattr("gateway.assembly.rooms.E5", Embedder)  # what vectors cost is no part of this
    async with house(folder, POLICY, SCRIPTERS, TENANTS, **settings) as home:
        monkeypatch.setattr(home.inside.parts.documents.library, "_threshold", None)  # whatever is asked, it fits
        await _shelve(home.inside)
        await asked(home, STORED["an answer that is kept"], stream=False)  # every answer has the same id
        await asked(home, Way("naming", _responses(), "responses"), stream=False)
        yield home


async def _shelve(inside: Inside) -> None:
    keeping, documents = inside.parts.keeping, inside.parts.documents
    rules = Rules(EntityRules(OperatorKind.PLACEHOLDER), DetectionRules(tenant="laid", max_characters=1 << 62))
    protection = Protection(
        inside.parts.detecting.redactor, keeping.vault, keeping.database, keeping.tenant_keys, built_in_entities()
    )
    kept = await protection.document("laid", [SHELVED], rules)
    (vector,) = await documents.embedder.passages([searched("Contract", "", kept.texts[0])])
    await documents.library.put(
        NewDocument(
            tenant="laid",
            collection="contracts",
            labels=frozenset(),
            source=b"source",
            root=b"root",
            digest=b"digest",
            title="Contract",
            place="contract.md",
            parts=[Part(kept.texts[0], "", None, kept.mentions[0], vector)],
        )
    )
