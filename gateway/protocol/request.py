"""From a request's bytes to a JSON object whose shape we can vouch for.

Checked is what the gateway itself relies on; a backend checks the rest. Errors name fields and limits and quote nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import orjson

from gateway.errors import InvalidRequest, MalformedBody
from gateway.protocol.half_characters import half_character
from gateway.protocol.items import references
from gateway.protocol.opaque import dotted
from gateway.protocol.text_slots import MAX_DEPTH
from gateway.protocol.wire import JsonObject, Surface

_HALF_ESCAPED = re.compile(rb"\\u[dD][89a-fA-F]")
_LONG_DIGITS = re.compile(rb"\d{17,}")
_AS_DIGITS = bytes(ord("0") if chr(byte).isdigit() and byte < 128 else ord(" ") for byte in range(256))
_SEVENTEEN_DIGITS = b"0" * 17
_INT64 = range(-(2**63), 2**64)  # what orjson reads and writes exactly
_COMPRESSED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")  # how gzip (RFC 1952) and zstd (RFC 8878) begin
_STATEFUL = ("conversation", "background", "previous_response")  # the last is vLLM's: it holds all that was said, in base64
_PREVIOUS = "previous_response_id"
_NAMED = ("request_id", "rid")
"""vLLM's and SGLang's: under this id they keep an answer of `responses`, and whose it is we know by ids that they make. Two
requests with one id get in each other's way, and SGLang ends all whose ids begin with that of one that was given up.
"""
_OF_OTHERS = ("kv_transfer_params", "ec_transfer_params", "session_params", "bootstrap_host", "bootstrap_room")
"""vLLM's and SGLang's: what they hold of another request, whoever's that was, or where to fetch it from."""
_CACHE_OPTIONS, _COMPARED = "prompt_cache_options", "comparison_response_id"
"""OpenAI's: the answer, whoever's it was, with which this request's prompt is compared; what they share is told."""
_XARGS = "vllm_xargs"
"""vLLM's: what is in it counts as if it stood beside it."""
_OTHER_MODELS = ("models", "fallbacks", "lora_path", "lora_name")
_ADAPTERS = "lora"
"""Of routers behind us, SGLang's, Xinference's and llama.cpp's: other models, or adapters, than the one that policy was asked
about. With no adapter in its list, llama.cpp leaves out those with which the model is served.
"""
_CODE = ("custom_logit_processor", "logits_processors")
"""SGLang's and vLLM's: a function that the client wrote, or one that it names, is run by the backend."""
_PRIORITY = "priority"
"""vLLM's and SGLang's: whose turn it is at a backend."""
_JSON_FORMATS = ("json_object", "json_schema", "json")
_JSON_STRUCTURES = ("json", "json_object")
_JSON_FIELDS = ("guided_json", "json_schema")
"""The last format is TGI's; structures and `guided_json` are vLLM's, `json_schema` is llama.cpp's and SGLang's."""
_ANY_TEXT = (None, False, "")
"""What these fields hold where nothing is asked for. An empty schema asks for any JSON."""


class StatefulRequest(InvalidRequest):
    """A request that leans on text a backend keeps: its placeholders belong to another exchange."""

    code = "stateful_request"


def parse_request(raw: bytes, surface: Surface) -> JsonObject:
    """The request as a JSON object. Raises MalformedBody or StatefulRequest."""
    body = _parsed(raw)
    _require(isinstance(body, dict), "The body must be a JSON object.", None)
    _check_common(body)
    _SHAPES[surface](body)
    return dict(body)


def _parsed(raw: bytes) -> Any:
    if raw.startswith(_COMPRESSED):
        raise MalformedBody("Compressed request bodies are not accepted; send plain JSON without Content-Encoding.")
    try:
        raw.decode()  # orjson says "invalid JSON" for bytes that are not UTF-8; the client deserves the real reason
    except UnicodeDecodeError:
        raise MalformedBody("The body is not valid UTF-8.") from None
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        _refuse_half_characters(raw)
        raise MalformedBody(f"The body is not valid JSON (line {error.lineno}, column {error.colno}).") from None
    _refuse_deep(body)
    if _SEVENTEEN_DIGITS in raw.translate(_AS_DIGITS):  # ten times as quick as to search for digits by a pattern
        _refuse_inexact_numbers(raw)
    return body


