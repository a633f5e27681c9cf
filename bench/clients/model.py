"""What the scripted model says: pure, and as obliging as a good model.

It calls the first tool once, fills in what a schema asks for, and else repeats the question. It knows people by placeholders
alone, so whatever else a client reads is the gateway's doing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
_PLACEHOLDER = re.compile(r"<[A-Z_]+_[0-9]+>")
_FIELD = re.compile(r"`\[\[ ## (\w+) ## \]\]`")
_BY_NAME = (("mail", "EMAIL"), ("phone", "PHONE"), ("name", "PERSON"), ("to", "PERSON"))
_PLAIN: Mapping[str, Any] = {"integer": 1, "number": 1, "boolean": True, "null": None}
_CODE_AGENT = "final_answer("
"""smolagents asks for a program."""


@dataclass(frozen=True)
class Said:
    """An answer: text, or one call of a tool."""

    text: str = ""
    tool: str = ""
    arguments: str = ""


def answer(body: Json) -> Said:
    """To the body of a chat or of a response."""
    turns = _turns(body)
    asked = text_of(next((turn["content"] for turn in reversed(turns) if turn.get("role") == "user"), ""))
    told = _result(turns[-1]) if turns else None
    tool = _tool(body, told)
    if tool is not None:
        source = told if told and _PLACEHOLDER.search(told) else asked
        return Said(tool=tool["name"], arguments=json.dumps(filled(tool.get("parameters") or {}, source), ensure_ascii=False))
    wanted = _schema(body)
    if wanted is not None:
        return Said(json.dumps(filled(wanted, asked), ensure_ascii=False))
    return Said(_in_the_form_of(text_of([part for turn in turns for part in _parts(turn)]), asked, told))


def text_of(content: Any) -> str:
    """A string, or parts whose texts are joined."""
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content or () if isinstance(part, dict) and isinstance(part.get("text"), str))


def filled(schema: Json, source: str, name: str = "", defined: Json | None = None) -> Any:
    """A value that this JSON Schema allows, with the placeholders of the source where a field's name asks for them. An object
    has the fields that are required, or else all."""
    defined = defined or schema.get("$defs") or {}
    if "$ref" in schema:
        return filled(defined[schema["$ref"].rsplit("/", 1)[-1]], source, name, defined)
    for choice in (schema.get("anyOf"), schema.get("oneOf"), schema.get("allOf")):
        if choice:
            return filled(choice[0], source, name, defined)
    if "const" in schema or "enum" in schema:
        return schema.get("const", (schema.get("enum") or [None])[0])
    kind = schema.get("type")
    if "properties" in schema or kind == "object":
        fields = schema.get("properties") or {}
        return {key: filled(fields[key], source, key, defined) for key in schema.get("required") or fields}
    if kind == "array":
        return [filled(schema.get("items") or {}, source, name, defined)]
    return _PLAIN[str(kind)] if str(kind) in _PLAIN else _word(source, name)


def _word(source: str, name: str) -> str:
    found: list[str] = _PLACEHOLDER.findall(source)
    kind = next((kind for part, kind in _BY_NAME if part in name.lower()), None)
    if kind is None or not found:
        return source
    return next((each for each in found if kind in each), found[0])


def _turns(body: Json) -> list[Json]:
    said = body.get("messages") or body.get("input") or []
    return [{"role": "user", "content": said}] if isinstance(said, str) else [turn for turn in said if isinstance(turn, dict)]


def _parts(turn: Json) -> list[Json]:
    content = turn.get("content")
    return [{"text": content}] if isinstance(content, str) else [part for part in content or () if isinstance(part, dict)]


def _result(turn: Json) -> str | None:
    """What a tool answered, where that is the last thing that was said; smolagents says it as the user."""
    if turn.get("role") == "tool":
        return text_of(turn.get("content"))
    if turn.get("type") == "function_call_output":
        return text_of(turn.get("output"))
    said = text_of(turn.get("content"))
    return said if said.startswith("Observation:") else None


def _tool(body: Json, told: str | None) -> Json | None:
    of_the_client = (tool for tool in body.get("tools") or () if tool.get("type", "function") == "function")
    tools: list[Json] = [tool.get("function") or tool for tool in of_the_client]
    choice = body.get("tool_choice")
    if not tools or choice == "none":
        return None
    if isinstance(choice, dict):
        wanted = (choice.get("function") or choice).get("name")
        return next((tool for tool in tools if tool["name"] == wanted), None)
    last = [tool for tool in tools if tool["name"].startswith("final") or tool["name"].endswith(("_result", "Contact"))]
    if told is not None:
        return last[0] if last else None
    return next((tool for tool in tools if tool not in last), tools[0])


def _schema(body: Json) -> Json | None:
    asked = body.get("response_format") or (body.get("text") or {}).get("format") or {}
    if asked.get("type") != "json_schema":
        return None
    schema: Json = (asked.get("json_schema") or asked)["schema"]
    return schema


def _in_the_form_of(everything: str, asked: str, told: str | None) -> str:
    """Some frameworks ask for a form in words, and read the answer by it."""
    who = " and ".join(dict.fromkeys(_PLACEHOLDER.findall(asked)))
    if fields := _FIELD.findall(asked):  # DSPy
        return "\n\n".join(f"[[ ## {name} ## ]]\n{'' if name == 'completed' else who}" for name in dict.fromkeys(fields))
    if _CODE_AGENT in everything:
        return f"Thought: I answer.\n<code>\nfinal_answer({json.dumps(who)})\n</code>"
    if "SEARCH/REPLACE" in everything:  # aider
        return f"Here is the change.\n\nnotes.txt\n```\n<<<<<<< SEARCH\n=======\n{who}\n>>>>>>> REPLACE\n```\n"
    return f"Done: {told}" if told is not None else asked


def pieces(text: str, size: int = 3) -> Sequence[str]:
    """As a stream says it."""
    return [text[start : start + size] for start in range(0, len(text), size)]
