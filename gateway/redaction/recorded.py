"""What the record may keep of an exchange's content: the request as it goes out or with less in it, and what the model said."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.exchange.content import Content, Mark
from gateway.obligations import Obligations
from gateway.protocol.opaque import opaque_content, without_opaque
from gateway.protocol.text_slots import read_slots
from gateway.protocol.wire import JsonObject
from gateway.redaction.marks import marks, pointer
from gateway.redaction.redactor import Inspection, Redaction, Redactor, aside
from gateway.redaction.screen import sentence_end

MOST_KEPT = 256 * 1024
"""Characters of a reply that a record may hold."""
Whom = Callable[[Sequence[str]], Awaitable[frozenset[bytes]]]
"""The tags of those whom texts name by placeholders that an exchange did not bring. Raises ProtectionUnavailable."""


async def nobody(_: Sequence[str]) -> frozenset[bytes]:
    """Where placeholders last no longer than an exchange."""
    return frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A request as it was `sent` and as it is recorded: the same, or redacted more strictly. `found` was found in either;
    `originals` are values by what stands in for them, before anything was answered.
    """

    sent: Redaction
    redaction: Redaction
    inspection: Inspection
    obligations: Obligations
    found: frozenset[str] = field(repr=False)
    originals: Mapping[str, str] = field(repr=False)
    whom: Whom = field(default=nobody, repr=False)

    async def request(self) -> Content:
        """The request, where its findings stand, and whom they are about. Raises what `whom` raises."""
        body = without_opaque(self.redaction.body)
        stood = await aside(self.inspection.slots, lambda: marks(self.inspection, self.redaction))
        return Content(
            request=body,
            marks=stood if body is self.redaction.body else _outside_opaque(stood, self.redaction.body),
            values=self.found,
            tags=await self.whom(self.redaction.raws or [slot.raw for slot in read_slots(body)]),
            originals=self.originals if self.obligations.record_originals else {},
        )

    async def reply(self, redactor: Redactor, spoken: Sequence[str], tenant: str) -> Content:
        """What the model said: it may name people of its own accord, and they are treated as in a request.

        Raises what `Redactor.screen` and `whom` raise.
        """
        pseudonyms = self.redaction.pseudonyms
        if self._is_stricter:  # a placeholder that only the reply has is no free name for the record
            pseudonyms = pseudonyms.apart(frozenset(self.sent.pseudonyms.placeholders.minted))
        screened = await redactor.screen(
            spoken,
            self.obligations.record or self.obligations.request,
            pseudonyms,
            tenant=tenant,
            detection=self.obligations.detection,
            taught=self.inspection if self._is_stricter else None,
        )
        placed = {**self.sent.pseudonyms.originals, **pseudonyms.originals}
        new = {stand_in: value for stand_in, value in placed.items() if stand_in not in self.originals}
        return Content(
            # Cut afterwards: half a value is not recognised. Embeddings say nothing.
            reply="\n".join(screened.texts)[:MOST_KEPT] if screened.texts else None,
            values=screened.values | frozenset(new.values()),
            tags=await self.whom(screened.texts),
            originals=new if self.obligations.record_originals else {},
        )

    @property
    def _is_stricter(self) -> bool:
        return self.redaction is not self.sent


def whole_sentences(text: str) -> str:
    """A text that broke off, up to its last whole sentence: half a value is not recognised."""
    return text[: sentence_end(text)].rstrip()


def _outside_opaque(stood: Sequence[Mark], body: JsonObject) -> tuple[Mark, ...]:
    """The marks of texts that are recorded: those of the others would point into what stands there instead."""
    blanked = [pointer(path) for _, path in opaque_content(body)]
    return tuple(
        mark for mark in stood if not any(mark.pointer == place or mark.pointer.startswith(f"{place}/") for place in blanked)
    )
