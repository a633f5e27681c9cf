"""A tree of values and their sources as YAML that a person can read, and as plain data for programs. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

import yaml

from gateway.cli.policy.merged import UNSAID, Said, Tree

_WIDEST = 72
"""Columns behind which comments do not move: a long line keeps its comment close."""


def as_yaml(tree: Tree) -> str:
    """Block style, with the sources as comments in one column."""
    lines = list(_lines(tree, 0))
    width = max((len(text) for text, source in lines if source and len(text) <= _WIDEST), default=0)
    return "".join(f"{text:<{width}}  # {source}\n" if source else f"{text}\n" for text, source in lines)


def as_object(tree: Tree) -> dict[str, Any]:
    """Each value as {"value", "from"}; mappings hold their members, and "from" where they have a source of their own."""
    return {name: _object(said) for name, said in tree.items()}


def _lines(tree: Tree, depth: int) -> Iterator[tuple[str, str | None]]:
    for name, said in tree.items():
        head = f"{'  ' * depth}{scalar(name)}:"
        inner = _members(said)
        if inner is None or not inner:
            yield f"{head} {scalar(said.value)}", said.source
        elif inner := {name: one for name, one in inner.items() if _members(one) != {} or one.source}:
            yield head, said.source
            yield from _lines(inner, depth + 1)


def scalar(value: object) -> str:
    """Any plain value on one line."""
    written = yaml.safe_dump([_plain(value)], default_flow_style=True, width=10**9, allow_unicode=True, sort_keys=False)
    return written.strip()[1:-1]


def _members(said: Said) -> dict[str, Said] | None:
    """The values inside; None for one that has no sources inside."""
    value = said.value
    if not isinstance(value, Mapping) or not all(isinstance(one, Said) for one in value.values()):
        return None
    return {name: one for name, one in value.items() if one.value is not None or one.source not in (None, UNSAID)}


def _object(said: Said) -> Any:
    if isinstance(said.value, Mapping) and said.value and all(isinstance(one, Said) for one in said.value.values()):
        inner = {name: _object(one) for name, one in said.value.items()}
        return inner if said.source is None else {"from": said.source, **inner}
    return {"value": _plain(said.value), "from": said.source}


def _plain(value: object) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple, frozenset)):
        return [_plain(inner) for inner in value]
    return value.value if isinstance(value, Enum) else value
