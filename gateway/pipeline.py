"""The request's way: stages, composed like an onion.

A stage may look at the exchange, change it, answer by itself, or `proceed` inwards and change the reply on its way out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeAlias

from gateway.exchange import Exchange, Reply

Proceed: TypeAlias = Callable[[Exchange], Awaitable[Reply]]


class Stage(Protocol):
    """One step of the way; every module in `stages/` has exactly this shape."""

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply: ...


def compose(stages: Sequence[Stage]) -> Proceed:
    """`compose([a, b, c])(exchange)` runs `a( b( c ) )`. The last stage answers and never proceeds."""
    way: Proceed = _beyond
    for stage in reversed(stages):
        way = _around(stage, way)
    return way


def timed(stage: Stage, name: str) -> Stage:
    """The stage, noted in the journal from its call until it has its reply (not until the reply's end)."""

    async def timed_stage(exchange: Exchange, proceed: Proceed) -> Reply:
        journal = exchange.journal
        started = journal.elapsed_ms()
        try:
            return await stage(exchange, proceed)
        finally:
            journal.passed(name, started)

    return timed_stage


def _around(stage: Stage, proceed: Proceed) -> Proceed:
    async def step(exchange: Exchange) -> Reply:
        return await stage(exchange, proceed)

    return step


async def _beyond(_exchange: Exchange) -> Reply:
    raise LookupError("the innermost stage must answer")
