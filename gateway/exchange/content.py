"""What may be kept of an exchange's content, before it is sealed. Held in memory only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.obligations import OperatorKind
from gateway.protocol.wire import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A finding where it stands in the redacted request: `pointer` names the text (RFC 6901), `start` and `end` count its code
    points. A dropped value leaves an empty span. With `in_key` the text is the last key of the pointer itself.
    """

    pointer: str
    start: int
    end: int
    entity: str
    operator: OperatorKind
    recognizer: str
    score: float
    in_key: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A passage of a document that an answer was grounded on; `number` is how the answer cites it. Holds no text.

    `flagged` names the kinds of wording in it that read like instructions to a model.
    """

    number: int
    chunk: str | None = None
    document: str | None = None
    collection: str | None = None
    page: int | None = None
    labels: tuple[str, ...] = ()
    score: float | None = None
    flagged: tuple[str, ...] = ()

    @property
    def outline(self) -> Hit:
        """What may stand on the record for good: it leads to no text, and tells no question by how near it was to one."""
        return Hit(number=self.number, collection=self.collection, flagged=self.flagged)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Redacted content, where policy keeps it: the body sent upstream, the text of the reply as the model wrote it, and where
    findings stood.

    `originals` are values by what stands in for them, where policy lets them be kept, sealed, for re-identification by two
    officers. `values` are all values that were found: nothing of them is kept but a keyed tag, by which a subject is found.
    `tags` are such tags of others whom it is about.
    `passages` are those of documents that the answer was grounded on, without their text: they are kept whatever else is,
    and as long. `missing` says in words, and instead of all else, why a part is not there though policy keeps it.
    """

    request: JsonObject | None = field(default=None, repr=False)
    reply: str | None = field(default=None, repr=False)
    marks: tuple[Mark, ...] = field(default=(), repr=False)
    passages: tuple[Hit, ...] = field(default=(), repr=False)
    originals: Mapping[str, str] = field(default_factory=dict, repr=False)
    values: frozenset[str] = field(default=frozenset(), repr=False)
    tags: frozenset[bytes] = frozenset()
    missing: str | None = None
