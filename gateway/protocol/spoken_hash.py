"""A keyed hash over what is said, turn by turn, that is the same however a text is cut and its white space is written."""

from __future__ import annotations

import hmac
from typing import Any

_MOST = 4_000
"""Characters of a text that count: enough to tell chats apart, and a bound on the work for a long one."""
_READ = 4 * _MOST
"""Characters of a whole text that are looked at for them."""
_HANDFUL = 256
"""Characters that may wait to be hashed."""

END_OF_TURN, _END_OF_TEXT = "\x1f", "\x1e"
"""White space to Python (`str.isspace`), so that no normalised text holds them."""


class SpokenHash:
    """Turns one after the other, and then one answer, in pieces. Holds a handful of text at most."""

    def __init__(self, key: bytes, *names: str) -> None:
        self._hash = hmac.new(key, digestmod="sha256")
        self._room = _MOST
        self._gap = False
        self._pieces: list[str] = []
        self._waiting = 0
        self._update(*names)
        self.calls: dict[int, tuple[str, str]] = {}

    def turn(self, role: str, text: str) -> None:
        self._update(role, " ".join(text[:_READ].split())[:_MOST])

    def answer(self, text: str) -> None:
        """A piece of the answer. Streams come in small ones: a handful of them is hashed at once."""
        if self._room:
            self._pieces.append(text)
            self._waiting += len(text)
            if self._waiting >= _HANDFUL:
                self._hash_pieces()

    def _hash_pieces(self) -> None:
        """Words are joined by single spaces, across pieces as well."""
        text = "".join(self._pieces)
        self._pieces, self._waiting = [], 0
        words = " ".join(text.split())
        begun = self._room < _MOST
        gap = begun and (self._gap or text[:1].isspace())
        piece = f"{' ' if gap else ''}{words}"[: self._room] if words else ""
        self._gap = text[-1:].isspace() if words else self._gap or bool(text)
        self._room -= len(piece)
        self._hash.update(_bytes(piece))

    def call(self, index: int, call_id: Any, name: Any) -> None:
        """A call of a tool that the answer makes; streams may repeat what they said of it."""
        known = self.calls.get(index, ("", ""))
        self.calls[index] = (_told(call_id) or known[0], _told(name) or known[1])

    @property
    def has_answer(self) -> bool:
        return bool(self.calls) or self._room < _MOST or any(piece.strip() for piece in self._pieces)

    def ended(self) -> hmac.HMAC:
        """The hash, when the answer has ended."""
        self._hash_pieces()
        self._update("", *(word for index in sorted(self.calls) for word in self.calls[index]))
        return self._hash

    def _update(self, *texts: str) -> None:
        self._hash.update(_bytes(_END_OF_TEXT.join(" ".join(text.split()) for text in texts) + END_OF_TURN))


def _told(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
