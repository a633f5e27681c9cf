"""Rules on what was found apply once documents were looked for: is the answer still grounded as policy wants it? Pure."""

from __future__ import annotations

from gateway.errors import PolicyDenied
from gateway.exchange import Exchange
from gateway.grounding.question import last_turn
from gateway.obligations import GroundingTerms


def refuse_changed(exchange: Exchange) -> None:
    """Raises PolicyDenied where an exchange would have been given other documents, or some at all, or no answer, by what holds
    for it in the end; InvalidRequest where it could not have been given any.
    """
    given, now = exchange.grounding, exchange.obligations.grounding
    if given is None:
        changed = now is not None and now.always and _asks(exchange, now)
    elif given.hits:
        changed = given.terms != now
    else:
        changed = now is not None and now.says_so
    if changed:
        raise PolicyDenied("In view of what the request holds, policy lets other documents ground its answer, or none.")


def _asks(exchange: Exchange, now: GroundingTerms) -> bool:
    """Whether a request for which nobody looked says what could be looked for, or may be answered from documents alone."""
    if not exchange.surface.speaks:
        return False
    return now.says_so or last_turn(exchange.request or {}, exchange.surface) is not None
