"""Feedback as a caller sends it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import orjson

from gateway.errors import InvalidRequest, MalformedBody

MOST_CHARACTERS = 20_000
"""Of a correction."""
_FIELDS = frozenset({"call_id", "response_id", "thumb", "correction"})
_LONGEST_ID = 200


class Thumb(StrEnum):
    """Whether the answer was good."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """About one call, named by our id of it (`x-request-id`) or by the `id` in its answer. `correction` is the answer as it
    should have been, in the caller's words.
    """

    thumb: Thumb
    call_id: str | None = None
    response_id: str | None = None
    correction: str | None = field(default=None, repr=False)


def read_feedback(raw: bytes) -> Feedback:
    """Raises MalformedBody and InvalidRequest."""
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise MalformedBody("The body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise MalformedBody("The body must be a JSON object.")
    if not body.keys() <= _FIELDS:
        raise InvalidRequest(f"Feedback has these fields: {', '.join(sorted(_FIELDS))}.")
    call_id, response_id = _id(body, "call_id"), _id(body, "response_id")
    if (call_id is None) == (response_id is None):
        raise InvalidRequest("Name the call by its call_id or by its response_id.", param="call_id")
    return Feedback(thumb=_thumb(body), call_id=call_id, response_id=response_id, correction=_correction(body))


def _id(body: dict[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not (isinstance(value, str) and 0 < len(value) <= _LONGEST_ID and value.isprintable()):
        raise MalformedBody("An id is a short text.", param=name)
    return value


def _thumb(body: dict[str, Any]) -> Thumb:
    try:
        return Thumb(str(body.get("thumb")))
    except ValueError:
        raise InvalidRequest("thumb is up or down.", param="thumb") from None


def _correction(body: dict[str, Any]) -> str | None:
    value = body.get("correction")
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise MalformedBody("A correction is a text.", param="correction")
    if len(value) > MOST_CHARACTERS:
        raise InvalidRequest(f"A correction has at most {MOST_CHARACTERS:,} characters.", param="correction")
    return value
