"""Keeps acts on record: nothing is done before the intention is durable, nothing is answered before the end is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from gateway.audit.act import Act, ActOutcome, Came, entry_of_act
from gateway.audit.log import AuditLog
from gateway.errors import AuditUnavailable, GatewayError


class ActLog:
    """Raises AuditUnavailable where an entry cannot be made durable."""

    def __init__(self, log: AuditLog) -> None:
        self._log = log

    @asynccontextmanager
    async def entered(self, act: Act) -> AsyncIterator[Came]:
        """The act is intended when the block begins, and done, or failed, when it ends.

        A caller who is cancelled leaves it intended: nobody knows how far its thread has come.
        """
        await self._log.append(entry_of_act(act))
        came = Came()
        try:
            yield came
        except Exception as error:
            code = error.code if isinstance(error, GatewayError) else "internal_error"
            await self._end(act.ended(ActOutcome.FAILED, error_code=code))
            raise
        await self._end(replace(act.ended(ActOutcome.DONE), result=came.result or act.result))

    async def denied(self, act: Act, error: GatewayError) -> None:
        """Enter an attempt that this error refuses."""
        await self._log.append(entry_of_act(act.ended(ActOutcome.DENIED, error_code=error.code)))

    async def _end(self, act: Act) -> None:
        """The act has taken place: a log that cannot say so now owes it."""
        entry = entry_of_act(act)
        try:
            await self._log.append(entry)
        except AuditUnavailable:
            self._log.append_soon(entry)
            raise
