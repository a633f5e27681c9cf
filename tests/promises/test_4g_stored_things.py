"""Promise 4, at a backend whose key all tenants share: nobody names what another one keeps there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.gateway import MODEL, RunningGateway, policy_text, running_gateway

SEARCH = {"type": "file_search", "vector_store_ids": ["vs_of_globex"]}
CODE = {"type": "code_interpreter", "container": "cntr_of_globex"}
WITH_FILE = {"type": "code_interpreter", "container": {"type": "auto", "file_ids": ["file-of-globex"]}}
SHELL = {"type": "shell", "environment": {"type": "container_reference", "container_id": "cntr_of_globex"}}
TUNNEL = {"type": "mcp", "server_label": "tickets", "tunnel_id": "tunnel_of_globex"}
CALLED = {"type": "code_interpreter_call", "id": "ci_1", "code": "1", "container_id": "cntr_of_globex", "outputs": []}

NAMING: dict[str, tuple[str, dict[str, Any], str]] = {
    "a store": ("/responses", {"input": "hi", "tools": [SEARCH]}, "tools.0.vector_store_ids"),
    "a container": ("/responses", {"input": "hi", "tools": [CODE]}, "tools.0.container"),
    "a file in a container": ("/responses", {"input": "hi", "tools": [WITH_FILE]}, "tools.0.container.file_ids"),
    "a shell": ("/responses", {"input": "hi", "tools": [SHELL]}, "tools.0.*.container_id"),
    "an earlier call": ("/responses", {"input": [{"role": "user", "content": "hi"}, CALLED]}, "input.1.container_id"),
    "a tunnel": ("/responses", {"input": "hi", "tools": [TUNNEL]}, "tools.0.tunnel_id"),
    "a tunnel in an item": (
        "/responses",
        {"input": [{"type": "additional_tools", "role": "developer", "tools": [TUNNEL]}]},
        "input.0.tools.0.tunnel_id",
    ),
    "a voice": (
        "/chat/completions",
        {"messages": [{"role": "user", "content": "hi"}], "audio": {"voice": {"id": "voice_of_globex"}}},
        "audio.voice.id",
    ),
    "tools of old": (
        "/chat/completions",
        {"messages": [{"role": "user", "content": "hi"}], "tool_resources": {"file_search": {"vector_store_ids": ["vs_1"]}}},
        "*.*.vector_store_ids",
    ),
}
ALLOWED: dict[str, tuple[str, dict[str, Any]]] = {
    "a new container": ("/responses", {"input": "hi", "tools": [{"type": "code_interpreter", "container": {"type": "auto"}}]}),
    "vLLM's container": ("/responses", {"input": [{"role": "user", "content": "hi"}, {**CALLED, "container_id": "auto"}]}),
    "what was found": (
        "/responses",
        {
            "input": [
                {"type": "file_search_call", "results": [{"file_id": "f", "text": "x"}]},
                {"role": "user", "content": "hi"},
            ]
        },
    ),
    "a function's own words": (
        "/responses",
        {
            "input": "hi",
            "tools": [{"type": "function", "name": "f", "parameters": {"default": {"container": "x", "file_id": "y"}}}],
        },
    ),
    "words": ("/responses", {"input": "the file_id is file-1", "metadata": {"container": "x"}}),
}


def asked(gateway: RunningGateway, surface: str, fields: dict[str, Any]) -> Any:
    return gateway.http.post(surface, json={"model": MODEL, **fields})


@pytest.mark.parametrize(("surface", "fields", "param"), NAMING.values(), ids=NAMING)
def test_what_a_backend_keeps_is_not_named(
    gateway: RunningGateway, backend: ScriptedBackend, surface: str, fields: dict[str, Any], param: str
) -> None:
    before = len(backend.received)
    answer = asked(gateway, surface, fields)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "uninspectable_content")
    assert answer.json()["error"]["param"] == param
    assert "globex" not in answer.text
    assert len(backend.received) == before


@pytest.mark.parametrize(("surface", "fields"), ALLOWED.values(), ids=ALLOWED)
def test_what_names_nothing_passes(gateway: RunningGateway, surface: str, fields: dict[str, Any]) -> None:
    assert asked(gateway, surface, fields).status_code == 200


@pytest.mark.parametrize(("kinds", "search", "file"), [("stored", 200, 400), ("file", 400, 400), ("file, stored", 200, 200)])
def test_policy_may_allow_it(tmp_path: Path, kinds: str, search: int, file: int) -> None:
    """A file by its id is a file as well, into which nobody can look."""
    by_id = {"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "file-1"}]}]}
    with backend_in_thread() as backend:
        policy = policy_text(backend.url, tenant=f"allow_uninspected: [{kinds}]")
        with running_gateway(tmp_path, policy) as gateway:
            assert asked(gateway, "/responses", {"input": "hi", "tools": [SEARCH]}).status_code == search
            assert [one.json["tools"] for one in backend.received] == [[SEARCH]] * (search == 200)
            assert asked(gateway, "/responses", by_id).status_code == file
            filtered = {**SEARCH, "filters": {"type": "eq", "key": "year", "value": 2026}}
            assert asked(gateway, "/responses", {"input": "hi", "tools": [filtered]}).status_code == search
