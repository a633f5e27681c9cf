"""Copies of calls, through a whole gateway: what goes where, what is kept of it, and that nobody has to wait for it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import delete, select

from gateway.audit.event import ExchangeRecord, Outcome
from gateway.exchange import COPY, Likeness
from gateway.obligations import Share
from gateway.protocol.facts import facts_of
from gateway.protocol.wire import Surface
from gateway.routing.shadow import Shadows
from gateway.routing.standings import Standings
from gateway.store.tables.content import KEPT, SUBJECTS
from tests.caching.conftest import exchange
from tests.routing.fleet import A, Clock, half, reply
from tests.store.databases import sqlite_at
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.gateway import RunningGateway, policy_text, running_gateway
from tests.support.script import Request, Script, echo, raw, text

TENANT = """
entities: {default: placeholder}
reply: {restore: true}
rules:
  cards: {when: findings.CREDIT_CARD > 0, demand: {route: {regions: [eu]}}}
"""
CARD = "4111 1111 1111 1111"


@dataclass(frozen=True)
class Pair:
    gateway: RunningGateway
    real: ScriptedBackend
    shadow: ScriptedBackend

    def copies(self, count: int) -> list[ExchangeRecord]:
        """The records of copies, when so many have ended."""
        deadline = time.monotonic() + 30
        while True:
            records = self.gateway.records()
            found = [one for one in records if one.call_id.endswith(COPY) and one.outcome is not Outcome.INCOMPLETE]
            if len(found) >= count or time.monotonic() > deadline:
                return found
            time.sleep(0.02)


def policy(real: ScriptedBackend, shadow: ScriptedBackend, tenant: str = TENANT) -> str:
    written = policy_text(real.url, tenant=tenant).replace("total_s: 20}}", "total_s: 20}, region: eu}")
    written = written.replace("models:\n", f'  copy: {{base_url: "{shadow.url}", region: cn}}\nmodels:\n', 1)
    return written.replace(
        "{deployments: [backend]}", "{deployments: [backend], routing: {shadow: {deployment: copy, percent: 100}}}"
    )


@pytest.fixture
def pair(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Pair]:
    """`request.param`, where there is one, is more of the tenant's policy."""
    more = getattr(request, "param", "")
    with (
        backend_in_thread() as real,
        backend_in_thread() as shadow,
        running_gateway(tmp_path, policy(real, shadow, TENANT + more)) as gateway,
    ):
        yield Pair(gateway, real, shadow)


KEEPING = pytest.mark.parametrize("pair", ["record: {content: redacted}\n"], indirect=True)


def test_a_copy_of_the_redacted_request_goes_out_and_its_answer_to_nobody(pair: Pair) -> None:
    pair.shadow.reply_with(lambda request: text(request, "something else"))
    assert pair.gateway.say("Mail to ada@example.org") == "Mail to ada@example.org"
    (copy,) = pair.copies(1)
    assert b"ada@example.org" not in pair.shadow.wire_bytes
    assert pair.shadow.received[0].json == pair.real.received[0].json
    (original,) = (one for one in pair.gateway.records() if one.shadow is None)
    assert copy.call_id == original.call_id + COPY
    assert copy.shadow is not None
    assert copy.shadow.of == original.call_id
    assert (copy.deployment, copy.route_reason) == ("copy", "shadow, which gets a copy of 100 %")
    assert (original.deployment, original.shadow) == ("backend", None)
    assert "shadow copy 100%" in (original.decision.obligations if original.decision else ())


def test_a_copy_is_kept_apart_from_other_tenants_as_the_request_is(tmp_path: Path) -> None:
    with backend_in_thread() as real, backend_in_thread() as shadow:
        written = policy(real, shadow).replace("{base_url:", "{server: vllm, base_url:")
        with running_gateway(tmp_path, written) as gateway:
            running = Pair(gateway, real, shadow)
            gateway.say("Mail to ada@example.org", cache_salt="ada@example.org")
            running.copies(1)
        assert shadow.received[0].json == real.received[0].json
        assert len(shadow.received[0].json["cache_salt"]) == 64


def test_without_content_on_the_record_only_figures_are_told(pair: Pair) -> None:
    pair.gateway.say("Hello there")
    (copy,) = pair.copies(1)
    assert copy.shadow is not None
    assert copy.shadow.likeness == Likeness(length=1.0)
    assert (copy.content, copy.cost, copy.status) == (None, None, 200)
    assert copy.usage.output_tokens is not None
    assert copy.usage.finish_reasons == ("stop",)
    (attempt,) = copy.attempts
    assert (attempt.deployment, attempt.result) == ("copy", "answered")


@KEEPING
@pytest.mark.parametrize("stream", [False, True])
def test_with_content_the_answer_is_kept_masked_and_compared(pair: Pair, stream: bool) -> None:
    pair.shadow.reply_with(lambda request: text(request, "Ask Bob Miller at bob@example.org today"))
    pair.real.reply_with(lambda request: text(request, "Ask Bob Miller at bob@example.org"))
    assert pair.gateway.chat("Whom?", stream=stream).status_code == 200
    (copy,) = pair.copies(1)
    assert copy.shadow is not None
    likeness = copy.shadow.likeness
    assert likeness is not None
    assert (likeness.equal, likeness.overlap is not None and 0.8 < likeness.overlap < 1) == (False, True)
    reply = pair.gateway.content(copy).reply
    assert reply is not None
    assert "bob@example.org" not in reply
    assert reply.endswith(" today")


