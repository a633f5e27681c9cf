"""The requests that the OpenAI SDK can write, by the surface that they go to, and the answers that it reads."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from openai.types import Completion
from openai.types.beta.response_create_params import ResponseCreateParamsNonStreaming as ResponseParams
from openai.types.chat import ChatCompletion
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming as ChatParams
from openai.types.completion_create_params import CompletionCreateParamsNonStreaming as CompletionParams
from openai.types.embedding_create_params import EmbeddingCreateParams
from openai.types.responses import Response

from gateway.protocol.tools import naming_models
from tests.support.gateway import MODEL
from tests.support.sdk_types import Fill, smallest, ways

Json = dict[str, Any]

REQUESTS: Mapping[str, Any] = {
    "chat/completions": ChatParams,
    "completions": CompletionParams,
    "embeddings": EmbeddingCreateParams,
    "responses": ResponseParams,  # the beta's has all that the other one has
}
ANSWERS: Mapping[str, Any] = {"chat/completions": ChatCompletion, "completions": Completion, "responses": Response}

_LISTS = frozenset({"messages", "input", "tools", "functions", "choices", "output", "instructions"})
"""Of which several bodies' can be one."""
_MOST = 20


def smallest_bodies(tp: Any, fill: Fill, *, words: bool = False) -> Iterator[Json]:
    """A body for every leaf that a type has, with the model that policy knows."""
    return ({**smallest(tp, way, fill), "model": MODEL} for way in ways(tp, words=words))


def sendable(surface: str, body: Json, known: Collection[str] = ()) -> Json:
    """With models that policy knows, and something said."""
    body = deepcopy(body)
    for part in naming_models(body):
        part["model"] = part["model"] if part["model"] in known else MODEL
    return {**({"input": "hi"} if surface == "responses" else {}), **body, "model": MODEL}


def packed(bodies: Iterable[Json]) -> Iterator[list[Json]]:
    """Neighbours that fit into one body; see `together`."""
    pack: list[Json] = []
    for body in bodies:
        if pack and (len(pack) == _MOST or not _fits(together(pack), body)):
            yield pack
            pack = []
        pack.append(body)
    if pack:
        yield pack


def together(pack: list[Json]) -> Json:
    """One body with all fields of several, their lists one after the other."""
    whole: Json = {}
    for body in pack:
        for name, value in body.items():
            whole[name] = [*whole[name], *value] if name in whole and _is_list(name, value) else value
    return whole


def changes(before: Any, after: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any, Any]]:
    """Where two JSON values differ, and how."""
    match before, after:
        case dict(), dict():
            for key in [*before, *(key for key in after if key not in before)]:
                yield from changes(before.get(key, "nothing"), after.get(key, "nothing"), (*path, key))
        case list(), list() if len(before) == len(after):
            for at, (one, other) in enumerate(zip(before, after, strict=True)):
                yield from changes(one, other, (*path, at))
        case _ if before != after:
            yield path, before, after


def mapped(node: Any, change: Callable[[str], str]) -> Any:
    """A copy with every string changed, keys left as they are."""
    match node:
        case str():
            return change(node)
        case dict():
            return {key: mapped(value, change) for key, value in node.items()}
        case list():
            return [mapped(value, change) for value in node]
        case _:
            return node


def _fits(whole: Json, body: Json) -> bool:
    shared = {name: value for name, value in body.items() if name in whole}
    return all(
        value == whole[name] or (_is_list(name, value) and _is_list(name, whole[name])) for name, value in shared.items()
    )


def _is_list(name: str, value: Any) -> bool:
    return name in _LISTS and isinstance(value, list)
