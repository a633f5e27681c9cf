"""What holds for the replies of one exchange, and what is noted of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.obligations import Obligations
from gateway.protocol.channels import Channel, TextKind
from gateway.protocol.wire import Path, Surface
from gateway.redaction.operators import Pseudonyms

MOST_SPOKEN = 300_000
"""Characters of a reply that are noted for the record, which keeps a little less: a value on its border is still seen whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyRules:
    """How the replies of one exchange are treated.

    `json_content`: the client asked for JSON instead of prose. `keeps_spoken`: what the model says is wanted for the record.
    """

    surface: Surface
    tenant: str
    obligations: Obligations
    pseudonyms: Pseudonyms = field(repr=False)
    json_content: bool = False
    keeps_spoken: bool = False

    @property
    def screens(self) -> bool:
        return not self.obligations.reply.keeps_everything

    def is_json(self, kind: TextKind) -> bool:
        """Whether text of this kind is part of a JSON document."""
        return kind is TextKind.ARGUMENTS or (kind is TextKind.CONTENT and self.json_content)


class Spoken:
    """What the model said, a text for each channel or field, up to MOST_SPOKEN characters in all."""

    def __init__(self) -> None:
        self._pieces: dict[Channel | Path, list[str]] = {}
        self._left = MOST_SPOKEN

    @property
    def texts(self) -> list[str]:
        return ["".join(pieces) for pieces in self._pieces.values()]

    def note(self, where: Channel | Path, text: str) -> None:
        if self._left > 0:
            self._pieces.setdefault(where, []).append(text)
            self._left -= len(text)
