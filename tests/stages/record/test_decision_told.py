"""The decision is told beside the answer or the refusal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.audit.event import Outcome
from gateway.errors import (
    GatewayError,
    PolicyDenied,
    Unauthenticated,
    UpstreamTimeout,
    UpstreamTruncated,
)
from gateway.exchange import Exchange, Principal, Reply
from tests.stages.record.house import (
    ALLOW,
    DENY,
    SECRET,
    House,
    answering,
    events,
    exchange,
    refusing,
)


async def test_the_decision_is_told_beside_the_answer(house: House) -> None:
    async def proceed(exchange: Exchange) -> Reply:
        return replace(await answering(events)(exchange), headers={"x-ratelimit-limit-requests": "9"})

    reply = await house.record(exchange(), proceed)
    await reply.body.aclose()
    assert reply.headers == {
        "x-ratelimit-limit-requests": "9",
        "x-gateway-decision": "allow",
        "x-gateway-rule": "tenants.acme.models",
        "x-gateway-obligations": "request *=placeholder; reply restored; reply *=placeholder; record redacted; route nowhere",
        "x-gateway-policy": "v1",
    }
    await house.log.close()


@pytest.mark.parametrize("error", [PolicyDenied("no"), UpstreamTimeout("no"), ValueError(SECRET)])
async def test_the_decision_is_told_beside_a_refusal(house: House, error: Exception) -> None:
    with pytest.raises(GatewayError) as caught:
        await house.record(exchange(), refusing(error, decision=DENY))
    assert caught.value.headers == {"x-gateway-decision": "deny", "x-gateway-rule": "default", "x-gateway-policy": "v1"}
    await house.log.close()


async def test_the_decision_is_told_where_an_answer_breaks_before_it_begins(house: House) -> None:
    reply = await house.record(exchange(), answering(lambda: events(after=UpstreamTruncated("no"), count=0), streaming=False))
    with pytest.raises(UpstreamTruncated) as caught:
        _ = [event async for event in reply.body]
    assert caught.value.headers["x-gateway-rule"] == "tenants.acme.models"
    await house.log.close()


async def test_before_a_decision_there_is_nothing_to_tell(house: House) -> None:
    with pytest.raises(Unauthenticated) as caught:
        await house.record(exchange(), refusing(Unauthenticated("no")))
    assert caught.value.headers == {}
    await house.log.close()


async def test_the_last_decision_is_the_one_that_is_told(house: House) -> None:
    async def proceed(exchange: Exchange) -> Reply:
        allowed = exchange.learn(principal=Principal(tenant="acme", id="bob"), decision=ALLOW)
        allowed.learn(decision=DENY)
        raise PolicyDenied("no")

    with pytest.raises(PolicyDenied) as caught:
        await house.record(exchange(), proceed)
    assert caught.value.headers["x-gateway-decision"] == "deny"
    record = await house.only_record()
    assert record.decision is not None
    assert (record.decision.allow, record.outcome) == (False, Outcome.DENIED)
