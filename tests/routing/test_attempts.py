"""Which calls one exchange takes, in which order, and what it gets in the end."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import (
    AuditUnavailable,
    GatewayError,
    Overloaded,
    UnsupportedParameter,
    UpstreamError,
    UpstreamProtocolError,
    UpstreamTimeout,
    UpstreamTruncated,
    UpstreamUnreachable,
)
from gateway.exchange import Reply
from gateway.obligations import DeploymentRef, RouteTerms
from gateway.routing.attempts import Attempts
from tests.routing.fleet import A, B, Backend, C, Gpu, World, reply


async def well() -> Reply:
    return reply()


def raising(error: GatewayError) -> Backend:
    retry_after = error.retry_after

    async def ill() -> Reply:
        raise type(error)(error.message, retry_after=retry_after)

    return ill


def saying(status: int, retry_after: int | None = None) -> Backend:
    async def refuses() -> Reply:
        return reply("no", status, retry_after)

    return refuses


async def hanging() -> Reply:
    await asyncio.Event().wait()
    raise AssertionError


FAULTS: list[UpstreamError] = [
    UpstreamError("500"),
    UpstreamUnreachable("no connection"),
    UpstreamTimeout("no first byte"),
    UpstreamProtocolError("no JSON"),
    UpstreamTruncated("broken off"),
]


async def answered(world: World, *deployments: DeploymentRef, terms: RouteTerms | None = None, tenant: str = "acme") -> Reply:
    async with asyncio.timeout(10):
        got = await Attempts(world.errand(*deployments, terms=terms, tenant=tenant), world.shared).answer()
        assert [part async for part in got.body]
        return got


def nobody_has_a_seat(world: World) -> bool:
    return all(standing.open == 0 and standing.tokens == 0 for standing in world.standings.known())


async def test_the_first_that_policy_prefers_is_asked_alone() -> None:
    world = World({"a": well, "b": well})
    await answered(world, A, B)
    assert (world.asked, world.results()) == (["a"], [("a", "answered")])
    assert nobody_has_a_seat(world)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.code)
async def test_another_answers_where_one_fails(fault: UpstreamError) -> None:
    world = World({"a": raising(fault), "b": well})
    assert (await answered(world, A, B)).status == 200
    assert world.results() == [("a", fault.code), ("b", "answered")]
    assert world.chosen is not None
    assert world.chosen.reason.startswith("after a: ")
    assert nobody_has_a_seat(world)


@pytest.mark.parametrize(("status", "result"), [(429, "rate_limit_exceeded"), (404, "model_not_found")])
async def test_another_answers_where_one_is_busy_or_has_no_such_model(status: int, result: str) -> None:
    world = World({"a": saying(status), "b": well})
    assert (await answered(world, A, B)).status == 200
    assert world.results() == [("a", result), ("b", "answered")]


@pytest.mark.parametrize("status", [400, 409, 413, 422])
async def test_what_is_the_clients_fault_is_not_asked_twice(status: int) -> None:
    world = World({"a": saying(status), "b": well})
    assert (await answered(world, A, B)).status == status
    assert world.asked == ["a"]


async def unable() -> Reply:
    """A backend says that its model cannot take a parameter."""
    return replace(reply("no", 400), unsupported=True)


@pytest.mark.parametrize("way", [unable, raising(UnsupportedParameter("no such parameter"))], ids=["backend", "adapter"])
async def test_another_answers_where_one_cannot_take_a_parameter(way: Backend) -> None:
    world = World({"a": way, "b": well})
    assert (await answered(world, A, B)).status == 200
    assert world.results() == [("a", "unsupported_parameter"), ("b", "answered")]
    assert nobody_has_a_seat(world)


async def test_what_nobody_can_take_is_the_clients_to_mend() -> None:
    refusing = raising(UnsupportedParameter("no such parameter", param="logit_bias"))
    world = World({"a": refusing, "b": refusing})
    for _ in range(120):  # and is none of the budget for retries
        with pytest.raises(UnsupportedParameter):
            await answered(world, A, B)
    world.backends.update(a=raising(FAULTS[0]), b=well)
    assert (await answered(world, A, B)).status == 200
    assert nobody_has_a_seat(world)


@pytest.mark.parametrize("way", [unable, raising(UnsupportedParameter("no such parameter"))], ids=["backend", "adapter"])
@pytest.mark.parametrize("first", [raising(UpstreamError("down", retry_after=7)), saying(429)], ids=["failed", "busy"])
async def test_what_one_cannot_take_hides_no_failure_of_another(first: Backend, way: Backend) -> None:
    """A client repeats a 502, and never a 400."""
    world = World({"a": first, "b": way})
    with pytest.raises(UpstreamError) as failed:
        await answered(world, A, B)
    assert type(failed.value) is UpstreamError
    assert failed.value.retry_after in (7, None)
    assert [place for place, _ in world.results()] == ["a", "b"]
    assert nobody_has_a_seat(world)


async def test_what_is_no_failure_of_a_backend_ends_it() -> None:
    world = World({"a": raising(AuditUnavailable("no record")), "b": well})
    with pytest.raises(AuditUnavailable):
        await answered(world, A, B)
    assert world.asked == ["a"]
    assert nobody_has_a_seat(world)


async def test_retries_are_counted_but_not_where_nobody_was_reached() -> None:
    gpus = [Gpu(f"g{number}") for number in range(5)]
    failing = World({gpu.id: raising(UpstreamError("500")) for gpu in gpus})
    with pytest.raises(UpstreamError):
        await answered(failing, *gpus)
    assert len(failing.asked) == 3
    gone = World({gpu.id: raising(UpstreamUnreachable("gone")) for gpu in gpus[:4]} | {"g4": well})
    assert (await answered(gone, *gpus)).status == 200


@pytest.mark.parametrize(
    ("fault", "calls"),
    [(UpstreamUnreachable("x"), 3), (UpstreamTruncated("x"), 3), (UpstreamError("x"), 1), (UpstreamTimeout("x"), 1)],
    ids=lambda value: getattr(value, "code", value),
)
async def test_the_only_one_is_asked_again_where_it_cannot_have_begun(fault: UpstreamError, calls: int) -> None:
    world = World({"a": raising(fault)})
    with pytest.raises(type(fault)):
        await answered(world, A)
    assert world.asked == ["a"] * calls


async def test_no_retries_where_policy_wants_none() -> None:
    world = World({"a": raising(UpstreamError("500")), "b": well})
    with pytest.raises(UpstreamError):
        await answered(world, A, B, terms=RouteTerms(retries=0))
    assert world.asked == ["a"]


async def test_where_all_fail_the_soonest_time_to_come_again_is_passed_on() -> None:
    world = World({"a": saying(429, 30), "b": raising(UpstreamError("503", retry_after=5)), "c": raising(FAULTS[0])})
    with pytest.raises(UpstreamError) as failed:
        await answered(world, A, B, C)
    assert failed.value.retry_after == 5
    refusing = World({"a": saying(429, 30)})
    got = await answered(refusing, A)
    assert (got.status, got.retry_after) == (429, 30)


async def test_who_asked_to_be_left_alone_is_left_alone() -> None:
    world = World({"a": saying(429, 30), "b": well})
    await answered(world, A, B)
    await answered(world, A, B)
    assert world.asked == ["a", "b", "b"]
    alone = World({"a": saying(429, 30)})
    await answered(alone, A)
    with pytest.raises(Overloaded) as refused:
        await answered(alone, A)
    assert refused.value.retry_after == 30
    assert alone.asked == ["a"]


async def test_a_breaker_that_opens_spares_the_next_exchanges_the_failure() -> None:
    world = World({"a": raising(FAULTS[0]), "b": well})
    for _ in range(20):
        assert (await answered(world, A, B)).status == 200
    assert world.asked.count("a") == 5
    world.backends["a"] = well
    world.clock.passes(60)
    await answered(world, A, B)
    await answered(world, A, B)
    assert world.asked[-2:] == ["a", "a"]


async def test_where_none_is_fit_one_is_asked_all_the_same() -> None:
    """Fail-over is for having somewhere to go: with nowhere, the last word is the backend's and not ours."""
    world = World({"a": raising(FAULTS[0])})
    for _ in range(8):
        with pytest.raises(UpstreamError):
            await answered(world, A)
    world.backends["a"] = well
    assert (await answered(world, A)).status == 200