def _refuse_half_characters(raw: bytes) -> None:
    """Some writers of JSON cut a string between the two escapes of one character, and most readers do not say where."""
    if not _HALF_ESCAPED.search(raw):
        return
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return  # there is more that is wrong with it
    place = half_character(body)
    if place is not None:
        raise MalformedBody(
            "A string has half of a surrogate pair in it (\\ud800 to \\udfff alone), which is no character. Leave it out.",
            param=dotted(place),
        )


def _refuse_deep(body: Any) -> None:
    """Level by level: whatever reads a body after this may recurse."""
    level = [body] if isinstance(body, (dict, list)) else []
    for _ in range(MAX_DEPTH + 1):
        level = [
            inner
            for node in level
            for inner in (node.values() if isinstance(node, dict) else node)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return
    raise MalformedBody(f"The body is nested deeper than {MAX_DEPTH} levels.")


def _refuse_inexact_numbers(raw: bytes) -> None:
    """orjson reads integers beyond 64 bits as floats, which would change them on their way; no float beyond 2**53 keeps all
    of the 17 digits and more that were written."""
    json.loads(raw, parse_int=_exact, parse_float=_exact_float)


def _exact_float(digits: str) -> float:
    if abs(number := float(digits)) >= 2**53 and _LONG_DIGITS.search(digits.encode()):
        raise MalformedBody("The body has a number with more digits than a float keeps; send it as a string.")
    return number


def _exact(digits: str) -> int:
    if len(digits) > 20 or int(digits) not in _INT64:
        raise MalformedBody("The body has an integer beyond 64 bits; send it as a string.")
    return int(digits)


def _check_common(body: JsonObject) -> None:
    model = body.get("model")
    _require(isinstance(model, str) and model != "", "'model' must be a non-empty string.", "model")
    stream = body.get("stream")
    _require(stream is None or isinstance(stream, bool), "'stream' must be a boolean.", "stream")
    xargs = body.get(_XARGS)
    xargs = xargs if isinstance(xargs, dict) else {}
    for field in _OF_OTHERS:
        if body.get(field) is not None or xargs.get(field) is not None:  # a room may be 0
            raise StatefulRequest(f"'{field}' builds on another request, nobody here knows whose. Leave it out.", param=field)
    options = body.get(_CACHE_OPTIONS)
    if isinstance(options, dict) and options.get(_COMPARED):
        message = f"'{_COMPARED}' compares with another answer, nobody here knows whose. Leave it out."
        raise StatefulRequest(message, param=_CACHE_OPTIONS)
    for field in _NAMED:
        if body.get(field):
            raise StatefulRequest(f"A request has the id that its backend gives it: leave out '{field}'.", param=field)
    _refuse_liberties(body)


def _refuse_liberties(body: JsonObject) -> None:
    """What is for policy to say, and for whoever runs a backend."""
    for field in _OTHER_MODELS:
        if body.get(field):
            raise _other_models(field)
    if body.get(_ADAPTERS) is not None:
        raise _other_models(_ADAPTERS)
    for field in _CODE:
        if body.get(field):
            raise InvalidRequest(f"'{field}' would have the backend run what a client wrote. Leave it out.", param=field)
    if body.get(_PRIORITY):
        raise InvalidRequest("Whose turn it is, policy says: leave out 'priority'.", param=_PRIORITY)


def _other_models(field: str) -> InvalidRequest:
    return InvalidRequest(f"'{field}' names other models than 'model' does, and policy is asked for one.", param=field)


def _check_chat(body: JsonObject) -> None:
    messages = body.get("messages")
    _require(isinstance(messages, list) and messages != [], "'messages' must be a non-empty array.", "messages")
    for at, message in enumerate(messages or ()):
        _require(isinstance(message, dict), "Each message must be an object.", f"messages.{at}")
        content = message.get("content")
        fits = content is None or isinstance(content, str) or _is_list_of(content, dict)
        _require(fits, "'content' must be a string or an array of content parts.", f"messages.{at}.content")


def _check_completion(body: JsonObject) -> None:
    _check_text_field(body, "prompt")


def _check_embeddings(body: JsonObject) -> None:
    _check_text_field(body, "input")
    _refuse_stream(body)


def _check_moderations(body: JsonObject) -> None:
    _refuse_stream(body)
    value = body.get("input")
    fits = isinstance(value, str) or (value != [] and (_is_list_of(value, str) or _is_list_of(value, dict)))
    _require(fits, "'input' must be a string, an array of strings, or an array of content parts.", "input")


def _refuse_stream(body: JsonObject) -> None:
    """A backend would leave the field aside and answer at once, which is no stream for whoever reads one."""
    _require(not body.get("stream"), "What is asked for comes at once: leave out 'stream'.", "stream")


def _check_text_field(body: JsonObject, field: str) -> None:
    value = body.get(field)
    fits = isinstance(value, str) or (value != [] and _is_list_of(value, str, int, list))
    _require(fits, f"'{field}' must be a string, an array of strings, or token ids.", field)


def _check_responses(body: JsonObject) -> None:
    for field in _STATEFUL:
        if body.get(field):
            raise _stateful(field)
    value = body.get("input")
    if body.get("prompt"):
        raise StatefulRequest(
            "'prompt' names a text that a backend keeps, which this gateway cannot read. Send the conversation in 'input'.",
            param="prompt",
        )
    _require(isinstance(value, str) or _is_list_of(value, dict), "'input' must be a string or an array of items.", "input")


def refuse_references(body: JsonObject, surface: Surface) -> None:
    """Where nobody keeps items for whoever names them. Raises StatefulRequest."""
    if surface is Surface.RESPONSES and references(body):
        raise StatefulRequest(
            "Items by reference rely on answers that are kept, and policy keeps none here. Send them whole: many clients do "
            "when told `store: false`.",
            param="input",
        )


def previous_response(body: JsonObject, surface: Surface) -> str | None:
    """The answer that this request goes on from, which only its backend has."""
    previous = body.get(_PREVIOUS) if surface is Surface.RESPONSES else None
    return str(previous) if previous else None


def refuse_previous_response(body: JsonObject, surface: Surface) -> None:
    """Where no placeholder outlives its exchange. Raises StatefulRequest."""
    if previous_response(body, surface) is not None:
        raise _stateful(_PREVIOUS)


def _stateful(field: str) -> StatefulRequest:
    return StatefulRequest(
        f"'{field}' relies on text that a backend keeps, which this gateway cannot pseudonymise consistently. "
        "Send the conversation in 'input'.",
        param=field,
    )


def _is_list_of(value: Any, *types: type) -> bool:
    return isinstance(value, list) and all(isinstance(item, types) for item in value)


def _require(holds: bool, message: str, param: str | None) -> None:
    if not holds:
        _malformed(message, param)


def _malformed(message: str, param: str | None) -> NoReturn:
    raise MalformedBody(message, param=param)


_SHAPES: Mapping[Surface, Callable[[JsonObject], None]] = {
    Surface.CHAT: _check_chat,
    Surface.COMPLETIONS: _check_completion,
    Surface.EMBEDDINGS: _check_embeddings,
    Surface.RESPONSES: _check_responses,
    Surface.MODERATIONS: _check_moderations,
}


def asks_for_json(body: JsonObject) -> bool:
    """Whether the client asked for a JSON document as the answer, in the words of OpenAI or of a backend."""
    text, structured = body.get("text"), body.get("structured_outputs")
    wanted = body.get("response_format") or (text.get("format") if isinstance(text, dict) else None)
    by_format = isinstance(wanted, dict) and wanted.get("type") in _JSON_FORMATS
    by_structure = isinstance(structured, dict) and any(structured.get(name) not in _ANY_TEXT for name in _JSON_STRUCTURES)
    return by_format or by_structure or any(body.get(field) not in _ANY_TEXT for field in _JSON_FIELDS)
