"""A way to guide free prompts: the company speaks first, and the user begins as policy says.

It stands before `redact`, so that what it fills into the company's words, a principal's id among it, is inspected as well.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.errors import PolicyDenied
from gateway.exchange import Exchange, Principal, Reply
from gateway.pipeline import Proceed
from gateway.protocol.facts import SPOKEN_IN
from gateway.protocol.guidance import begins_with_one, fill_template, last_user_texts, refuse_undoing, with_system
from gateway.protocol.wire import JsonObject, Surface


class Guide:
    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        guide = exchange.obligations.guide
        if not exchange.surface.speaks or not (guide.system or guide.prefixes):
            return await proceed(exchange)
        if exchange.principal is None or exchange.request is None:
            raise LookupError("guide runs after authenticate and receive")
        refuse_undoing(exchange.request)
        _require_beginning(exchange.request, exchange.surface, guide.prefixes)
        if text := _system_text(guide.system, _values(exchange, exchange.principal)):
            exchange = exchange.learn(request=with_system(exchange.request, exchange.surface, text))
        return await proceed(exchange)


def _require_beginning(request: JsonObject, surface: Surface, demands: Sequence[tuple[str, ...]]) -> None:
    if not demands:
        return
    texts = last_user_texts(request, surface)
    for prefixes in demands:
        if not texts or not all(begins_with_one(text, prefixes) for text in texts):
            allowed = ", ".join(f'"{prefix}"' for prefix in prefixes)
            raise PolicyDenied(
                f"The last text of the user has to begin with one of these: {allowed}.", param=SPOKEN_IN[surface]
            )


def _system_text(templates: Sequence[str], values: dict[str, str]) -> str:
    texts = (fill_template(template, values).strip() for template in templates)
    return "\n\n".join(filter(None, texts))


def _values(exchange: Exchange, principal: Principal) -> dict[str, str]:
    """The purpose is the one that policy knows: whatever else a client states, it is not the company's word."""
    return {
        "tenant": principal.tenant,
        "team": principal.team or "",
        "principal": principal.id,
        "model": exchange.model or "",
        "purpose": (exchange.decision.purpose if exchange.decision else None) or "",
    }