async def test_the_budget_ends_retries_when_nothing_helps() -> None:
    world = World({"a": raising(FAULTS[0]), "b": raising(FAULTS[0])})
    for _ in range(300):
        with pytest.raises(UpstreamError):
            await answered(world, A, B)
    assert len(world.asked) == 300 + 100


async def test_all_attempts_together_have_one_time_limit() -> None:
    world = World({"a": raising(FAULTS[0]), "b": hanging}, total_s=0.05)
    with pytest.raises(UpstreamTimeout):
        await answered(world, A, B)
    assert world.results() == [("a", "upstream_error"), ("b", "upstream_timeout")]
    assert nobody_has_a_seat(world)


async def test_without_a_deployment_there_is_no_answer() -> None:
    with pytest.raises(UpstreamUnreachable):
        await answered(World({}))


async def test_what_policy_does_not_let_through_is_never_asked() -> None:
    """Not even where the terms of the route name it: a bug there ends the exchange."""
    world = World({"a": well, "b": well})
    with pytest.raises(LookupError):
        await answered(world, A, terms=RouteTerms(tiers=((B,),)))
    assert world.asked == []


WAYS = {
    "well": well,
    "busy": saying(429, 1),
    "missing": saying(404),
    **{fault.code: raising(fault) for fault in FAULTS},
}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(sorted(WAYS)), min_size=1, max_size=5), st.integers(0, 4))
async def test_whoever_is_left_and_well_answers(ways: list[str], preferred: int) -> None:
    gpus = [Gpu(f"g{number}") for number in range(len(ways))]
    world = World({gpu.id: WAYS[way] for gpu, way in zip(gpus, ways, strict=True)} | {"forbidden": well}, draw=lambda: 0.0)
    tiers = (tuple(gpus[: preferred % len(gpus)]), tuple(gpus[preferred % len(gpus) :]))
    terms = RouteTerms(tiers=tuple(tier for tier in tiers if tier), retries=6)
    try:
        status = (await answered(world, *gpus, terms=terms)).status
    except UpstreamError:
        status = 502
    assert (status == 200) == ("well" in ways)
    assert "forbidden" not in world.asked
    assert [deployment for deployment, _ in world.results()] == world.asked
    assert nobody_has_a_seat(world)


async def test_what_nobody_serves_does_not_use_up_the_retries_of_others() -> None:
    world = World({"a": saying(404), "b": saying(404)})
    for _ in range(150):
        assert (await answered(world, A, B)).status == 404
    world.backends.update(a=raising(FAULTS[0]), b=well)
    assert (await answered(world, A, B, tenant="other")).status == 200


async def test_at_once_is_sooner_than_soon() -> None:
    world = World({"a": saying(429, 0), "b": saying(429, 5)})
    assert (await answered(world, A, B)).retry_after == 0


async def test_where_the_first_has_left_the_policy_another_answers() -> None:
    """Nobody knows then how long an exchange with it might have taken."""
    world = World({"a": raising(UpstreamUnreachable("no longer in service")), "b": well}, total_s=0.0)
    assert (await answered(world, A, B)).status == 200
    assert world.results() == [("a", "upstream_unreachable"), ("b", "answered")]
