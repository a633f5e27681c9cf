"""Which conversation a request belongs to, without any state: what the client states, or else what its turns have in common.

All turns of a chat begin with the same messages, up to the first answer. So a keyed hash over these, the principal and the
model is the same for each of them; of a first turn it is known when its answer has ended. White space is normalised, since
clients trim answers before they send them back. System messages are left out: applications write the time or retrieved passages
there, anew for each turn. Two chats with one beginning, the first answer included, are one; a client that states an id is not
guessed about.

Nothing is kept but a hash in progress: no stream is held back or copied. Nothing here raises on what a client or backend wrote.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from gateway.protocol.facts import SPOKEN_IN
from gateway.protocol.spoken_hash import END_OF_TURN, SpokenHash
from gateway.protocol.wire import JsonObject, Surface

_UNSAID = frozenset({"system", "developer"})
_SILENT = frozenset({"reasoning", "item_reference", "file_search_call"})
_CALLS = frozenset({"function_call", "custom_tool_call"})
_WHOLE_RESPONSES = frozenset({"response.completed", "response.incomplete"})
_LONGEST_STATED = 512

_UUID = "[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_ULID = "[0-7][0-9A-HJKMNP-TV-Z]{25}"
_RANDOM = "(?=(?:[A-Za-z]*+[0-9]++[A-Za-z]){3})[0-9A-Za-z]{20,64}"
_KIND = "(?:conv|conversation|chat|chatcmpl|thread|session|sess|dialog|resp|msg|req|run|ctx)[_-]"
_MADE_BY_MACHINES = re.compile(f"(?:{_KIND})?(?:{_UUID}|{_ULID})|{_KIND}{_RANDOM}")
"""An id that says nothing of anybody; `13812345678` and `zhangwei1990` have the shape of an identifier as well, and what stands
before a random word may be a name."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Whose conversation it is. `key` is the tenant's own: equal chats of two tenants have different ids."""

    key: bytes = field(repr=False)
    principal: str
    model: str


def stated_conversation(request: JsonObject, header: str | None, asker: Asker) -> str | None:
    """The id that the client states: in the header, as `metadata.conversation_id` or as `conversation`.

    As it is where machines make such ids; else a keyed hash of it, since it may name somebody.
    """
    stated = next(filter(None, map(_word, (header, *_in_body(request)))), None)
    if stated is None or _MADE_BY_MACHINES.fullmatch(stated):
        return stated
    return _named(hmac.new(asker.key, f"stated{END_OF_TURN}{stated}".encode("utf-8", "surrogatepass"), "sha256"))


def states_conversation(request: JsonObject, header: str | None) -> bool:
    """Whether the client states an id: then all turns have it, the first one too."""
    return any(map(_word, (header, *_in_body(request))))


class Beginning:
    """The beginning of a chat: the request's messages, then the events of its answer as the client gets them, up to where it
    is known. What is said on other surfaces is no chat, and has no id.
    """

    def __init__(self, request: JsonObject, surface: Surface, asker: Asker) -> None:
        self._spoken = SpokenHash(asker.key, asker.principal, asker.model)
        self._is_chat = surface in (Surface.CHAT, Surface.RESPONSES)
        self._see = _see_choice if surface is Surface.CHAT else _see_response
        self._id: str | None = None
        if self._is_chat:
            self._read([item for item in _items(request.get(SPOKEN_IN[surface])) if not _is_aside(item)])

    @property
    def id(self) -> str | None:
        """None until the first answer is known."""
        return self._id

    @property
    def waits_for_answer(self) -> bool:
        return self._is_chat and self._id is None

    def see(self, event: JsonObject) -> None:
        """An event of the answer, or a plain answer."""
        if self.waits_for_answer:
            self._see(self._spoken, event)

    def end(self) -> None:
        """The answer came to its end."""
        if self.waits_for_answer and self._spoken.has_answer:
            self._id = _named(self._spoken.ended())

    def _read(self, said: Sequence[JsonObject]) -> None:
        before = list(takewhile(lambda item: not _is_answer(item), said))
        for item in before:
            self._spoken.turn(_word(item.get("role")) or "", _text(item.get("content", item.get("output"))))
        for item in takewhile(_is_answer, said[len(before) :]):
            _take(self._spoken, item)
        self.end()


def _in_body(request: JsonObject) -> Iterator[Any]:
    metadata, conversation = request.get("metadata"), request.get("conversation")
    yield metadata.get("conversation_id") if isinstance(metadata, dict) else None
    yield conversation.get("id") if isinstance(conversation, dict) else conversation


def _word(value: Any) -> str | None:
    return value.strip()[:_LONGEST_STATED] or None if isinstance(value, str) else None


def _named(hashed: hmac.HMAC) -> str:
    return f"conv_{hashed.hexdigest()[:32]}"


def _items(said: Any) -> list[JsonObject]:
    if isinstance(said, str):
        return [{"role": "user", "content": said}]
    return [item for item in said if isinstance(item, dict)] if isinstance(said, list) else []


def _is_aside(item: JsonObject) -> bool:
    return _word(item.get("role")) in _UNSAID or _word(item.get("type")) in _SILENT


def _is_answer(item: JsonObject) -> bool:
    return item.get("role") == "assistant" or _word(item.get("type")) in _CALLS


def _text(content: Any) -> str:
    """The text of a message; of a part that is none, its kind."""
    if isinstance(content, str):
        return content
    parts = [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []
    return " ".join(text if isinstance(text := part.get("text"), str) else f"[{part.get('type')}]" for part in parts)


def _take(spoken: SpokenHash, item: JsonObject) -> None:
    """A finished message of an answer, or a call. Arguments do not count: clients write them anew, and a call has an id."""
    if _word(item.get("type")) in _CALLS:
        spoken.call(len(spoken.calls), item.get("call_id"), item.get("name"))
    _take_message(spoken, item)


def _take_message(spoken: SpokenHash, message: JsonObject) -> None:
    """A message of a chat, or a delta of one."""
    content, calls = message.get("content"), message.get("tool_calls")
    if content:
        spoken.answer(_text(content))
    for at, call in enumerate(calls if isinstance(calls, list) else ()):
        if isinstance(call, dict):
            function, index = call.get("function"), call.get("index")
            name = function.get("name") if isinstance(function, dict) else None
            spoken.call(index if isinstance(index, int) else at, call.get("id"), name)


def _see_choice(spoken: SpokenHash, event: JsonObject) -> None:
    """Of several choices the first: it is the one that clients go on with."""
    choices = event.get("choices")
    for at, choice in enumerate(choices if isinstance(choices, list) else ()):
        if isinstance(choice, dict) and choice.get("index", at) == 0:
            said = choice.get("delta") or choice.get("message")
            if isinstance(said, dict):
                _take_message(spoken, said)


def _see_response(spoken: SpokenHash, event: JsonObject) -> None:
    """A stream's last event has the whole answer in it."""
    whole = event if event.get("object") == "response" else None
    response = event.get("response") if _word(event.get("type")) in _WHOLE_RESPONSES else whole
    output = response.get("output") if isinstance(response, dict) else None
    for item in _items(output if isinstance(output, list) else None):
        if not _is_aside(item):
            _take(spoken, item)
