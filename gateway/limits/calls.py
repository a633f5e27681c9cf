"""Calls that ask no model, and are requests of their caller all the same: feedback, files, vector stores."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager

from gateway.errors import Unauthenticated
from gateway.exchange import Principal
from gateway.limits.limiter import Costs, Limiter
from gateway.policy.standing import Standing


class CallCount:
    """`standing` is what policy, as it is in force, says of a caller: the limits of its levels count, and those of no model."""

    def __init__(self, limiter: Limiter, standing: Callable[[Principal], Standing | None]) -> None:
        self._limiter = limiter
        self._standing = standing

    @asynccontextmanager
    async def counted(self, who: Principal) -> AsyncGenerator[Mapping[str, str], None]:
        """One request, which is open until this ends, and takes neither tokens nor money. Gives the headers for the reply.

        Raises Unauthenticated, RateLimited and ProtectionUnavailable.
        """
        standing = self._standing(who)
        if standing is None:
            raise Unauthenticated("The principal of this credential is not in the gateway's policy.")
        if not (limits := standing.terms.limits):
            yield {}
            return
        permit = await self._limiter.acquire(limits, Costs(), locally=standing.terms.limits_locally is True)
        try:
            yield permit.headers
        finally:
            try:
                await permit.settle(Costs())
            finally:
                await permit.release()
