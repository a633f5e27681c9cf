"""A whole gateway in front of a provider that speaks Anthropic's protocol: nothing raw leaves, and the answer is whole."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from gateway.policy.reading.problems import PolicyError
from tests.support import anthropic_shapes as anthropic
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.gateway import MODEL, RunningGateway, policy_text, running_gateway

WHO = "Please write to Maria Lindqvist, maria.lindqvist@example.org, 张伟 13812345678."
RAW = ("Lindqvist", "maria.lindqvist", "张伟", "13812345678")
TENANT = """
entities: {default: placeholder}
reply: {restore: true}
route: {external: true}
principals: {app: {}}
rules:
  cards-stay-here: {when: findings.CREDIT_CARD > 0, demand: {route: {external: false}}}
"""
TOOL: Any = {
    "type": "function",
    "function": {"name": "f", "parameters": {"type": "object", "properties": {"to": {"type": "string"}}}},
}


def policy(url: str, tenant: str = TENANT) -> str:
    deployment = f"{{protocol: litellm, provider: anthropic, model: claude-x, base_url: {url}, api_key: {{env: PROVIDER_KEY}}}}"
    head, _, rest = policy_text("http://unused/v1", tenant="").partition("deployments:\n")
    _, _, models = rest.partition("models:\n")
    models = models.replace("    principals: {app: {}}\n", "".join(f"    {line}\n" for line in tenant.strip().splitlines()))
    return f"{head}deployments:\n  backend: {deployment}\nmodels:\n{models}"


@pytest.fixture(scope="module")
def backend() -> Iterator[ScriptedBackend]:
    with backend_in_thread() as scripted:
        yield scripted


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, backend: ScriptedBackend) -> Iterator[RunningGateway]:
    folder: Path = tmp_path_factory.mktemp("gateway")
    root = backend.url.removesuffix("/v1")
    with running_gateway(folder, policy(root), environ={"PROVIDER_KEY": "sk-provider"}) as running:
        yield running


@pytest.fixture
def sdk(gateway: RunningGateway) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=gateway.base_url, api_key=gateway.key, max_retries=0) as client:
        yield client


@pytest.fixture(autouse=True)
def nothing_raw_went_out(backend: ScriptedBackend) -> Iterator[None]:
    backend.forget_wire()
    yield
    assert not [
        raw for raw in RAW if raw.encode() in backend.wire_bytes or json.dumps(raw)[1:-1].encode() in backend.wire_bytes
    ]


def test_a_plain_answer(backend: ScriptedBackend, sdk: openai.OpenAI) -> None:
    backend.reply_with(anthropic.echo)
    answer = sdk.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": WHO}])
    assert answer.choices[0].message.content == WHO


def test_a_stream(backend: ScriptedBackend, sdk: openai.OpenAI, gateway: RunningGateway) -> None:
    backend.reply_with(anthropic.echo)
    before = len(gateway.records())
    stream = sdk.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": WHO}], stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == WHO
    record = gateway.records(before + 1)[-1]
    assert (record.usage.input_tokens, record.usage.output_tokens) == (12, 5)
    assert record.served is not None
    assert record.served.external


@pytest.mark.parametrize("stream", [False, True])
def test_the_arguments_of_tools(backend: ScriptedBackend, sdk: openai.OpenAI, stream: bool) -> None:
    backend.reply_with(anthropic.calls(lambda text: {"to": text}))
    messages: Any = [{"role": "user", "content": WHO}]
    if stream:
        with sdk.chat.completions.stream(model=MODEL, messages=messages, tools=[TOOL]) as events:
            answer: Any = events.get_final_completion()
    else:
        answer = sdk.chat.completions.create(model=MODEL, messages=messages, tools=[TOOL])
    (call,) = answer.choices[0].message.tool_calls
    assert json.loads(call.function.arguments) == {"to": WHO}
    assert answer.choices[0].finish_reason == "tool_calls"


def test_no_other_connection_is_made(backend: ScriptedBackend, sdk: openai.OpenAI) -> None:
    """By litellm, or by anything else in this process."""
    places: list[Any] = []
    watching = True

    def watch(event: str, told: tuple[Any, ...]) -> None:
        if watching and event in ("socket.connect", "socket.getaddrinfo"):
            places.append(told[1] if event == "socket.connect" else told[0])

    sys.addaudithook(watch)
    backend.reply_with(anthropic.echo)
    for stream in (False, True):
        answer: Any = sdk.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": WHO}], stream=stream)
        if stream:
            list(answer)
    watching = False
    assert {place[0] if isinstance(place, tuple) else place for place in places} <= {"127.0.0.1", "localhost"}


def test_what_must_not_leave_the_premises_does_not(backend: ScriptedBackend, sdk: openai.OpenAI) -> None:
    backend.reply_with(anthropic.echo)
    sdk.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "hi"}])
    heard = len(backend.received)
    with pytest.raises(openai.PermissionDeniedError):
        sdk.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "Card 4111 1111 1111 1111"}])
    assert len(backend.received) == heard


def test_a_provider_is_denied_unless_policy_says_so(tmp_path: Path, backend: ScriptedBackend) -> None:
    backend.reply_with(anthropic.echo)
    denied = policy(backend.url.removesuffix("/v1"), TENANT.replace("route: {external: true}", ""))
    with (
        pytest.raises(PolicyError, match="on the premises"),
        running_gateway(tmp_path, denied, environ={"PROVIDER_KEY": "sk-provider"}),
    ):
        pass
