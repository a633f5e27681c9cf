"""The npm OpenAI SDK, unmodified, in a Node process of its own (`openai_client.mjs`)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.clients.people import ASK, ASK_QUOTED, ASK_ZH, BOB, placeholders
from tests.support import script, shapes
from tests.support.backend import ScriptedBackend
from tests.support.gateway import MODEL, RunningGateway
from tests.support.script import Request, Script
from tests.support.shapes import ToolCall

HERE = Path(__file__).parent
Node: TypeAlias = Callable[..., Any]


def missing() -> str | None:
    """What this machine lacks."""
    if shutil.which("node") is None:
        return "Node.js is not installed"
    if not (HERE / "node_modules" / "openai").is_dir():
        return "the npm SDK is not installed: npm ci --prefix tests/clients"
    return None


pytestmark = [pytest.mark.slow, pytest.mark.skipif(missing() is not None, reason=str(missing()))]


@pytest.fixture
def node(gateway: RunningGateway) -> Node:
    """Runs one task of the script and returns what it printed."""

    def run(task: str, text: str = "", key: str = gateway.key) -> Any:
        environment = {"PATH": os.environ["PATH"], "OPENAI_BASE_URL": gateway.base_url, "OPENAI_API_KEY": key}
        command = ["node", "--throw-deprecation", "openai_client.mjs", task, MODEL, text]
        done = subprocess.run(command, cwd=HERE, env=environment, capture_output=True, timeout=60, check=False)
        assert (done.returncode, done.stderr.decode()) == (0, "")
        return json.loads(done.stdout)

    return run


def call(request: Request) -> Script:
    """Calls two tools, and says the first one's result when that comes back."""
    if len(request.json.get("messages", ())) > 1:
        return script.text(request, json.loads(request.json["messages"][2]["content"])["to"])
    arguments = json.dumps({"to": placeholders(request)[0]})
    return script.tool_calls(request, ToolCall("send_mail", arguments), ToolCall("log", "{}", "call_2"), size=3)


def test_chat(node: Node) -> None:
    answer = node("chat", ASK + ASK_ZH)
    assert answer["texts"] == [ASK + ASK_ZH] * 2
    assert answer["usage"]["completion_tokens"] > 0


def test_a_streamed_chat(node: Node) -> None:
    answer = node("stream", ASK + ASK_ZH)
    assert answer["text"] == ASK + ASK_ZH
    assert answer["usage"]["completion_tokens"] > 0


@pytest.mark.parametrize("task", ["tools", "streamedTools", "streamHelper"])
def test_tool_calls(node: Node, backend: ScriptedBackend, task: str) -> None:
    backend.reply_with(call)
    first, second = node(task, ASK_QUOTED)
    assert json.loads(first) == {"to": BOB}
    assert second == "{}"
    assert backend.received[0].stream is (task != "tools")


def test_the_tool_loop(node: Node, backend: ScriptedBackend) -> None:
    backend.reply_with(call)
    assert node("toolLoop", ASK_QUOTED) == BOB
    assert [message["role"] for message in backend.received[1].json["messages"]] == ["user", "assistant", "tool", "tool"]


def test_responses(node: Node) -> None:
    answer = node("responses", ASK + ASK_ZH)
    assert answer["text"] == ASK + ASK_ZH
    assert answer["usage"]["output_tokens"] > 0


def test_streamed_responses(node: Node) -> None:
    assert node("streamedResponses", ASK + ASK_ZH) == {"text": ASK + ASK_ZH, "final": ASK + ASK_ZH}


def test_function_calls_of_streamed_responses(node: Node, backend: ScriptedBackend) -> None:
    backend.reply_with(call)
    assert [json.loads(arguments) for arguments in node("responsesTools", ASK_QUOTED)] == [{"to": BOB}, {}]


def test_embeddings(node: Node, backend: ScriptedBackend) -> None:
    assert node("embeddings", ASK) == shapes.vector(backend.received[0].json["input"][0])


def test_models(node: Node) -> None:
    assert node("models") == [MODEL]


def test_errors(node: Node, backend: ScriptedBackend) -> None:
    refused = {"error": "AuthenticationError", "status": 401, "code": "invalid_api_key"}
    assert node("chat", ASK, key="pgw_nobody") == refused
    backend.reply_with(script.error(500))
    assert node("stream", ASK) == {"error": "InternalServerError", "status": 502, "code": "upstream_error"}
    backend.reply_with(lambda request: script.text(request, "hello there, hello").dropped_after(600))
    assert node("stream", ASK)["code"] == "upstream_truncated"
