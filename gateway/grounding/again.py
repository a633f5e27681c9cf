"""Passages once more under the rules of whoever is given them, where these find more than those by which documents are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gateway.grounding.opened import coming_back, keys_in, opened
from gateway.knowledge.protection import Protection
from gateway.knowledge.rules import Rules
from gateway.obligations import EntityRules, Obligations
from gateway.redaction.put_together import strictest


def reading(own: Obligations) -> Obligations:
    """By what a passage is looked through for an exchange: as its request, or as documents where that is stricter."""
    both = own.request if own.knowledge is None else strictest(own.request, own.knowledge)
    return Rules.placed(both, own.detection).obligations


def seen_again(read: Obligations, kept: Rules) -> Obligations | None:
    """None where a reader's rules are those by which documents are `kept`: then all of it was found before."""
    own = replace(read, sought=frozenset())
    return None if own.request == kept.entities and own.detection == kept.detection else own


async def as_in_an_answer(
    protection: Protection, tenant: str, texts: Sequence[str], own: Obligations, coming: Sequence[EntityRules]
) -> list[str]:
    """Without what would not come back in an answer under all the rules that are `coming`; with none of them nothing does.

    Raises EntityBlocked.
    """
    redacted, originals = await protection.again(tenant, texts, own)
    values = {key: value for name, value in originals.items() for key in keys_in([name])}
    shown = coming_back(values, coming) if coming else {}
    return [opened(text, shown).text for text in redacted]
