"""Takes personal data out of a request, and says how to put it back."""

from __future__ import annotations

import asyncio
import hmac
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any, TypeVar

from gateway.detection.detect import Detector
from gateway.detection.kept import Kept
from gateway.exchange import FindingCount, Laid
from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.protocol.segments import Quoting, Replacement, splice
from gateway.protocol.text_slots import Place, TextSlot, read_slots, write_slots
from gateway.protocol.wire import JsonObject
from gateway.redaction.glued import Change, glued
from gateway.redaction.operators import REVERSIBLE, Pseudonyms, operators
from gateway.redaction.ours import Ours
from gateway.redaction.passages import Page, Passage, by_passage, pages, passages
from gateway.redaction.placeholders import Key, PlaceholderMint, typed_literals
from gateway.redaction.put_together import NOTHING, NOWHERE, PutTogether, beside, placed_in
from gateway.redaction.refusals import refuse_blocked, refuse_opaque, refuse_too_long
from gateway.redaction.seams import seams
from gateway.redaction.taken import Taken
from gateway.redaction.verdict import Judged, counts, judge
from gateway.rules.detection import DetectionRules

_Result = TypeVar("_Result")
_RESTORABLE = REVERSIBLE | {OperatorKind.KEEP}
_LARGE = 50_000
"""Characters in a body from which on its texts are worked on beside the event loop."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found in a body, and what is to be done with it. Nothing has been done yet."""

    body: JsonObject = field(repr=False)
    slots: Sequence[TextSlot] = field(default=(), repr=False)
    passages: Sequence[Passage] = field(default=(), repr=False)
    judged: Sequence[Sequence[Judged]] = field(default=(), repr=False)
    kept: Mapping[str, int] = field(default_factory=dict, repr=False)
    """How many there are of types that are kept, where policy wants to know."""

    @property
    def counts(self) -> Mapping[str, int]:
        """How many findings there are of each entity type."""
        return {**Counter(one.verdict.entity for passage in self.judged for one in passage), **self.kept}

    @property
    def findings(self) -> tuple[FindingCount, ...]:
        return counts(self.judged)

    @property
    def values(self) -> frozenset[str]:
        """Every value that was found."""
        return _values(self.passages, self.judged)

    @property
    def to_place(self) -> Mapping[str, str]:
        """The values that a placeholder will stand for, in the order in which they get theirs, with their types."""
        entities: dict[str, str] = {}
        for passage, own in zip(self.passages, self.judged, strict=True):
            for one in own:
                if one.verdict.operator is OperatorKind.PLACEHOLDER:
                    value = passage.text[one.finding.start : one.finding.end]
                    entities.setdefault(value, one.verdict.entity)
        return entities

    def typed(self, entities: Collection[str]) -> frozenset[Key]:
        """Placeholders of these types that the client typed itself."""
        if not entities:
            return frozenset()
        raws = (slot.raw for slot in self.slots)
        return typed_literals([*raws, *(passage.text for passage in self.passages)], entities)


