"""The same question in other words: everything but the last text of the user is equal, and that text passes the gates."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field, replace

from gateway.caching.answers import Slot, TenantKeys
from gateway.caching.question import Question
from gateway.caching.semantic.embedder import Embedder, Vector
from gateway.caching.semantic.neighbours import Neighbours, nearest
from gateway.caching.semantic.signature import signature_of
from gateway.errors import ProtectionUnavailable
from gateway.protocol.wire import JsonObject, Surface

NEAR = 0.90
"""The least cosine, a second lock behind the gates. Of multilingual-e5-small, whose texts are all within about 0.7 and 1."""


@dataclass(slots=True)
class Wording:
    """How one question is put. `bucket` is a keyed hash of all that must be equal in another."""

    slot: Slot
    bucket: bytes
    text: str = field(repr=False)
    vector: Vector | None = field(default=None, repr=False)


class Rewordings:
    def __init__(self, keys: TenantKeys, embedder: Embedder, neighbours: Neighbours, *, near: float = NEAR) -> None:
        self._keys = keys
        self._embedder = embedder
        self._neighbours = neighbours
        self._near = near

    @property
    def elsewhere(self) -> bool:
        """Whether questions are sent to a backend that no route of policy was asked about."""
        return self._embedder.elsewhere

    async def wording(self, question: Question, slot: Slot) -> Wording | None:
        """None for what cannot be put in other words: long texts, other languages, questions without a text at their end."""
        text, rest = _parted(question)
        signature = signature_of(text) if text else None
        if signature is None:
            return None
        try:
            key = (await self._keys.of(question.tenant)).sub_key("cache/wording")
        except ProtectionUnavailable:
            return None
        bucket = hmac.digest(key, signature.canonical() + b"\n" + rest.canonical(), "sha256")
        return Wording(slot, bucket, text)

    async def same(self, wording: Wording) -> Slot | None:
        """The place of an answer to the same question in other words. Nothing is embedded where nothing passes the gates."""
        near = await self._neighbours.near(wording.slot.name, wording.bucket)
        vector = await self._vector(wording) if near else None
        found = None if vector is None else nearest(near, vector)
        return replace(wording.slot, name=found[0]) if found and found[1] >= self._near else None

    async def remember(self, wording: Wording, *, ttl_s: float, fence: bytes) -> None:
        """To be called when the answer is kept, with what it was kept with."""
        vector = await self._vector(wording)
        if vector is not None:
            await self._neighbours.add(wording.bucket, wording.slot.name, vector, ttl_s=ttl_s, fence=fence)

    async def drop(self, wording: Wording, slot: Slot) -> None:
        """An answer that is no longer kept."""
        await self._neighbours.drop(wording.bucket, slot.name)

    def forget(self, tenant: str, model: str | None = None, policy: str | None = None) -> None:
        """Vectors go when their answers go."""
        self._neighbours.forget(tenant, model, policy)

    async def close(self) -> None:
        await self._embedder.close()

    async def _vector(self, wording: Wording) -> Vector | None:
        if wording.vector is None:
            wording.vector = await self._embedder.embed(wording.text)
        return wording.vector


def _parted(question: Question) -> tuple[str, Question]:
    """The user's last text, and the question without it."""
    match question.surface, question.body:
        case Surface.CHAT, {"messages": [*before, {"role": "user", "content": str() as text} as last]}:
            rest: JsonObject = {**question.body, "messages": [*before, {**last, "content": None}]}
        case Surface.RESPONSES, {"input": str() as text}:
            rest = {**question.body, "input": None}
        case _:
            return "", question
    return text, replace(question, body=rest)
