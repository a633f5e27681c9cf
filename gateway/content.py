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
class Content:
    """Redacted content, where policy keeps it: the body sent upstream, the text of the reply as the model wrote it, and where
    findings stood.

    `originals` are values by what stands in for them, where policy lets them be kept, sealed, for re-identification by two
    officers. `values` are all values that were found: nothing of them is kept but a keyed tag, by which a subject is found.
    `missing` says in words, and instead of all else, why a part is not there though policy keeps it.
    """

    request: JsonObject | None = field(default=None, repr=False)
    reply: str | None = field(default=None, repr=False)
    marks: tuple[Mark, ...] = field(default=(), repr=False)
    originals: Mapping[str, str] = field(default_factory=dict, repr=False)
    values: frozenset[str] = field(default=frozenset(), repr=False)
    missing: str | None = None
