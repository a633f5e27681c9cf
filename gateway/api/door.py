"""Who may call what is no exchange: whoever may not is on record, as at a model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from gateway.api.admin.acts import ActLog
from gateway.audit.act import Action, new_act
from gateway.errors import Unauthenticated
from gateway.exchange import Principal
from gateway.exchange.peer import Peer

Authenticate = Callable[[str | None, Peer], Awaitable[Principal]]


def entering(authenticate: Authenticate, acts: ActLog, tried: Action) -> Authenticate:
    """The same, but a credential that is refused is entered as an attempt at this, before its sender is told."""

    async def entered(credential: str | None, peer: Peer) -> Principal:
        try:
            return await authenticate(credential, peer)
        except Unauthenticated as error:
            await acts.denied(new_act(tried), error)
            raise

    return entered
