"""What may be kept of an answer that nobody gets: as little as of a request, and nothing that could be put back."""

from __future__ import annotations

from gateway.exchange import Exchange
from gateway.exchange.content import Content
from gateway.obligations import EntityRules, OperatorKind
from gateway.redaction.operators import REVERSIBLE, Pseudonyms
from gateway.redaction.placeholders import PlaceholderMint
from gateway.redaction.recorded import MOST_KEPT
from gateway.redaction.redactor import Redactor


async def overheard(redactor: Redactor, exchange: Exchange, text: str) -> Content:
    """The answer with what policy protects masked: its placeholders are those of the request, and say nothing new.

    Raises EntityBlocked and DetectionUnavailable, and LookupError for an exchange of nobody.
    """
    own = exchange.obligations
    if exchange.principal is None:
        raise LookupError("the exchange has no principal")
    screened = await redactor.screen(
        [text],
        masked(own.record or own.request),
        Pseudonyms(PlaceholderMint(frozenset())),
        tenant=exchange.principal.tenant,
        detection=own.detection,
    )
    return Content(reply=screened.texts[0][:MOST_KEPT] or None, values=screened.values)


def masked(rules: EntityRules) -> EntityRules:
    """The rules with a mask in place of whatever can be undone: there is nobody for whom it would be."""
    return EntityRules(_mask(rules.default), {entity: _mask(operator) for entity, operator in rules.by_entity.items()})


def _mask(operator: OperatorKind) -> OperatorKind:
    return OperatorKind.MASK if operator in REVERSIBLE else operator
