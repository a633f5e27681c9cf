"""How far references of a schema are followed before it is refused."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import InvalidRequest
from gateway.upstream.litellm.request import wish_of
from gateway.upstream.litellm.schemas import is_too_large

SUPPORTED = frozenset({"tools", "response_format"})


def named(name: str) -> dict[str, str]:
    return {"$ref": f"#/$defs/{name}"}


def doubling(levels: int) -> dict[str, Any]:
    """Each definition names the next one twice."""
    each = {f"L{at}": {"properties": {"a": named(f"L{at + 1}"), "b": named(f"L{at + 1}")}} for at in range(levels)}
    return {"properties": {"x": named("L0")}, "$defs": {**each, f"L{levels}": {"type": "string"}}}


def all_with_all(size: int) -> dict[str, Any]:
    """Every definition names every one: there are as many ways through them as there are orders."""
    each = {f"L{at}": {"properties": {f"p{to}": named(f"L{to}") for to in range(size)}} for at in range(size)}
    return {"properties": {"x": named("L0")}, "definitions": each}


@pytest.mark.parametrize(
    ("schema", "too_large"),
    [
        ({}, False),
        (None, False),
        (doubling(6), False),
        (doubling(12), True),
        (doubling(60), True),
        (all_with_all(3), False),
        (all_with_all(9), True),
        ({"x": named("tree"), "$defs": {"tree": {"items": named("tree")}}}, False),
        ({"x": named("nowhere"), "y": {"$ref": 5}, "$defs": {"z": [1], "w": None}}, False),
        ([{"n": {"properties": {}}}] * 20_000, False),  # large as it is written: the body's own limit is for that
    ],
)
def test_what_comes_of_references_is_bounded(schema: Any, too_large: bool) -> None:
    assert is_too_large(schema) is too_large


@pytest.mark.parametrize(
    "field",
    [
        {"tools": [{"type": "function", "function": {"name": "f", "parameters": doubling(30)}}]},
        {"response_format": {"type": "json_schema", "json_schema": {"name": "f", "schema": doubling(30)}}},
    ],
    ids=lambda field: next(iter(field)),
)
def test_a_request_with_such_a_schema_is_refused(field: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        wish_of({"messages": [], **field}, "claude", SUPPORTED, stream=False)
    assert refused.value.param == next(iter(field))
