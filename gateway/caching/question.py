"""When two requests are the same question, so that one answer serves both. Pure.

What a backend answers depends on nothing but the body that it is sent, and on which backend it is. So everything in the body
counts, fields that we do not know among them, in the form in which it is sent: also the order of keys inside a tool's schema is
part of a prompt. What is left out is written here, field by field:

- `stream` and `stream_options` say how an answer is sent. They count by what they come to: a stream is kept as a stream.
- `user`, `safety_identifier`, `metadata`, `prompt_cache_key` and `prompt_cache_retention` label a request for whoever runs the
  backend, and no model sees them. An answer that repeats one of them all the same is not kept (see `admission`). In
  `responses` they count, because the answer's object repeats the whole request; and so do more than a few of them, because each
  would have to be looked for in all that is said.
- `store: false` is what a question that may be cached says anyway.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import orjson

from gateway.exchange import Exchange
from gateway.obligations import CacheMode
from gateway.protocol.wire import JsonObject, Surface

_HOW_IT_IS_SENT = frozenset({"stream", "stream_options"})
_LABELS = frozenset({"user", "safety_identifier", "metadata", "prompt_cache_key", "prompt_cache_retention"})
_MOST_LABELS = 64
"""Texts in labels. OpenAI's API takes 16 pairs in `metadata`, and so at most 36."""
_FORM = 1
"""Of the canonical form and of what is kept under it; a version that reads them otherwise asks anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, of whom, and who may share the answer. `principal` is None where everybody in the tenant may."""

    tenant: str
    principal: str | None
    policy_version: str
    model: str
    surface: Surface
    deployments: Sequence[str]
    streaming: bool
    body: JsonObject = field(repr=False)

    @property
    def labels(self) -> frozenset[str]:
        """The texts that do not count in this question, where nothing that counts holds them."""
        uncounted = self._uncounted
        ignored = [value for name, value in self.body.items() if name in uncounted - _HOW_IT_IS_SENT]
        if not ignored:
            return frozenset()
        counted = self.canonical().decode()
        return frozenset(text for value in ignored for text in texts(value) if _written(text) not in counted)

    def canonical(self) -> bytes:
        """Equal for equal questions only. Raises TypeError for what is no JSON."""
        who = [self.tenant, self.principal, self.policy_version]
        where = [self.model, self.surface.value, list(self.deployments)]
        how = [self.streaming, self.body.get("stream_options") if self.streaming else None]
        uncounted = self._uncounted
        what = {name: self.body[name] for name in sorted(self.body) if name not in uncounted}
        return orjson.dumps([_FORM, who, where, how, what])

    def key(self, secret: bytes) -> bytes:
        """32 bytes: HMAC-SHA256 (RFC 2104) of the canonical form, so that nobody without the secret can try out questions."""
        return hmac.digest(secret, self.canonical(), "sha256")

    def company(self, secret: bytes) -> bytes:
        """Who may have this answer while it is still on its way, when nobody knows yet whether it will repeat a label: whoever
        asks the same under the same labels.
        """
        ignored = {name: self.body[name] for name in sorted(self._uncounted & _LABELS) if name in self.body}
        return hmac.digest(secret, orjson.dumps([self.key(secret).hex(), ignored]), "sha256")

    @property
    def _uncounted(self) -> frozenset[str]:
        if self.surface is Surface.RESPONSES:
            return _HOW_IT_IS_SENT
        few = _HOW_IT_IS_SENT | {"store"}
        return few if _has_many_labels(self.body) else few | _LABELS


def question_of(exchange: Exchange) -> Question:
    """Raises LookupError where a stage ran out of order."""
    principal, decision, redacted = exchange.principal, exchange.decision, exchange.redacted
    if principal is None or decision is None or redacted is None or exchange.model is None:
        raise LookupError("cache runs after redact")
    obligations = exchange.obligations
    return Question(
        tenant=principal.tenant,
        principal=None if obligations.cache is CacheMode.TENANT else principal.id,
        policy_version=decision.policy_version,
        model=exchange.model,
        surface=exchange.surface,
        deployments=[place.id for place in obligations.deployments],
        streaming=exchange.stream,
        body=redacted,
    )


def texts(node: Any) -> Iterator[str]:
    """Every text in a JSON value: keys, strings, and numbers as they are written."""
    match node:
        case str():
            yield node
        case dict():
            yield from node
            for value in node.values():
                yield from texts(value)
        case list():
            for value in node:
                yield from texts(value)
        case bool() | None:
            pass
        case _:
            yield str(node)


def _has_many_labels(body: JsonObject) -> bool:
    labels = (text for name in _LABELS & body.keys() for text in texts(body[name]))
    return any(True for _ in islice(labels, _MOST_LABELS, None))


def _written(text: str) -> str:
    return orjson.dumps(text).decode()[1:-1]
