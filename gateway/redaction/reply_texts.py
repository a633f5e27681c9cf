"""What texts an answer or event has, and which of them the model said. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.protocol.text_slots import map_strings
from gateway.protocol.vocabulary import PROTOCOL_WORDS
from gateway.protocol.wire import JsonObject, Path

_SAID_IN = frozenset({"choices", "output", "response", "item", "part", "text", "arguments", "refusal"})
_NEVER_SAID = frozenset(
    """
    id role type name status object model finish_reason call_id item_id system_fingerprint service_tier obfuscation
    """.split()
)
_FREE = frozenset({"arguments", "attributes", "env"})
"""Objects in which these words are anybody's own."""
_UNREADABLE = frozenset(
    """
    logprobs prompt_logprobs token_ids prompt_token_ids tokens hidden_states meta_info encrypted_content
    """.split()
)
"""What says it once more where nobody can look. SGLang's `meta_info` has tokens; what vLLM calls encrypted is signed only."""


def readable(node: Any) -> Any:
    """Without tokens, with their bytes or as numbers, and the like: they would show what the screen takes out."""
    if isinstance(node, list):
        return [readable(value) for value in node]
    if not isinstance(node, dict):
        return node
    return {key: _none_of(value) if key in _UNREADABLE else readable(value) for key, value in node.items()}


def _none_of(value: Any) -> Any:
    """A number is no tokens, but how many they are."""
    if isinstance(value, list):
        return []
    return value if isinstance(value, int | float) else None


def strings(answer: JsonObject) -> list[str]:
    """Every string of an answer or event, keys among them."""
    found: list[str] = []

    def note(text: str) -> str:
        found.append(text)
        return text

    map_strings(answer, lambda _, text: note(text), note)
    return found


def texts(answer: JsonObject, left_out: dict[Path, str]) -> dict[Path, str]:
    """The texts of a finished answer or event, by path, as against ids and enumerations."""
    found: dict[Path, str] = {}

    def note(path: Path, text: str) -> str:
        if (path[-1] not in _NEVER_SAID or not _FREE.isdisjoint(path)) and text not in PROTOCOL_WORDS and path not in left_out:
            found[path] = text
        return text

    map_strings(answer, note, str)
    return found


def said_in(texts: Mapping[Path, str]) -> dict[Path, str]:
    """Of these texts, what the model said."""
    return {path: text for path, text in texts.items() if path[0] in _SAID_IN}
