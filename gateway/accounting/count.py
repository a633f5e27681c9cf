"""Counts the tokens of one exchange, beside the event loop where it takes long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from gateway.accounting.asked import Asked
from gateway.accounting.heard import Heard
from gateway.accounting.tokenizers import Counter, Tokenizers

_AT_ONCE = 4_000
"""Characters that take less time, about a millisecond, than handing them to a thread and back is worth."""

TokenizerOf = Callable[[str], Path | None]
"""The tokenizer's file that policy names for a deployment, by its id."""


class TokenCount:
    """Tokens in and out, by the tokenizer of the deployment that answered."""

    def __init__(self, tokenizer_of: TokenizerOf, tokenizers: Tokenizers | None = None) -> None:
        self._tokenizer_of = tokenizer_of
        self._tokenizers = tokenizers or Tokenizers()

    async def of(self, deployment: str | None, asked: Asked, heard: Heard) -> tuple[int, int] | None:
        """None where policy names no tokenizer, or it cannot be used."""
        path = None if deployment is None else self._tokenizer_of(deployment)
        if path is None:
            return None
        counter = self._tokenizers.known(path)
        if counter is not None and asked.length + heard.length <= _AT_ONCE:
            return _counted(counter, asked, heard)
        return await asyncio.to_thread(self._in_thread, path, asked, heard)

    async def each(self, deployment: str | None, texts: Sequence[str]) -> list[int] | None:
        """Tokens of each text, by the tokenizer of a deployment; None where policy names none, or it cannot be used."""
        path = None if deployment is None else self._tokenizer_of(deployment)
        counter = None if path is None else await asyncio.to_thread(self._tokenizers.of, path)
        return None if counter is None else [counter.count([text]) for text in texts]

    def _in_thread(self, path: Path, asked: Asked, heard: Heard) -> tuple[int, int] | None:
        counter = self._tokenizers.of(path)
        return None if counter is None else _counted(counter, asked, heard)


def _counted(counter: Counter, asked: Asked, heard: Heard) -> tuple[int, int]:
    return counter.count(asked.texts) + asked.overhead, heard.scaled(counter.count(heard.texts))
