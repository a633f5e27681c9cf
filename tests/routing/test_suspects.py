"""A request that makes every backend fail: it is not the backends that are ill."""

from __future__ import annotations

import pytest

from gateway.errors import UpstreamError, UpstreamUnreachable
from gateway.exchange import Reply
from gateway.routing.attempts import Attempts
from gateway.routing.suspects import Suspects, cause_of
from tests.routing.fleet import A, B, C, Clock, World, reply
from tests.routing.test_prefix import exchange


async def failing() -> Reply:
    raise UpstreamError("500")


async def unreached() -> Reply:
    raise UpstreamUnreachable("no connection")


async def well() -> Reply:
    return reply()


async def _asked(world: World, cause: bytes) -> None:
    with pytest.raises(UpstreamError):
        await Attempts(world.errand(A, B, C, cause=cause), world.shared).answer()


def _fit(world: World) -> list[bool]:
    return [world.standings.of(one).fit for one in (A, B, C)]


async def test_a_request_that_all_fail_speaks_against_the_first_alone_and_once() -> None:
    world = World({"a": failing, "b": failing, "c": failing})
    for _ in range(12):
        await _asked(world, b"poison")
    assert _fit(world) == [True, True, True]


async def test_other_requests_open_the_breakers_as_ever() -> None:
    world = World({"a": failing, "b": failing, "c": failing})
    for number in range(5):
        await _asked(world, b"%d" % number)
    assert _fit(world) == [False, True, True]


async def test_who_fails_what_another_answers_is_to_blame_every_time() -> None:
    world = World({"a": failing, "b": well})
    for _ in range(5):
        await Attempts(world.errand(A, B, cause=b"the same"), world.shared).answer()
    assert not world.standings.of(A).fit


async def test_to_reach_nobody_is_never_the_requests_fault() -> None:
    world = World({"a": unreached, "b": unreached, "c": unreached})
    for _ in range(5):
        await _asked(world, b"the same")
    assert _fit(world) == [False, False, False]


async def test_a_trial_that_a_suspect_makes_says_nothing() -> None:
    world = World({"a": failing, "b": failing, "c": failing})
    for number in range(5):
        await _asked(world, b"%d" % number)
    world.clock.passes(2)
    await _asked(world, b"0")
    assert world.standings.of(A).fit, "the next may try"


def test_a_suspect_is_forgotten_after_a_while_and_when_there_are_many() -> None:
    clock = Clock()
    suspects = Suspects(clock)
    assert [suspects.failed(b"a"), suspects.failed(b"a")] == [False, True]
    clock.passes(60)
    assert not suspects.failed(b"a")
    for number in range(1_024):
        suspects.failed(b"%d" % number)
    assert not suspects.failed(b"a")


def test_a_cause_is_of_the_redacted_request_and_its_tenant() -> None:
    one = exchange({"messages": ["a"]})
    assert cause_of(one, b"k") == cause_of(exchange({"messages": ["a"]}), b"k")
    others = [exchange({"messages": ["b"]}), exchange({"messages": ["a"]}, tenant="other")]
    assert len({cause_of(one, b"k"), cause_of(one, b"l"), *(cause_of(other, b"k") for other in others)}) == 4
