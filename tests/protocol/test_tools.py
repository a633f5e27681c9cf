from __future__ import annotations

from typing import Any

import pytest

from gateway.protocol.tools import backend_acts

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
