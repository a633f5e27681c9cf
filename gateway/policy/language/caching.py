"""What a level says of cached answers: `cache: tenant`, or the same at length."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticKnownError

from gateway.obligations import CacheMode
from gateway.policy.language.part import Part
from gateway.policy.language.words import CachedBytes, Duration


class Caching(Part):
    """Who may be given a cached answer, which, and for how long."""

    share: CacheMode | None = Field(
        default=None, description="Who may be given it: none, principal or tenant. Default: as further out, or none."
    )
    ttl: Duration | None = Field(
        default=None, description="How old it may be, such as 90s, 10m, 1h or 7d; the shortest holds. Default: 10m."
    )
    when: Literal["deterministic", "always"] | None = Field(
        default=None,
        description="deterministic: only where the same request has the same answer (temperature 0, a seed, "
        "embeddings, moderations). Default: as further out, or deterministic.",
    )
    max_bytes: CachedBytes | None = Field(
        default=None, description="Larger answers are not kept; the smallest holds. Default: 1048576."
    )
    semantic: bool | None = Field(
        default=None,
        description="Whether an answer also serves the same question in other words. Default: as further out, or false.",
    )


def _written_out(value: object) -> object:
    """The short form is the long one with nothing but `share`."""
    if not isinstance(value, str):
        return value
    if value not in set(CacheMode):
        raise PydanticKnownError("enum", {"expected": ", ".join(CacheMode)})
    return {"share": value}


Cache: TypeAlias = Annotated[Caching, BeforeValidator(_written_out, json_schema_input_type=CacheMode | Caching)]
