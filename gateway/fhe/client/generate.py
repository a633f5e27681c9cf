"""Generates an answer: a key for this request alone, the prompt in shared ciphertexts, then token after token."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from gateway.fhe.client.connection import Connection
from gateway.fhe.client.key import Key, Scheme
from gateway.fhe.client.multiply import EncryptedMultiply
from gateway.fhe.client.sampling import Sampler, Taste
from gateway.fhe.client.spoken import Spoken
from gateway.fhe.model.client_part import ClientPart
from gateway.fhe.model.forward import Forward, Memory
from gateway.fhe.model.products import QuantisedProducts
from gateway.fhe.model.tokenizer import WordPieces


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be generated. `most` bounds the tokens of the answer."""

    prompt: tuple[int, ...] = field(repr=False)
    most: int
    taste: Taste = field(default_factory=Taste)
    stops: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Progress:
    """So many tokens of the prompt are read."""

    read: int
    of: int


@dataclass(frozen=True, slots=True)
class Piece:
    """More of the answer; may be empty. `tokens` counts those so far."""

    text: str = field(repr=False)
    tokens: int


@dataclass(frozen=True, slots=True)
class End:
    """`reason` is OpenAI's: `stop`, or `length` where `most` was reached."""

    reason: str
    tokens: int


Step: TypeAlias = Progress | Piece | End


class Generator:
    """One model's client. Holds nothing of any request; may be used by many threads."""

    def __init__(self, part: ClientPart) -> None:
        """Raises UnreadableModel or InsecureParameters."""
        self.part = part
        self.pieces = WordPieces(part.words)
        self._scheme = Scheme(part.blueprint.parameters)

    def steps(self, wish: Wish, connection: Connection) -> Iterator[Step]:
        """Ends with an `End`. Raises UpstreamError; whatever was encrypted is lost with the iterator."""
        part = self.part
        memory = Memory(part.shape, len(wish.prompt) + wish.most)
        multiply = EncryptedMultiply(connection, Key(self._scheme), part.blueprint)
        forward = Forward(part.shape, part.ends, QuantisedProducts(part.shape, part.blueprint.bits, part.scales, multiply))
        share = max(part.blueprint.lanes)
        states = None
        for start in range(0, len(wish.prompt), share):
            states = forward(list(wish.prompt[start : start + share]), memory)
            yield Progress(memory.length, len(wish.prompt))
        if states is None:
            raise ValueError("a prompt has at least one token")
        sampler, spoken = Sampler(wish.taste), Spoken(self.pieces, wish.stops)
        for count in range(1, wish.most + 1):
            token = sampler.next_of(forward.logits(states[-1:])[0])
            if token == self.pieces.end:
                yield from (Piece(spoken.rest(), count), End("stop", count))
                return
            yield Piece(spoken.add(token), count)
            if spoken.stopped:
                yield End("stop", count)
                return
            if count < wish.most:
                states = forward([token], memory)
        yield from (Piece(spoken.rest(), wish.most), End("stop" if spoken.stopped else "length", wish.most))
