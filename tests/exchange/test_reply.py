"""The answer on its way out: whoever closes it closes all of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.exchange import Body, Reply


class Inner:
    def __init__(self) -> None:
        self.closed = False

    async def body(self) -> Body:
        try:
            yield {}
            yield {"n": 1}
        finally:
            self.closed = True


async def unread(body: Body) -> Body:
    async for event in body:
        yield event


async def failing(_: Body) -> Body:
    """What raises as it is closed, and has left what it reads to others."""
    try:
        yield {}
    finally:
        raise ValueError("a bug")


async def through(change: Callable[[Body], Body]) -> tuple[Inner, Reply]:
    inner = Inner()
    body = inner.body()
    await anext(body)
    return inner, Reply(status=200, streaming=True, body=body).through(change)


async def test_a_body_that_was_never_read_is_closed() -> None:
    inner, reply = await through(unread)
    await reply.body.aclose()
    assert inner.closed


async def test_a_change_that_fails_as_it_is_closed_leaves_nothing_open() -> None:
    inner, reply = await through(failing)
    await anext(reply.body)
    with pytest.raises(ValueError, match="a bug"):
        await reply.body.aclose()
    assert inner.closed
