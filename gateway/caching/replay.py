"""A kept answer, given once more: the same words, under an identity of its own. Pure but for the pauses.

An id and a time of its own, because clients tell answers apart by them, and because the id of the first caller's answer is
not this caller's business. Tool calls keep their ids: they mean something within one conversation only.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from contextlib import aclosing
from typing import Any

from gateway.caching.answer import CachedAnswer, read_event
from gateway.exchange import Body
from gateway.protocol.wire import JsonObject

_TIMES = ("created", "created_at", "completed_at")
_KIND = re.compile(r"[A-Za-z]{1,20}[-_]")
_LONGEST_PAUSE_S = 0.05


class Renewal:
    """Gives the events of one answer a new id, and moves their times to `now` (seconds since 1970)."""

    def __init__(self, now: float) -> None:
        self._now = int(now)
        self._ids: dict[str, str] = {}
        self._shift: int | None = None

    def renewed(self, event: JsonObject) -> JsonObject:
        """A copy; what it holds of `event` is not changed."""
        wrapped = event.get("response")
        if isinstance(wrapped, dict):
            event = {**event, "response": self._identified(wrapped)}
        elif "id" in event or "created" in event:
            event = self._identified(event)
        if isinstance(event.get("response_id"), str):
            event = {**event, "response_id": self._new_id(event["response_id"])}
        return event

    def _identified(self, body: JsonObject) -> JsonObject:
        new: JsonObject = {name: self._moved(body[name]) for name in _TIMES if _is_time(body.get(name))}
        if isinstance(body.get("id"), str):
            new["id"] = self._new_id(body["id"])
        return {**body, **new}

    def _new_id(self, old: str) -> str:
        """With the prefix by which clients know what it is of: `chatcmpl-`, `resp_`."""
        if old not in self._ids:
            kind = _KIND.match(old)
            self._ids[old] = (kind.group() if kind else "") + secrets.token_hex(16)
        return self._ids[old]

    def _moved(self, moment: float) -> int:
        if self._shift is None:
            self._shift = self._now - int(moment)
        return int(moment) + self._shift


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


async def renewed(body: Body, now: float) -> Body:
    """The events of an answer, under an identity of its own."""
    renewal = Renewal(now)
    async with aclosing(body) as events:
        async for event in events:
            yield renewal.renewed(event)


async def recorded(answer: CachedAnswer, *, paced: bool = False) -> Body:
    """The answer's events as they were. `paced`: with the pauses in which they came, none longer than 50 ms."""
    for at, (event, gap_ms) in enumerate(zip(answer.events, answer.gaps_ms, strict=True)):
        if paced and at and gap_ms:
            await asyncio.sleep(min(gap_ms / 1_000, _LONGEST_PAUSE_S))
        yield read_event(event)
