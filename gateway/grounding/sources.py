"""Asks the library within a caller's rights, and the vault for the people in what it found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.errors import EntityBlocked
from gateway.exchange import Principal
from gateway.grounding.again import Reader, as_in_an_answer
from gateway.grounding.citations import File
from gateway.grounding.given import Given
from gateway.grounding.opened import keys_in
from gateway.grounding.origins import Origin, Origins
from gateway.knowledge.library import Library, Passage, Question
from gateway.knowledge.protection import Protection
from gateway.knowledge.rules import Rules
from gateway.obligations import EntityRules, GroundingTerms, Obligations, OperatorKind
from gateway.redaction.placeholders import Key
from gateway.vault.drawer import drawer_of
from gateway.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Found:
    """Passages, the best first, what their placeholders stand for, and where their documents come from."""

    passages: tuple[Passage, ...] = ()
    values: Mapping[Key, str] = field(default_factory=dict, repr=False)
    origins: Mapping[str, Origin] = field(default_factory=dict)


def rights_of(principal: Principal, terms: GroundingTerms) -> frozenset[str]:
    """The labels that a caller has: those that policy gives, and what the caller is."""
    team = {f"team:{principal.team}"} if principal.team is not None else set[str]()
    return terms.labels | team | {f"role:{role}" for role in principal.roles}


class Sources:
    """`protection` and `rules_of`, the rules for a tenant's documents, are asked each time: policy may change. All of it raises
    ProtectionUnavailable, and what `Protection.question` raises.
    """

    def __init__(
        self,
        library: Library,
        protection: Callable[[], Protection],
        vault: Vault,
        rules_of: Callable[[str], Rules],
        origins: Origins,
    ) -> None:
        self._library = library
        self._origins = origins
        self._protection = protection
        self._vault = vault
        self._rules_of = rules_of

    async def found(
        self, who: Principal, query: str, terms: GroundingTerms, collections: frozenset[str] | None, own: EntityRules
    ) -> Found:
        """What this caller is given to see. `own` are the rules for what it reads: what they block is left out."""
        text = await self._protection().question(who.tenant, query, self._rules_of(who.tenant))
        asked = Question(who.tenant, rights_of(who, terms), text, terms.passages, collections)
        passages = await self._library.search(asked)
        values = await self._values(who.tenant, passages)
        origins = await self._origins.of(who.tenant, {one.document for one in passages})
        usable = tuple(one for one in passages if one.document in origins and is_usable(one, values, own))
        return Found(usable, values, origins)

    async def files(self, who: Principal, given: Given, own: Obligations, *, texts: bool) -> Mapping[int, File]:
        """What an answer cites, by number, with no more than would come back in it; none where that would be refused."""
        said = given.said(texts=texts)
        if not said:
            return {}
        try:
            return given.files(await as_in_an_answer(self._protection(), said, given.values, Reader.of(who.tenant, own)))
        except EntityBlocked:
            return {}

    async def _values(self, tenant: str, passages: Sequence[Passage]) -> Mapping[Key, str]:
        keys = frozenset[Key]().union(*map(_keys, passages))
        if not keys:
            return {}
        drawer = drawer_of(await self._vault.key(tenant), "tenant")
        return await self._vault.recall(drawer, keys)


def _keys(passage: Passage) -> frozenset[Key]:
    return keys_in((passage.title, passage.section, passage.text))


def is_usable(passage: Passage, values: Mapping[Key, str], own: EntityRules) -> bool:
    """Not one about a person who was erased meanwhile, nor one that nobody may send for this caller."""
    keys = _keys(passage)
    return keys <= values.keys() and all(own.operator(entity) is not OperatorKind.BLOCK for entity, _ in keys)
