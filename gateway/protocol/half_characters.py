"""Halves of surrogate pairs that stand alone: JSON can spell them, and no text can hold them."""

from __future__ import annotations

import re
from typing import Any

from gateway.protocol.wire import Path

_HALF = re.compile("[\ud800-\udfff]")


def half_character(node: Any) -> Path | None:
    """Where the first string, or key of an object, stands that has one. Level by level: a body may be nested deep."""
    level: list[tuple[Path, Any]] = [((), node)]
    while level:
        inner: list[tuple[Path, Any]] = []
        for path, one in level:
            if isinstance(one, str) and _HALF.search(one):
                return path
            if isinstance(one, dict):
                if any(_HALF.search(key) for key in one):
                    return path
                inner.extend(((*path, key), value) for key, value in one.items())
            elif isinstance(one, list):
                inner.extend(((*path, at), value) for at, value in enumerate(one))
        level = inner
    return None
