"""What a provider's protocol has to offer, so that chat completions can be spoken over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from gateway.protocol.wire import JsonObject
from gateway.upstream.base import UpstreamCall


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A request for a chat completion: the messages, and the parameters of OpenAI's that mean something to models."""

    model: str
    messages: Sequence[JsonObject] = field(repr=False)
    parameters: JsonObject = field(repr=False)
    stream: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """What is sent. `path` continues the base URL; the headers hold the key. `notes` are what the answer is read with."""

    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: JsonObject = field(repr=False)
    notes: Mapping[str, Any] = field(default_factory=dict, repr=False)


class Chunks(Protocol):
    """Reads one stream."""

    def feed(self, data: bytes) -> Sequence[Any]:
        """litellm's chunks of what these bytes complete. Raises whatever it likes."""


class Dialect(Protocol):
    """The functions may raise anything: what they are given comes from clients and from backends."""

    @property
    def stream_type(self) -> str:
        """The content type of a stream."""

    def supported(self, model: str) -> frozenset[str]:
        """The parameters that a model takes."""

    def wire(self, wish: Wish, key: str) -> Wire:
        """The request as the provider wants it."""

    def answer(self, wish: Wish, wire: Wire, data: bytes) -> Any:
        """litellm's answer of a whole one."""

    def chunks(self, wish: Wish, wire: Wire, max_line_bytes: int) -> Chunks:
        """Of a stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call, and how it was put."""

    dialect: Dialect
    wish: Wish
    wire: Wire
    call: UpstreamCall
