"""Which tools of a request name what a backend keeps."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.protocol.stored import stored_in_tools

SCHEMA = {"type": "object", "properties": {"file_id": {"type": "string"}}, "examples": [{"file_id": "a", "container": "b"}]}


@pytest.mark.parametrize(
    "tool",
    [
        {"type": "function", "function": {"name": "f", "parameters": SCHEMA}},
        {"type": "function", "name": "f", "parameters": SCHEMA},
        {"type": "namespace", "name": "crm", "tools": [{"type": "function", "name": "f", "parameters": SCHEMA}]},
        {"name": "f", "parameters": SCHEMA},
        {"type": None, "name": "f", "input_schema": SCHEMA},
        {"function": {"name": "f", "parameters": SCHEMA}},
        {"type": "code_interpreter", "container": {"type": "auto"}},
        "f",
    ],
)
def test_schemas_of_tools_name_nothing(tool: Any) -> None:
    assert list(stored_in_tools({"tools": [tool]})) == []


@pytest.mark.parametrize(
    ("tool", "place"),
    [
        ({"type": "file_search", "vector_store_ids": ["vs_1"]}, ("vector_store_ids",)),
        ({"vector_store_ids": ["vs_1"], "parameters": SCHEMA}, ("vector_store_ids",)),
        ({"function": {"name": "f", "container": "cntr_1"}}, ("function", "container")),
        ({"type": "retrieval", "parameters": {"file_id": "file-1"}}, ("parameters", "file_id")),
        ({"type": "code_interpreter", "container": {"type": "auto", "file_ids": ["file-1"]}}, ("container", "file_ids")),
    ],
)
def test_what_a_backend_would_read_is_named(tool: Any, place: tuple[str, ...]) -> None:
    assert list(stored_in_tools({"tools": [{"type": "function"}, tool]})) == [("tools", 1, *place)]
