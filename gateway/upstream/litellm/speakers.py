"""Several users in one conversation, for protocols without a place for names: each text begins with its speaker's name. Pure.

A text could name another speaker itself, at the beginning of a line, and a model would take what follows for that one's words.
So names are written only where no text reads as if it did; everything else is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from unicodedata import category, normalize

from gateway.errors import UnsupportedParameter
from gateway.protocol.wire import JsonObject

_NAME = re.compile(r"\w[\w.@-]{0,63}")
_CANNOT = "The provider of this model cannot tell speakers apart: write in the texts who says what."
_NAMELESS = "Where several users speak to this model, each of their messages has a name."
_AMBIGUOUS = "A text begins a line with the name of a speaker: the provider of this model could not tell who says what."


def told_apart(messages: Sequence[Any]) -> list[Any]:
    """The same messages, where at most one user has a name: that tells nothing apart, nor do names of assistants, whose part
    the model takes. Raises UnsupportedParameter, with the place.
    """
    users = {at: one for at, one in enumerate(messages) if isinstance(one, dict) and one.get("role") == "user"}
    names = dict.fromkeys(name for one in users.values() if isinstance(name := one.get("name"), str))
    if len(names) < 2:
        return list(messages)
    _require_plain(users, [*names])
    heading = _heading(names)
    for at, one in users.items():
        if any(heading.match(line) for line in _lines(one.get("content"))):
            raise UnsupportedParameter(_AMBIGUOUS, param=f"messages.{at}.content")
    return [_named(one, follows=at - 1 in users) if at in users else one for at, one in enumerate(messages)]


def _require_plain(users: Mapping[int, JsonObject], names: Sequence[str]) -> None:
    """Names that are read as such, and as different ones."""
    alike = len({_plain(name) for name in names}) < len(names)
    for at, one in users.items():
        name, place = one.get("name"), f"messages.{at}.name"
        if name is None:
            raise UnsupportedParameter(_NAMELESS, param=place)
        if alike or not isinstance(name, str) or not _NAME.fullmatch(name):
            raise UnsupportedParameter(_CANNOT, param=place)
        if not isinstance(one.get("content"), str | list):
            raise UnsupportedParameter(_CANNOT, param=f"messages.{at}.content")


def _heading(names: Mapping[str, None]) -> re.Pattern[str]:
    """A line that begins with a name and a colon, whatever signs stand around it."""
    spellings = "|".join(re.escape(_plain(name)) for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"[\W_]*(?:{spellings})[\W_]*:")


def _lines(content: Any) -> Iterator[str]:
    """As a reader may see them: parts stand one below the other, or run on."""
    parts = [content] if isinstance(content, str) else [part.get("text") for part in content if isinstance(part, dict)]
    texts = [_plain(part) for part in parts if isinstance(part, str)]
    for whole in ("\n".join(texts), "".join(texts)):
        yield from whole.splitlines()


def _plain(text: str) -> str:
    """Without what is not seen: case, width, and signs that have no shape."""
    return "".join(sign for sign in normalize("NFKC", text).casefold() if category(sign) != "Cf")


def _named(message: JsonObject, *, follows: bool) -> JsonObject:
    """`follows`: the message before is a user's too, and providers make one turn of both."""
    begin = "\n\n" if follows else ""
    name, content = f"{begin}{message['name']}:", message["content"]
    said = {key: value for key, value in message.items() if key != "name"}
    if isinstance(content, str):
        return {**said, "content": f"{name} {content}"}
    return {**said, "content": [{"type": "text", "text": name}, *content]}
