"""What a level says of placeholders: how long, and where, one stands for the same value."""

from __future__ import annotations

from pydantic import Field

from gateway.obligations import PseudonymScope
from gateway.policy.language.part import Part
from gateway.policy.language.words import Duration


class Pseudonyms(Part):
    """Where a value keeps its placeholder."""

    scope: PseudonymScope | None = Field(
        default=None,
        description="Where a value keeps its placeholder: request, conversation, principal or tenant. Default: as further out; "
        "request, for which nothing is stored.",
    )
    ttl: Duration | None = Field(
        default=None, description="How long after its last use, such as 12h or 30d; the shortest holds. Default: 30d."
    )
