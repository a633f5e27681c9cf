"""How originals are written where they belong."""

from __future__ import annotations

from typing import Protocol

from gateway.protocol.json_depth import JsonDepth
from gateway.protocol.segments import integer_of, json_escaped

_STAND_IN = "x"
_STAND_IN_NUMBER = "0"


class Written(Protocol):
    """Writes the originals of one text, from left to right."""

    def passed(self, text: str) -> None:
        """What stands before the next original, as the model wrote it."""

    def original(self, value: str, instead_of: str) -> str:
        """This original, as it is to stand here instead of what the model wrote."""


class AsText:
    """As it is."""

    def passed(self, text: str) -> None:
        """It does not matter."""

    def original(self, value: str, instead_of: str) -> str:  # noqa: ARG002 - it does not matter either
        return value


class InJson:
    """Inside a JSON string, and inside documents in such strings. A number becomes a number, or a string where JSON has none
    that is written like the value (`0301234567`). What stands around is looked at only where it matters: most values look the
    same however often they are escaped.
    """

    def __init__(self) -> None:
        self._around = JsonDepth()
        self._unread: list[str] = []

    def passed(self, text: str) -> None:
        self._unread.append(text)

    def original(self, value: str, instead_of: str) -> str:
        is_number = instead_of.isdecimal()
        written, strings = json_escaped(value), 1
        if is_number and integer_of(value) is None and self._read().at_value:
            written, strings = f'"{written}"', 0
        if written != value:
            for _ in range(self._read().depth - strings):
                written = json_escaped(written)
        self._unread.append(_STAND_IN_NUMBER if is_number else _STAND_IN)
        return written

    def _read(self) -> JsonDepth:
        self._around.feed("".join(self._unread))
        self._unread.clear()
        return self._around
