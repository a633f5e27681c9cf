"""The answer on its way out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from gateway.obligations import Obligations
from gateway.protocol.usage import Tally
from gateway.protocol.wire import JsonObject

Body: TypeAlias = AsyncGenerator[JsonObject, None]


@dataclass(frozen=True, slots=True)
class Storing:
    """Policy lets the items of a reply be kept for its caller. `obligations` are those that hold in view of what was found;
    `restored` tells the values that can have been put back in what was read of the reply so far.
    """

    obligations: Obligations = field(repr=False)
    restored: Callable[[], Collection[str]] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer. `body` yields JSON objects: the events of a stream, or the one object of a plain answer.

    `retry_after` (seconds) is the backend's, where it refused for now. `headers` are the gateway's own, in lower case. `tally`,
    where there is one, sees more than `body` yields: usage that the gateway asked for and the client did not. `unsupported`: a
    refusal of what this backend cannot do, and another one may. `storing`: where its items may be kept for its caller.
    """

    status: int
    streaming: bool
    body: Body = field(repr=False)
    retry_after: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    tally: Tally | None = field(default=None, repr=False)
    unsupported: bool = False
    storing: Storing | None = field(default=None, repr=False)

    def through(self, change: Callable[[Body], Body]) -> Reply:
        """A reply whose body passes through `change`, and which still closes this one, started or not."""
        return replace(self, body=_Linked(change(self.body), self.body))


class _Linked(AsyncGenerator[JsonObject, None]):
    """An outer body and the inner one that it reads. A generator that never started ignores `aclose()`, so the inner one,
    with its connection to a backend, has to be closed by somebody else."""

    def __init__(self, outer: Body, inner: Body) -> None:
        self._outer = outer
        self._inner = inner

    # Not coroutines but the outer body's own: each event passes here several times.

    def __anext__(self) -> Coroutine[Any, Any, JsonObject]:
        return self._outer.__anext__()

    def asend(self, value: None) -> Coroutine[Any, Any, JsonObject]:
        return self._outer.asend(value)

    def athrow(self, *error: Any) -> Coroutine[Any, Any, JsonObject]:
        return self._outer.athrow(*error)

    async def aclose(self) -> None:
        try:
            await self._outer.aclose()
        finally:
            await self._inner.aclose()
