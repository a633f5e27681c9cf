"""Passages as they may stand beside an answer: what its reader's rules would take out of it is not in them either.

All of it is looked for once more, whatever was done when the documents were kept: the rules of then need not be those of today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.grounding.opened import closed, coming_back, keys_in, opened
from gateway.knowledge.protection import Protection
from gateway.knowledge.rules import Rules
from gateway.obligations import EntityRules, Obligations
from gateway.redaction.placeholders import Key
from gateway.redaction.put_together import strictest


@dataclass(frozen=True, slots=True)
class Reader:
    """`reading` is by what passages are looked through. Values come back that do so under all the rules that are `coming`; with
    none of them none does. `reply` is for what stands in documents as it is, as for what a model writes itself.
    """

    tenant: str
    reading: Obligations
    coming: Sequence[EntityRules]
    reply: EntityRules

    @classmethod
    def of(cls, tenant: str, own: Obligations) -> Reader:
        """Of an exchange."""
        coming = (own.request, own.knowledge or own.request) if own.restore else ()
        return cls(tenant, reading(own), coming, own.reply)


def reading(own: Obligations) -> Obligations:
    """By what a passage is looked through for an exchange: as its request, or as documents where that is stricter."""
    both = own.request if own.knowledge is None else strictest(own.request, own.knowledge)
    return Rules.placed(both, own.detection).obligations


async def as_in_an_answer(protection: Protection, texts: Sequence[str], values: Mapping[Key, str], reader: Reader) -> list[str]:
    """Texts of documents, whose placeholders stand for these values, without what would not come back in an answer.

    Raises EntityBlocked.
    """
    own = replace(reader.reading, sought=frozenset())
    if not reader.reply.keeps_everything:
        texts, _ = await protection.again(reader.tenant, texts, replace(own, request=reader.reply))
    shown = _coming(values, reader)
    redacted, originals = await protection.again(reader.tenant, [opened(text, shown).text for text in texts], own)
    back = _coming({key: value for name, value in originals.items() for key in keys_in([name])}, reader)
    return [closed(opened(text, back).text) for text in redacted]


def _coming(values: Mapping[Key, str], reader: Reader) -> Mapping[Key, str]:
    return coming_back(values, reader.coming) if reader.coming else {}
