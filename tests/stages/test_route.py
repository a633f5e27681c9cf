"""What the stage tells the record, and what it takes of the exchange."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from gateway.errors import UpstreamError, UpstreamTruncated
from gateway.exchange import Body, Decision, Exchange, Principal, Reply, Served
from gateway.obligations import DeploymentRef, EntityRules, Obligations, OperatorKind, RouteTerms
from gateway.pipeline import Proceed
from gateway.protocol.usage import Usage
from gateway.protocol.wire import JsonObject, Surface
from gateway.routing.errand import Errand
from gateway.routing.router import Router
from gateway.stages.route import Route
from gateway.upstream.base import Place, UpstreamCall
from tests.routing.fleet import Gpu

A, B = Gpu("a", model="qwen", version="3", digest="sha256:aa"), Gpu("b", external=True)
SECRET = b"k" * 32


class Journal:
    """Notes each state, and how often the exchange was committed before calls."""

    def __init__(self) -> None:
        self.seen: list[Exchange] = []
        self.commits = 0
        self.settled: list[Usage] = []

    def observe(self, exchange: Exchange) -> None:
        self.seen.append(exchange)

    async def commit(self) -> None:
        self.commits += 1

    def settle(self, usage: Usage) -> None:
        self.settled.append(usage)

    @property
    def usage(self) -> Usage:
        return self.settled[-1] if self.settled else Usage()

    def elapsed_ms(self) -> float:
        return float(len(self.seen))

    def passed(self, stage: str, started_ms: float) -> None:
        raise NotImplementedError

    def belongs_to(self, conversation: str) -> None:
        raise NotImplementedError

    async def keep(self, content: object) -> None:
        raise NotImplementedError


class Backend:
    def __init__(self, journal: Journal, fault: UpstreamError | None = None, breaks: UpstreamError | None = None) -> None:
        self.journal = journal
        self.fault = fault
        self.breaks = breaks
        self.got: list[JsonObject] = []
        self.closed = False

    @property
    def place(self) -> Place:
        return Place("gpu", 8000)

    async def send(self, call: UpstreamCall) -> Reply:
        assert self.journal.commits == len(self.journal.seen), "a call before its entry was durable"
        self.got.append(call.body)
        if self.fault is not None:
            raise self.fault
        return Reply(status=200, streaming=True, body=self._body())

    async def healthy(self) -> bool:
        return True

    async def close(self) -> None:
        self.closed = True

    async def _body(self) -> Body:
        yield {"usage": {"prompt_tokens": 3, "completion_tokens": 4}, "choices": []}
        if self.breaks is not None:
            raise self.breaks


class Fleet:
    def __init__(self, backends: Mapping[DeploymentRef, Backend]) -> None:
        self._backends = backends

    def upstream(self, deployment: DeploymentRef) -> Backend:
        return self._backends[deployment]

    def total_s(self, deployment: DeploymentRef) -> float:
        return 60.0 if deployment in self._backends else 0.0


async def intake() -> bytes:
    return b""


async def nobody(_: Exchange) -> Reply:
    raise LookupError


NOBODY: Proceed = nobody


def exchange(journal: Journal, **changes: object) -> Exchange:
    keep = EntityRules(OperatorKind.KEEP)
    own = Obligations(request=keep, reply=keep, restore=False, deployments=(A, B), routing=RouteTerms(tiers=((A,), (B,))))
    decision = Decision(allow=True, rule="r", reason="r", policy_version="1", obligations=own)
    made = Exchange(
        call_id="req_1",
        surface=Surface.CHAT,
        journal=journal,
        intake=intake,
        principal=Principal(tenant="acme", id="app"),
        model="m",
        decision=decision,
        redacted={"messages": [{"role": "user", "content": "<PERSON_1>"}]},
    )
    return made.but(**changes)


def house(journal: Journal, *, fault: UpstreamError | None = None, breaks: UpstreamError | None = None) -> tuple[Route, Router]:
    router = Router(lambda: (A, B))
    return Route(Fleet({A: Backend(journal, fault, breaks), B: Backend(journal)}), router, SECRET), router


async def test_the_record_knows_the_deployment_before_and_the_attempt_after() -> None:
    journal = Journal()
    route, router = house(journal)
    reply = await route(exchange(journal), NOBODY)
    first, last = journal.seen
    assert (first.deployment, first.attempts, journal.commits) == ("a", (), 1)
    assert last.served == Served(model="qwen", version="3", digest="sha256:aa", external=False)
    assert [(attempt.deployment, attempt.result) for attempt in last.attempts] == [("a", "answered")]
    assert router.standings.load(A).open == 1
    assert [delta async for delta in reply.body]
    assert journal.usage.output_tokens == 4
    assert router.standings.load(A).open == 0


async def test_a_fail_over_is_told_and_what_served_is_what_answered() -> None:
    journal = Journal()
    route, _ = house(journal, fault=UpstreamError("500"))
    await (await route(exchange(journal), NOBODY)).body.aclose()
    last = journal.seen[-1]
    assert (last.deployment, last.served) == ("b", Served(external=True))
    assert [(attempt.deployment, attempt.result) for attempt in last.attempts] == [
        ("a", "upstream_error"),
        ("b", "answered"),
    ]


async def test_a_reply_that_nobody_reads_gives_its_place_back() -> None:
    journal = Journal()
    route, router = house(journal)
    reply = await route(exchange(journal), NOBODY)
    await reply.body.aclose()
    await reply.body.aclose()
    assert router.standings.load(A).open == 0
    assert len(journal.settled) == 1


async def test_a_stream_that_breaks_counts_against_its_deployment() -> None:
    journal = Journal()
    route, router = house(journal, breaks=UpstreamTruncated("cut"))
    reply = await route(exchange(journal), NOBODY)
    with pytest.raises(UpstreamTruncated):
        assert [delta async for delta in reply.body]
    assert (router.standings.load(A).open, router.standings.of(A).window.sums().failures) == (0, 1)
    assert journal.usage.input_tokens == 3


async def test_it_runs_after_redact() -> None:
    journal = Journal()
    route, _ = house(journal)
    with pytest.raises(LookupError):
        await route(exchange(journal, redacted=None), NOBODY)
    assert journal.commits == 0


class Noting(Router):
    """Notes on what terms it is asked."""

    def __init__(self) -> None:
        super().__init__(lambda: (A, B))
        self.terms: list[RouteTerms] = []

    async def answer(self, errand: Errand) -> Reply:
        self.terms.append(errand.terms)
        return await super().answer(errand)


@pytest.mark.parametrize(("tool", "hedged"), [("function", True), ("mcp", False)])
async def test_two_backends_never_act_at_once(tool: str, hedged: bool) -> None:
    journal, router = Journal(), Noting()
    asked = exchange(journal, redacted={"model": "m", "tools": [{"type": tool}]})
    assert asked.decision is not None
    routing = replace(asked.obligations.routing, hedge_after_s=1.0)
    decision = replace(asked.decision, obligations=replace(asked.obligations, routing=routing))
    backends: dict[DeploymentRef, Backend] = {A: Backend(journal), B: Backend(journal)}
    reply = await Route(Fleet(backends), router, SECRET)(replace(asked, decision=decision), NOBODY)
    await reply.body.aclose()
    assert [terms.hedge_after_s for terms in router.terms] == [1.0 if hedged else None]
