"""What an inner level asks for of documents and cannot have, because less is granted around it."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.policy.grounding import Grounding
from gateway.policy.language.grounding import ALL, Knowledge
from gateway.policy.reading.problems import quoted
from gateway.policy.reading.yaml_tree import TreePath


def wider_knowledge(said: Knowledge, outer: Grounding) -> Iterator[tuple[TreePath, str]]:
    yield from _items("collections", said.collections, outer.collections)
    yield from _items("labels", said.labels, outer.labels)
    for name, number, most in (("passages", said.passages, outer.passages), ("tokens", said.tokens, outer.tokens)):
        if number is not None and most is not None and number > most:
            yield ("knowledge", name), f"more than the {most} that hold further out"
    if said.when == "asked" and outer.always:
        yield ("knowledge", "when"), "grounds only what asks for it although the level around it always does"
    if said.otherwise == "answer" and outer.says_so:
        yield ("knowledge", "else"), "answers without documents although the level around it says so instead"


def _items(name: str, items: tuple[str, ...] | None, allowed: frozenset[str] | None) -> Iterator[tuple[TreePath, str]]:
    for at, item in enumerate(items or ()):
        if allowed is not None and item not in allowed and ALL not in {item, *allowed}:
            yield ("knowledge", name, at), f"{quoted(item)} is not allowed further out"
