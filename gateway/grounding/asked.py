"""How a request asks for documents: by `file_search` in responses, by our own field `knowledge` in chats and completions.
Pure.

What asks is for the gateway; it is taken out of what a backend gets. Errors name fields and quote nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.errors import MalformedBody
from gateway.protocol.facts import SPOKEN_IN
from gateway.protocol.wire import JsonObject, Surface

FIELD = "knowledge"
TOOL = "file_search"
_RESULTS = "file_search_call.results"
CALL_PREFIX = "fs_"
_OUR_ID = re.compile(rf"{CALL_PREFIX}[0-9a-f]{{32}}")
_SAID_IN: Mapping[Surface, str] = {surface: SPOKEN_IN[surface] for surface in (Surface.CHAT, Surface.RESPONSES)}
_MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`collections` are names or ids of vector stores; None asks all that are granted. `least` is a score. `tool`: it was asked
    for as a tool, whose call the answer shows, with `results` where the client wants them.
    """

    collections: tuple[str, ...] | None = None
    passages: int | None = None
    least: float = 0.0
    tool: bool = False
    results: bool = False


def asked_of(request: JsonObject, surface: Surface) -> Asked | None:
    """None where it asks for nothing. Raises MalformedBody."""
    match surface:
        case Surface.CHAT | Surface.COMPLETIONS:
            return _by_field(request.get(FIELD))
        case Surface.RESPONSES:
            return _by_tool(request)
        case _:
            return None


def without_asking(request: JsonObject, surface: Surface) -> JsonObject:
    """The request as a backend is to get it."""
    if surface is not Surface.RESPONSES and FIELD not in request:
        return request
    if surface is not Surface.RESPONSES:
        return {name: value for name, value in request.items() if name != FIELD}
    tools = [tool for tool in request.get("tools") or () if not _is_search(tool)]
    left = {name: value for name, value in request.items() if name not in ("tools", "include", "tool_choice")}
    if tools:
        left["tools"] = tools
    if include := _without_results(request.get("include")):
        left["include"] = include
    choice = _without_search(request.get("tool_choice"))
    if choice is not None and tools:
        left["tool_choice"] = choice
    return left


def without_told(request: JsonObject, surface: Surface, *, granted: bool) -> JsonObject:
    """The request without what earlier answers told of documents, which clients send along: no backend said it, and few know
    what it is. Citations go out of chats, and out of responses searches, whose results are not quoted as passages are: all of
    them where documents are `granted`, and else those alone whose ids are ours.
    """
    name = _SAID_IN.get(surface)
    said = request.get(name) if name is not None else None
    if name is None or not isinstance(said, list):
        return request
    if surface is Surface.CHAT:
        left = [_uncited(item) for item in said]
    else:
        left = [item for item in said if not (_is_call(item) and (granted or _is_our_id(item.get("id"))))]
    return request if left == said else {**request, name: left}


def _uncited(message: Any) -> Any:
    noted = message.get("annotations") if isinstance(message, dict) else None
    if not isinstance(noted, list) or not any(map(_is_citation, noted)):
        return message
    others = [one for one in noted if not _is_citation(one)]
    left = {name: value for name, value in message.items() if name != "annotations"}
    return {**left, "annotations": others} if others else left


def _is_citation(annotation: Any) -> bool:
    """In a form that chats have from us alone (`gateway.grounding.citations`)."""
    return isinstance(annotation, dict) and annotation.get("type") == "file_citation" and "file_citation" in annotation


def _is_call(item: Any) -> bool:
    return isinstance(item, dict) and item.get("type") == "file_search_call"


def _is_our_id(written: Any) -> bool:
    return isinstance(written, str) and _OUR_ID.fullmatch(written) is not None


def _without_results(include: Any) -> Any:
    return [one for one in include if one != _RESULTS] if isinstance(include, list) else include


def _without_search(choice: Any) -> Any:
    """Which tools a model may choose, less ours; None where nothing is left to say."""
    if _is_search(choice):
        return None
    if not isinstance(choice, dict) or not isinstance(choice.get("tools"), list):
        return choice
    allowed = [tool for tool in choice["tools"] if not _is_search(tool)]
    return {**choice, "tools": allowed} if allowed else None


def _by_field(written: Any) -> Asked | None:
    if written is None or written is False:
        return None
    if written is True:
        return Asked()
    if not isinstance(written, dict) or not written.keys() <= {"collections", "passages"}:
        raise MalformedBody("'knowledge' must be true, or an object with 'collections' and 'passages'.", param=FIELD)
    return Asked(
        collections=_names(written.get("collections"), f"{FIELD}.collections"),
        passages=_number(written.get("passages"), f"{FIELD}.passages"),
    )


def _by_tool(request: JsonObject) -> Asked | None:
    tools = request.get("tools")
    searches = [tool for tool in tools if _is_search(tool)] if isinstance(tools, list) else []
    if not searches:
        return None
    if any(tool.get("filters") for tool in searches):  # to pass over them would find more than was asked for
        raise MalformedBody("'filters' of file_search are not supported; leave them out.", param="tools")
    named = [_names(tool.get("vector_store_ids"), "tools.vector_store_ids") for tool in searches]
    stores = [one for names in named for one in names or ()]
    numbers = [_number(tool.get("max_num_results"), "tools.max_num_results") for tool in searches]
    include = request.get("include")
    return Asked(
        collections=None if named.count(None) == len(named) else tuple(stores),  # an empty list asks for none
        passages=max((number for number in numbers if number is not None), default=None),
        least=max(map(_least, searches)),
        tool=True,
        results=isinstance(include, list) and _RESULTS in include,
    )


def _least(tool: JsonObject) -> float:
    ranking = tool.get("ranking_options")
    written = ranking.get("score_threshold") if isinstance(ranking, dict) else None
    if written is None:
        return 0.0
    if not isinstance(written, int | float) or isinstance(written, bool) or not 0 <= written <= 1:
        raise MalformedBody("'score_threshold' must be a number from 0 to 1.", param="tools")
    return float(written)


def _is_search(tool: Any) -> bool:
    return isinstance(tool, dict) and tool.get("type") == TOOL


def _names(written: Any, param: str) -> tuple[str, ...] | None:
    if written is None:
        return None
    if not _are_texts(written):
        raise MalformedBody(f"'{param}' must be an array of strings.", param=param)
    return tuple(written)


def _are_texts(written: Any) -> bool:
    return isinstance(written, Sequence) and not isinstance(written, str) and all(isinstance(one, str) for one in written)


def _number(written: Any, param: str) -> int | None:
    if written is None:
        return None
    if not isinstance(written, int) or isinstance(written, bool) or not 1 <= written <= _MOST:
        raise MalformedBody(f"'{param}' must be a whole number from 1 to {_MOST}.", param=param)
    return written
