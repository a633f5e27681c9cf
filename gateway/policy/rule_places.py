"""Where a rule stands in its file. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.policy.reading.load import LoadedPolicy
from gateway.policy.reading.yaml_tree import Position


def place_of(loaded: LoadedPolicy, rule: str) -> Position | None:
    """Line and column of a rule in its file; None for one that stands nowhere, such as default-deny."""
    path = path_of(loaded.tree.data, rule)
    return loaded.tree.locate(path, on_key=True) if path else None


def path_of(data: object, rule: str) -> tuple[str, ...]:
    """The path that a rule's id names, as far as it is written. Names may hold dots themselves, so all readings are tried."""
    if not isinstance(data, Mapping):
        return ()
    words = rule.split(".")
    found: tuple[str, ...] = ()
    for end in range(len(words), 0, -1):
        name = ".".join(words[:end])
        if name in data:
            found = max(found, (name, *path_of(data[name], ".".join(words[end:]))), key=_letters)
    return found


def _letters(path: tuple[str, ...]) -> int:
    return sum(map(len, path)) + len(path)
