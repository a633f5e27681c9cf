"""The stage: every turn of a chat has its conversation on the record, and nothing else changes."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.journal import NoJournal
from gateway.audit.tenant_keys import TenantKeys
from gateway.errors import ProtectionUnavailable
from gateway.exchange import Exchange, Principal, Reply
from gateway.keys.data_key import TenantKey
from gateway.protocol.facts import Stated
from gateway.protocol.wire import JsonObject, Surface
from gateway.stages.converse import Converse
from gateway.store import Database
from tests.audit.keyrings import keyring_on

HELLO: JsonObject = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}}]}
FIRST: list[dict[str, Any]] = [{"role": "user", "content": "Hi"}]
SECOND = [*FIRST, {"role": "assistant", "content": "Hello"}, {"role": "user", "content": "?"}]
STATED = "550e8400-e29b-41d4-a716-446655440000"


class Noted(NoJournal):
    """A journal that remembers which conversation it was told."""

    def __init__(self) -> None:
        self.conversation: str | None = None

    def observe(self, exchange: Exchange) -> None:
        self.conversation = exchange.conversation

    def belongs_to(self, conversation: str) -> None:
        self.conversation = conversation


@pytest.fixture
def stage(sqlite: Database, tmp_path: Path) -> Converse:
    return Converse(TenantKeys(keyring_on(sqlite, tmp_path).tenant))


def exchange(messages: list[dict[str, Any]], journal: Noted, *, tenant: str = "acme", stated: str | None = None) -> Exchange:
    start = Exchange(
        call_id="c", surface=Surface.CHAT, journal=journal, intake=_intake, model="m", stated=Stated(conversation=stated)
    )
    return start.learn(principal=Principal(tenant=tenant, id="bob"), request={"model": "m", "messages": messages})


async def _intake() -> bytes:
    return b""


def answering(*events: JsonObject, status: int = 200) -> Any:
    async def body() -> AsyncGenerator[JsonObject, None]:
        for event in events:
            yield event

    async def proceed(exchange: Exchange) -> Reply:
        return Reply(status=status, streaming=False, body=body())

    return proceed


async def conversation(stage: Converse, messages: list[dict[str, Any]], proceed: Any = None, **more: Any) -> str | None:
    journal = Noted()
    reply = await stage(exchange(messages, journal, **more), proceed or answering(HELLO))
    events = [event async for event in reply.body]
    assert proceed is not None or events == [HELLO]
    return journal.conversation


async def test_a_first_turn_and_the_next_are_one_conversation(stage: Converse) -> None:
    first, second = [await conversation(stage, messages) for messages in (FIRST, SECOND)]
    assert first is not None
    assert first == second
    assert await conversation(stage, SECOND, tenant="shop") != second


async def test_the_client_may_state_it(stage: Converse) -> None:
    assert await conversation(stage, FIRST, stated=STATED) == STATED


async def test_a_first_turn_is_known_only_when_its_answer_has_ended(stage: Converse) -> None:
    journal = Noted()
    reply = await stage(exchange(FIRST, journal), answering(HELLO))
    assert await anext(reply.body) == HELLO
    assert journal.conversation is None
    await reply.body.aclose()
    assert journal.conversation is None


async def test_an_error_of_the_backend_begins_no_conversation(stage: Converse) -> None:
    assert await conversation(stage, FIRST, answering({"error": {"message": "no"}}, status=500)) is None


async def test_what_cannot_be_derived_is_left_open(stage: Converse) -> None:
    assert await conversation(stage, FIRST, answering({"choices": []})) is None


async def test_without_the_tenants_key_the_exchange_goes_on() -> None:
    def lost(tenant: str) -> TenantKey:
        raise ProtectionUnavailable("The key service does not answer.")

    assert await conversation(Converse(TenantKeys(lost)), FIRST) is None


async def test_it_runs_in_its_place(stage: Converse) -> None:
    with pytest.raises(LookupError):
        await stage(Exchange(call_id="c", surface=Surface.CHAT, journal=Noted(), intake=_intake), answering(HELLO))
