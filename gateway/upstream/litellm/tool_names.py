"""Names of tools as Bedrock takes them, for one call. Pure.

litellm would change names by itself and remember for the whole process what it changed: another caller's tool of such a name
would come back under the first one's, and of many names the oldest are forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, count
from typing import Any

from gateway.protocol.wire import JsonObject
from gateway.upstream.litellm.dialect import Wish
from gateway.upstream.litellm.messages import calls_of

_VALID = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_LITELLMS_OWN = "json_tool_call"
"""What it calls the tool by which it asks for an answer in JSON."""


@dataclass(frozen=True, slots=True)
class ToolNames:
    """`sent` are the names that have to change, each with the one that is sent for it: another one for each."""

    sent: Mapping[str, str]

    def outward(self, wish: Wish) -> Wish:
        """The request under the names that are sent."""
        if not self.sent:
            return wish
        said = dict(wish.parameters)
        if isinstance(said.get("tools"), list):
            said["tools"] = [self._renamed(tool) for tool in said["tools"]]
        if "tool_choice" in said:
            said["tool_choice"] = self._renamed(said["tool_choice"])
        return replace(wish, parameters=said, messages=[self._message(message) for message in wish.messages])

    def inward(self, part: Any) -> Any:
        """A part of an answer, or what begins one, under the client's names."""
        use = part.get("toolUse") if isinstance(part, dict) else None
        if not isinstance(use, dict):
            return part
        given = next((name for name, sent in self.sent.items() if sent == use.get("name")), use.get("name"))
        return {**part, "toolUse": {**use, "name": given}}

    def _message(self, message: JsonObject) -> JsonObject:
        if not isinstance(message.get("tool_calls"), list):
            return message
        return {**message, "tool_calls": [self._renamed(call) for call in message["tool_calls"]]}

    def _renamed(self, tool: Any) -> Any:
        name = _name(tool)
        return {**tool, "function": {**tool["function"], "name": self.sent[name]}} if name in self.sent else tool


def tool_names(wish: Wish) -> ToolNames:
    """The names of a request: of its tools, of the one that must be called, and of earlier calls."""
    named = list(dict.fromkeys(_named(wish)))
    taken = {name for name in named if _VALID.fullmatch(name)} | {_LITELLMS_OWN}
    sent: dict[str, str] = {}
    for name in named:
        if not _VALID.fullmatch(name):
            sent[name] = next(one for one in _spellings(name) if one not in taken)
            taken.add(sent[name])
    return ToolNames(sent)


def _named(wish: Wish) -> Iterator[str]:
    tools = wish.parameters.get("tools")
    calls = (call for message in wish.messages for call in calls_of(message))
    for tool in chain(tools if isinstance(tools, list) else (), [wish.parameters.get("tool_choice")], calls):
        if name := _name(tool):
            yield name


def _name(tool: Any) -> str:
    function = tool.get("function") if isinstance(tool, dict) else None
    name = function.get("name") if isinstance(function, dict) else None
    return name if isinstance(name, str) else ""


def _spellings(name: str) -> Iterator[str]:
    plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
    plain = plain if _VALID.fullmatch(plain) else f"a{plain}"
    yield plain
    yield from (f"{plain}_{nth}" for nth in count(2))