@KEEPING
def test_equal_answers_are_told_as_equal(pair: Pair) -> None:
    pair.gateway.say("Mail to ada@example.org")
    (copy,) = pair.copies(1)
    assert copy.shadow is not None
    assert copy.shadow.likeness == Likeness(length=1.0, equal=True, overlap=1.0)


@KEEPING
def test_of_a_call_that_is_erased_meanwhile_no_copy_is_kept(pair: Pair) -> None:
    """No tag leads to what comes after the erasure."""
    erased = threading.Event()

    def late(request: Request) -> Script:
        assert erased.wait(5)
        return text(request, "Ask <EMAIL_ADDRESS_1>")

    pair.shadow.reply_with(late)
    pair.gateway.say("Mail to ada@example.org")
    with closing(sqlite_at(pair.gateway.settings.audit_path)) as database, database.writing() as connection:
        connection.execute(delete(KEPT))
        connection.execute(delete(SUBJECTS))
    erased.set()
    (copy,) = pair.copies(1)
    assert (copy.content, copy.outcome) == (None, Outcome.COMPLETED)
    assert copy.content_missing == "The reply is not kept: nothing is kept of its call any more."
    with closing(sqlite_at(pair.gateway.settings.audit_path)) as database, database.reading() as connection:
        assert connection.execute(select(SUBJECTS.c.call_id)).all() == []


def test_a_rule_on_findings_keeps_the_copy_from_where_the_request_may_not_go(pair: Pair) -> None:
    pair.gateway.say(f"Pay with {CARD}")
    pair.gateway.say("Hello")
    (copy,) = pair.copies(1)
    assert len(pair.shadow.received) == 1
    assert copy.shadow is not None
    first, second = (one for one in pair.gateway.records() if one.shadow is None)
    assert copy.shadow.of == second.call_id
    assert "without shadow copy" in (first.decision.obligations if first.decision else ())


def test_a_copy_that_hangs_delays_nobody_and_is_on_the_record_at_the_end(tmp_path: Path) -> None:
    with backend_in_thread() as real, backend_in_thread() as shadow:
        shadow.reply_with(lambda request: text(request, "late").stalled_after(0))
        with running_gateway(tmp_path, policy(real, shadow)) as gateway:
            assert [gateway.say("Hello") for _ in range(3)] == ["Hello"] * 3
            opened = Pair(gateway, real, shadow).gateway.records(3)
            assert sum(one.shadow is not None for one in opened) == 3
        copies = [one for one in gateway.records() if one.shadow is not None]
    assert [one.outcome for one in copies] == [Outcome.ABORTED] * 3


def test_a_copy_that_fails_is_told_with_its_code(pair: Pair) -> None:
    pair.shadow.reply_with(raw(b"oops", status=500))
    pair.gateway.say("Hello")
    (copy,) = pair.copies(1)
    assert (copy.outcome, copy.error_code is not None) == (Outcome.FAILED, True)
    assert copy.shadow is not None
    assert copy.shadow.likeness is None


def test_a_copy_that_is_refused_for_now_is_the_last_for_so_long(pair: Pair) -> None:
    pair.shadow.reply_with(raw(b'{"error": {"message": "no"}}', status=429).with_header("retry-after", "30"))
    pair.gateway.say("Hello")
    (copy,) = pair.copies(1)
    assert copy.status == 429
    pair.gateway.say("Hello again")
    assert sum(one.shadow is not None for one in pair.gateway.records()) == 1
    assert len(pair.shadow.received) == 1


def test_an_answer_of_no_use_has_no_copy(pair: Pair) -> None:
    pair.real.reply_with(raw(b'{"error": {"message": "no", "type": "invalid_request_error"}}', status=400))
    assert pair.gateway.chat("Hello").status_code == 400
    pair.real.reply_with(echo)
    pair.gateway.say("Hello again")
    assert len(pair.copies(1)) == 1
    assert len(pair.shadow.received) == 1


def test_what_has_a_backend_act_is_not_done_twice(pair: Pair) -> None:
    """It would book, write or search once more, for nothing but a comparison."""
    pair.gateway.say("Open a ticket", tools=[{"type": "mcp", "server_label": "tickets"}])
    pair.gateway.say("Hello", tools=[{"type": "function", "function": {"name": "book", "parameters": {}}}])
    assert len(pair.copies(1)) == 1
    (received,) = pair.shadow.received
    assert received.json["tools"][0]["type"] == "function"


class NeverDone:
    """A log that takes its time."""

    async def append(self, _: object) -> None:
        await asyncio.Event().wait()

    def append_soon(self, _: object) -> None:
        """Nobody reads it."""


async def test_a_copy_of_a_request_without_an_end_does_not_make_its_deployment_look_full() -> None:
    standings, nobody = Standings(Clock(), half), cast("Any", None)
    shadows = Shadows(nobody, standings, cast("Any", NeverDone()), None, nobody, nobody)
    asked = {"model": "m", "max_tokens": 2**53 - 1, "messages": []}
    endless = replace(exchange(asked), facts=facts_of(asked, Surface.CHAT))
    shadows.follow(endless, Share(A, 100), reply())
    await asyncio.sleep(0)
    assert 0 < standings.load(A).outstanding_tokens < 10_000
    await shadows.close()
