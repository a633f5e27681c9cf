from __future__ import annotations

from typing import Any

import pytest

from gateway.protocol.tools import backend_acts, helpers_of, tools_of

FUNCTION = {"type": "function", "function": {"name": "f"}}


@pytest.mark.parametrize(
    ("tools", "acts"),
    [
        (None, False),
        ([], False),
        ([FUNCTION, {"function": {"name": "g"}}, {"type": "custom", "name": "h"}], False),
        ([FUNCTION, {"type": "mcp", "server_url": "https://tickets.example"}], True),
        ([{"type": "code_interpreter", "container": {"type": "auto"}}], True),
        (["odd"], True),
        ([{"type": {}}], True),
        ("odd", False),
    ],
)
def test_whose_tools_they_are(tools: Any, acts: bool) -> None:
    assert backend_acts({"model": "m", "tools": tools}) is acts


@pytest.mark.parametrize(("options", "acts"), [({}, True), ({"search_context_size": "low"}, True), (None, False)])
def test_a_search_needs_no_tool(options: Any, acts: bool) -> None:
    assert backend_acts({"model": "m", "messages": [], "web_search_options": options}) is acts


MCP = {"type": "mcp", "server_url": "https://tickets.example"}


@pytest.mark.parametrize(
    ("body", "tools"),
    [
        ({"input": [{"type": "additional_tools", "role": "developer", "tools": [FUNCTION, MCP]}]}, [FUNCTION, MCP]),
        ({"tools": [FUNCTION], "input": [{"type": "tool_search_output", "tools": [MCP]}]}, [FUNCTION, MCP]),
        ({"messages": [{"role": "system", "content": "", "tools": [FUNCTION]}]}, [FUNCTION]),
        ({"tools": [{"type": "namespace", "name": "crm", "tools": [FUNCTION, FUNCTION]}]}, [FUNCTION, FUNCTION]),
        ({"tools": [{"type": "mcp", "tools": []}]}, [{"type": "mcp", "tools": []}]),
        ({"input": [{"type": "mcp_list_tools", "tools": [{"name": "f", "input_schema": {}}]}]}, []),
        ({"input": ["hi", {"tools": "odd"}], "messages": None, "tools": {}}, []),
    ],
)
def test_tools_are_found_wherever_a_request_brings_them(body: Any, tools: list[Any]) -> None:
    assert list(tools_of(body)) == tools


@pytest.mark.parametrize(
    ("tool", "acts"), [(FUNCTION, False), ({"type": "namespace", "tools": [FUNCTION]}, False), (MCP, True)]
)
def test_a_backend_acts_by_what_an_item_brings(tool: Any, acts: bool) -> None:
    assert backend_acts({"model": "m", "input": [{"type": "additional_tools", "tools": [tool]}]}) is acts


IMAGES = {"type": "image_generation", "model": "painter", "svg": {"model": "drawer"}}


@pytest.mark.parametrize(
    ("body", "helpers"),
    [
        ({"tools": [FUNCTION]}, ()),
        ({"tools": [IMAGES, IMAGES], "moderation": {"model": "warden"}}, ("warden", "painter", "drawer")),
        ({"input": [{"type": "additional_tools", "tools": [IMAGES]}]}, ("painter", "drawer")),
        ({"tools": [{"type": "namespace", "tools": [{"type": "odd", "model": "x"}]}]}, ("x",)),
        ({"tools": [{"type": "mcp", "headers": {"model": "theirs"}}, {"type": "function", "model": "own"}]}, ()),
        ({"tools": ["odd", {"type": "odd", "model": 3}], "moderation": "odd"}, ()),
    ],
)
def test_models_that_help_the_one_that_answers(body: Any, helpers: tuple[str, ...]) -> None:
    assert helpers_of(body) == helpers
