"""Documents and questions meet in one space of pseudonyms: the tenant's drawer of the vault.

A document's values get placeholders there that last. A question's values get the placeholders that they have; for one that
nobody knows nothing is stored, and it matches nothing. What looks like a placeholder in a document, or in a question, is
written so that it is none any more: else whoever writes a document could have a value of somebody else's put into an answer.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from gateway.audit.tenant_keys import TenantKeys
from gateway.errors import GatewayError
from gateway.keys.data_key import TenantKey
from gateway.knowledge.release import release
from gateway.knowledge.rules import Rules, keeps_any
from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.protocol.wire import ContentKind
from gateway.redaction.operators import Pseudonyms
from gateway.redaction.placeholders import SPELLED, PlaceholderMint, spelling_pattern
from gateway.redaction.redactor import Inspection, Redactor
from gateway.redaction.refusals import refuse_blocked
from gateway.store.database import Database
from gateway.vault.drawer import Drawer, drawer_of, tag_of
from gateway.vault.lookup import look_up
from gateway.vault.moments import LASTING_S
from gateway.vault.vault import Vault

_PORTION = 20_000
"""Characters that are looked through together: what is found in one of these paragraphs is known in the others."""
_JOINER = "\u2060"
"""WORD JOINER: nobody sees it."""


@dataclass(frozen=True, slots=True)
class Protected:
    """Texts as they may be kept, and for each the tags of those whose values stood in it. `kept` are tags of values that stand
    there still: policy keeps their types.
    """

    texts: tuple[str, ...] = field(repr=False)
    mentions: tuple[frozenset[bytes], ...] = field(repr=False)
    kept: tuple[frozenset[bytes], ...] = field(repr=False)


class Protection:
    """`entities` are all types that there may be placeholders of. Every method raises ProtectionUnavailable, EntityBlocked and
    UninspectableContent.
    """

    def __init__(
        self, redactor: Redactor, vault: Vault, database: Database, keys: TenantKeys, entities: Collection[str]
    ) -> None:
        self._redactor = redactor
        self._vault = vault
        self._database = database
        self._keys = keys
        self._lookalikes = spelling_pattern(frozenset(entities))

    async def document(self, tenant: str, texts: Sequence[str], rules: Rules) -> Protected:
        """The texts of one document, in order. Nothing is stored for one that is refused."""
        owner = await self._keys.of(tenant)
        inspections = [await self._inspected(portion, rules) for portion in portions(texts)]
        mentions = tuple(tags for one in inspections for tags in _mentions(one, owner))
        kept = [tags for one in inspections for tags in await self._kept(one, rules.obligations, owner)]
        try:
            redacted = [text for one in inspections for text in await self._placed(one, owner)]
        except BaseException:
            await self.let_go(tenant, mentions)
            raise
        return Protected(tuple(redacted), mentions, tuple(kept))

    async def let_go(self, tenant: str, mentions: Iterable[frozenset[bytes]]) -> None:
        """What placeholders stand for that a document would have had, which is not kept after all."""
        tags = frozenset[bytes]().union(*mentions)
        with suppress(GatewayError):  # nobody is shown them: they are in no document
            await asyncio.to_thread(self._released, tenant, tags)

    async def mentioned(self, tenant: str, texts: Sequence[str], rules: Rules) -> frozenset[bytes]:
        """The tags of those whose values stand in a document that is not kept as text. Stores nothing. Bytes in base64, which
        nobody can read, keep nobody from finding who stands beside them.
        """
        return frozenset().union(*await self.mentions(tenant, texts, rules))

    async def mentions(self, tenant: str, texts: Sequence[str], rules: Rules) -> Sequence[frozenset[bytes]]:
        """The same, for each of the texts."""
        owner, own = await self._keys.of(tenant), _around_bytes(rules.obligations)
        tags: list[frozenset[bytes]] = []
        for portion in portions(texts):
            inspection = await self._redactor.inspect(_body(portion), own)
            kept = await self._kept(inspection, own, owner)
            tags += [one | also for one, also in zip(_mentions(inspection, owner), kept, strict=True)]
        return tags

    async def question(self, tenant: str, text: str, rules: Rules) -> str:
        """Stores nothing."""
        owner, inspection = await self._keys.of(tenant), await self._inspected([text], rules)
        pseudonyms = await asyncio.to_thread(self._known, owner, inspection)
        return (await self._redacted(inspection, tenant, pseudonyms))[0]

    async def counted(self, texts: Sequence[str], own: Obligations) -> Mapping[str, int]:
        """How many findings of each type there are, for rules that ask. Stores nothing."""
        found: Counter[str] = Counter()
        for portion in portions(texts):
            found.update((await self._redactor.inspect(_body(portion), _around_bytes(own))).counts)
        return found

    async def again(self, tenant: str, texts: Sequence[str], own: Obligations) -> tuple[list[str], Mapping[str, str]]:
        """Texts of a passage under the rules of somebody who is to be given it, and what placeholders in them stand for, which
        have numbers of this one time. Stores nothing.
        """
        inspection = await self._redactor.inspect(_body(texts), own)
        redaction = await self._redactor.redact(inspection, tenant=tenant)
        return [message["content"] for message in redaction.body["messages"]], redaction.pseudonyms.originals

    async def _inspected(self, texts: Sequence[str], rules: Rules) -> Inspection:
        inspection = await self._redactor.inspect(_body([self._plain(text) for text in texts]), rules.obligations)
        refuse_blocked(inspection.judged)
        return inspection

    async def _placed(self, inspection: Inspection, owner: TenantKey) -> list[str]:
        values = [(entity, value) for value, entity in inspection.to_place.items()]
        placed = await self._vault.place(_drawer(owner), values, _nothing_typed, LASTING_S)
        pseudonyms = Pseudonyms(PlaceholderMint.holding(placed.literals, placed.keys, placed.highest))
        return await self._redacted(inspection, owner.tenant, pseudonyms)

    async def _kept(self, inspection: Inspection, own: Obligations, owner: TenantKey) -> Sequence[frozenset[bytes]]:
        """By text, the tags of values that are kept, and of all others: a second look, since what is kept must hide nothing in
        the first. There are none where policy keeps none.
        """
        if not keeps_any(own.request):
            return [frozenset()] * len(inspection.body["messages"])
        return _mentions(await self._redactor.inspect(inspection.body, _seeking_all(own)), owner)

    def _released(self, tenant: str, tags: Collection[bytes]) -> None:
        with self._database.writing() as connection:
            release(connection, tenant, tags, datetime.now(UTC))

    async def _redacted(self, inspection: Inspection, tenant: str, pseudonyms: Pseudonyms) -> list[str]:
        redaction = await self._redactor.redact(inspection, tenant=tenant, scoped=pseudonyms)
        return [message["content"] for message in redaction.body["messages"]]

    def _known(self, owner: TenantKey, inspection: Inspection) -> Pseudonyms:
        """New values get numbers that nobody has, here and nowhere else."""
        drawer = _drawer(owner)
        tags = {value: tag_of(owner, drawer, value) for value in inspection.to_place}
        with self._database.reading() as connection:
            found = look_up(connection, drawer, list(tags.values()))
        keys = {value: found.entries[tag][0].placeholder for value, tag in tags.items() if tag in found.entries}
        return Pseudonyms(PlaceholderMint.holding(frozenset(), keys, found.highest))

    def _plain(self, text: str) -> str:
        """With every lookalike of a placeholder broken, in a way that shows nowhere."""
        kept, end = [], 0
        for found in self._lookalikes.finditer(text):
            name = found.start("loose") if found["loose"] else found.start("exact")
            kept += [text[end : name + 1], _JOINER]
            end = name + 1
        plain = "".join([*kept, text[end:]])
        return SPELLED.sub(lambda found: f"<{_JOINER}{found[0][1:]}", plain)  # of any type: policy may know it tomorrow


def portions(texts: Sequence[str]) -> Iterator[list[str]]:
    """Texts in a row that are looked through together; a longer one alone."""
    portion: list[str] = []
    size = 0
    for text in texts:
        if portion and size + len(text) > _PORTION:
            yield portion
            portion, size = [], 0
        portion.append(text)
        size += len(text)
    if portion:
        yield portion


def _body(texts: Sequence[str]) -> dict[str, list[dict[str, str]]]:
    return {"messages": [{"role": "user", "content": text} for text in texts]}


def _around_bytes(own: Obligations) -> Obligations:
    """For texts that are only looked through, and go nowhere."""
    return replace(own, uninspected=frozenset(ContentKind))


def _drawer(owner: TenantKey) -> Drawer:
    """That of the vault's scope `tenant` (gateway.vault.desk)."""
    return drawer_of(owner, "tenant")


def _seeking_all(own: Obligations) -> Obligations:
    by_entity = {entity: _sought(operator) for entity, operator in own.request.by_entity.items()}
    return replace(own, request=EntityRules(_sought(own.request.default), by_entity))


def _sought(operator: OperatorKind) -> OperatorKind:
    return OperatorKind.PLACEHOLDER if operator is OperatorKind.KEEP else operator


def _mentions(inspection: Inspection, owner: TenantKey) -> list[frozenset[bytes]]:
    """By text."""
    tags: list[set[bytes]] = [set() for _ in inspection.body["messages"]]
    for passage, judged in zip(inspection.passages, inspection.judged, strict=True):
        at = inspection.slots[passage.slot].path[1]
        if isinstance(at, int):
            tags[at].update(owner.tag(passage.text[one.finding.start : one.finding.end]) for one in judged)
    return list(map(frozenset, tags))


def _nothing_typed(_: object) -> frozenset[tuple[str, int]]:
    return frozenset()
