"""Tokens as text that can be sent on: no half characters, and nothing that may turn out to be a stop word. Pure."""

from __future__ import annotations

from gateway.fhe.model.tokenizer import WordPieces

_HALF = "\ufffd"


class Spoken:
    """The text of one answer as it grows. `stopped` is set when a stop word came."""

    def __init__(self, pieces: WordPieces, stops: tuple[str, ...]) -> None:
        self._pieces = pieces
        self._stops = stops
        self._tokens: list[int] = []
        self._said = 0
        self.stopped = False

    def add(self, token: int) -> str:
        """What can be said now."""
        self._tokens.append(token)
        text = self._pieces.decode(self._tokens).rstrip(_HALF)
        return self._say(text, max((_started(text, stop) for stop in self._stops), default=0))

    def rest(self) -> str:
        """What was held back, when the answer has ended."""
        return self._say(self._pieces.decode(self._tokens), 0)

    def _say(self, text: str, held: int) -> str:
        """All of the text but the last characters that are held back, and at most up to a stop word."""
        ends = [place for stop in self._stops if (place := text.find(stop)) >= 0]
        self.stopped = bool(ends)
        end = min(ends) if ends else len(text) - held
        said, self._said = text[self._said : end], max(self._said, end)
        return said


def _started(text: str, stop: str) -> int:
    """How much of a stop word the text ends with."""
    return next((size for size in range(min(len(stop) - 1, len(text)), 0, -1) if text.endswith(stop[:size])), 0)