@dataclass(frozen=True, slots=True)
class Redaction:
    """A body that may leave the gateway, and what was put in place of what.

    `raws` are the slots' new strings; `replacements` are by the position of their slot.
    """

    body: JsonObject = field(repr=False)
    pseudonyms: Pseudonyms = field(repr=False)
    raws: Sequence[str] = field(default=(), repr=False)
    replacements: Mapping[int, Sequence[Replacement]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Screened:
    """Treated texts, and the values that were found in them."""

    texts: list[str] = field(repr=False)
    values: frozenset[str] = field(repr=False)


class Redactor:
    """Redacts bodies under a master key, from which each tenant's key for hashes and surrogates is derived."""

    def __init__(self, detector: Detector, key: bytes) -> None:
        self._detector = detector
        self._key = key
        self._operators = operators()
        self._key_of = lru_cache(maxsize=1_024)(partial(_tenant_key, key))

    async def inspect(self, body: JsonObject, obligations: Obligations, put_together: PutTogether = NOTHING) -> Inspection:
        """`put_together` are strings of the body that the gateway made of several texts.

        Raises UninspectableContent, TextTooLong, DetectionUnavailable; MalformedBody when the body is nested too deep.
        """
        refuse_opaque(body, obligations.uninspected, documents=obligations.grounding is not None)
        # The model's name is the policy's own word by now, and the backend must understand it.
        slots = [slot for slot in read_slots(body) if slot.path != ("model",)]
        limit = obligations.detection.max_characters
        refuse_too_long((slot.raw for slot in slots), limit)
        rules, seeking = obligations.request, _seeking(obligations)
        if rules.keeps_everything and seeking is None:
            return Inspection(body)
        found = await aside(slots, lambda: passages(slots))
        refuse_too_long((passage.text for passage in found), limit)  # a number such as 1e300 is read as its digits
        known = placed_in(found, slots, put_together)
        parts = {at: one.parts for at, one in known.items()}
        laid = await aside(slots, lambda: [*pages(found, parts), *seams(found, parts)])
        refuse_too_long((page.text for page in laid), limit)  # a key is written out for each of its numbers
        judged = await self._judged(slots, found, laid, rules, obligations.detection, known=known)
        if seeking is None:
            return Inspection(body, slots, found, judged)
        # A second look, for counting only: what is kept must hide nothing in the first.
        sought = await self._judged(slots, found, laid, seeking, obligations.detection, known=known)
        kept = Counter(one.verdict.entity for own in sought for one in own)
        hidden = {entity: kept[entity] for entity in obligations.sought if rules.operator(entity) is OperatorKind.KEEP}
        return Inspection(body, slots, found, judged, hidden)

    async def redact(
        self,
        inspection: Inspection,
        *,
        tenant: str,
        pseudonyms: Pseudonyms | None = None,
        scoped: Pseudonyms | None = None,
    ) -> Redaction:
        """Apply every operator. Values that `pseudonyms` replaced before are replaced alike; it learns nothing of others.
        `scoped` are those of a wider scope than this exchange, and are used as they are.

        Raises EntityBlocked.
        """
        refuse_blocked(inspection.judged)
        return await aside(inspection.slots, lambda: self._redacted(inspection, tenant, pseudonyms, scoped))

    def _redacted(self, inspection: Inspection, tenant: str, known: Pseudonyms | None, scoped: Pseudonyms | None) -> Redaction:
        pseudonyms = scoped if scoped is not None else _pseudonyms(inspection, known)
        raws, replacements = self._rewritten(inspection.slots, inspection.passages, inspection.judged, pseudonyms, tenant)
        return Redaction(write_slots(inspection.body, inspection.slots, raws), pseudonyms, raws, replacements)

    async def screen(
        self,
        texts: Sequence[str],
        rules: EntityRules,
        pseudonyms: Pseudonyms,
        *,
        tenant: str,
        json: bool = False,
        detection: DetectionRules = DetectionRules(),
        taught: Inspection | None = None,
    ) -> Screened:
        """Treat what a reply says of its own accord; what this exchange put in place of a value is left as it is.

        Values that were found in `taught` are known here too. Raises EntityBlocked and DetectionUnavailable.
        """
        slots = [TextSlot(("arguments" if json else at,), Place.VALUE, text) for at, text in enumerate(texts)]
        found = passages(slots)
        laid = await aside(slots, lambda: pages(found))
        ours = Ours(pseudonyms.restorer(), [slot.raw for slot in slots])
        told = await self._judged(slots, found, laid, rules, detection, taught)
        judged = [ours.left_alone(passage, own) for passage, own in zip(found, told, strict=True)]
        refuse_blocked(judged)
        return Screened(self._rewritten(slots, found, judged, pseudonyms, tenant)[0], _values(found, judged))

    async def _judged(
        self,
        slots: Sequence[TextSlot],
        found: Sequence[Passage],
        laid: Sequence[Page],
        rules: EntityRules,
        detection: DetectionRules,
        taught: Inspection | None = None,
        known: Mapping[int, Laid] = NOWHERE,
    ) -> list[list[Judged]]:
        on_pages = await self._detector.detect([page.text for page in laid], rules=detection, kept=Kept.by(rules))
        if taught is None:
            return await aside(slots, lambda: judge(found, beside(by_passage(found, laid, on_pages), known), rules))
        learned = [[one.finding for one in own] for own in taught.judged]
        return await aside(
            [*slots, *taught.slots],
            lambda: judge([*found, *taught.passages], [*by_passage(found, laid, on_pages), *learned], rules)[: len(found)],
        )

    def _rewritten(
        self,
        slots: Sequence[TextSlot],
        found: Sequence[Passage],
        judged: Sequence[Sequence[Judged]],
        pseudonyms: Pseudonyms,
        tenant: str,
    ) -> tuple[list[str], Mapping[int, Sequence[Replacement]]]:
        """The raw strings of the slots with every operator applied, and what was replaced in each slot."""
        params = self._params(pseudonyms, tenant, [slot.raw for slot in slots])
        replacements: dict[int, list[Replacement]] = {}
        for passage, own in zip(found, judged, strict=True):
            if changed := [one for one in own if one.verdict.operator is not OperatorKind.KEEP]:
                made = [self._replacement(passage, one, params) for one in changed]
                replacements.setdefault(passage.slot, []).extend(made)
                pseudonyms.identifiers.update(_glued(passage, changed, made))
        raws = [splice(slot.raw, replacements[at]) if at in replacements else slot.raw for at, slot in enumerate(slots)]
        pseudonyms.identifiers.update(_changed_identifiers(slots, found, judged, raws))
        return raws, replacements

    def _replacement(self, passage: Passage, judged: Judged, params: dict[str, Any]) -> Replacement:
        start, end = judged.finding.start, judged.finding.end
        operator = self._operators[judged.verdict.operator]
        params["entity"] = judged.verdict.entity
        text = operator.operate(passage.text[start:end], params)
        return Replacement(passage.segment, start, end, text)

    def _params(self, pseudonyms: Pseudonyms, tenant: str, texts: Iterable[str]) -> dict[str, Any]:
        taken = Taken([*texts, *pseudonyms.surrogates.values()])
        return {"pseudonyms": pseudonyms, "key": self._key_of(tenant), "taken": taken}


def _tenant_key(key: bytes, tenant: str) -> bytes:
    return hmac.digest(key, f"tenant\0{tenant}".encode(), "sha256")


def _seeking(obligations: Obligations) -> EntityRules | None:
    """Rules under which types that are kept are looked for nevertheless; None where policy asks for none of them."""
    if not obligations.sought:
        return None
    rules = obligations.request
    hidden = {entity: OperatorKind.PLACEHOLDER for entity in obligations.sought if rules.operator(entity) is OperatorKind.KEEP}
    return EntityRules(rules.default, {**rules.by_entity, **hidden}) if hidden else None


async def aside(slots: Sequence[TextSlot], work: Callable[[], _Result]) -> _Result:
    """Do the work here for a small body, in a thread for a large one: linear as it is, it would hold up everybody else."""
    if sum(len(slot.raw) for slot in slots) < _LARGE:
        return work()
    return await asyncio.to_thread(work)


def _values(found: Sequence[Passage], judged: Sequence[Sequence[Judged]]) -> frozenset[str]:
    return frozenset(
        passage.text[one.finding.start : one.finding.end] for passage, own in zip(found, judged, strict=True) for one in own
    )


def _changed_identifiers(
    slots: Sequence[TextSlot], found: Sequence[Passage], judged: Sequence[Sequence[Judged]], raws: Sequence[str]
) -> dict[str, str]:
    """Identifiers that can be put back whole: inside a longer word, a placeholder without brackets is not looked for."""
    lost = {p.slot for p, own in zip(found, judged, strict=True) if any(one.verdict.operator not in _RESTORABLE for one in own)}
    return {
        slot.raw: raw
        for at, (slot, raw) in enumerate(zip(slots, raws, strict=True))
        if raw != slot.raw and at not in lost and slot.segments[0].quoting is Quoting.IDENTIFIER
    }


def _glued(passage: Passage, judged: Sequence[Judged], made: Sequence[Replacement]) -> Iterator[tuple[str, str]]:
    """Words that have a surrogate in them, which can be put back whole."""
    kinds = [one.verdict.operator for one in judged]
    if OperatorKind.SURROGATE not in kinds or passage.segment.quoting is Quoting.IDENTIFIER:
        return iter(())
    changes = (
        Change(one.start, one.end, one.text, surrogate=kind is OperatorKind.SURROGATE, reversible=kind in REVERSIBLE)
        for one, kind in zip(made, kinds, strict=True)
    )
    return glued(passage.text, sorted(changes, key=lambda one: one.start))


def _pseudonyms(inspection: Inspection, known: Pseudonyms | None) -> Pseudonyms:
    """Of this exchange alone."""
    literals = inspection.typed({one.verdict.entity for passage in inspection.judged for one in passage})
    return known.apart(literals) if known is not None else Pseudonyms(PlaceholderMint(literals))
