"""Promise 1: a value with any operator but `keep` is in no byte sent upstream, and in no record, span, log or file."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.promises.conftest import TENANT, Pair
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.disk import files_of
from tests.support.gateway import MODEL, RunningGateway, policy_text, running_gateway
from tests.support.otlp import Collector, collecting

MAIL = "alice.johnson@corp-example.org"
PHONE = "13812345678"
ID = "11010519491231002X"
CARD = "4111 1111 1111 1111"
NAME = "张伟"
IP = "84.17.45.201"
VALUES = (MAIL, PHONE, ID, CARD, NAME, IP)
SENTENCE = f"My mail is {MAIL}, card {CARD}, from {IP}. 我叫{NAME}，手机{PHONE}，身份证号{ID}。"


def spellings(value: str) -> set[bytes]:
    """How a value may stand in bytes: as UTF-8, and in JSON's escapes, once and twice."""
    once = json.dumps(value)[1:-1]
    return {form.encode() for form in (value, once, json.dumps(once)[1:-1], once.upper(), value.replace(" ", ""))}


def assert_clean(raw: bytes, *values: str) -> None:
    for value in values or VALUES:
        for form in spellings(value):
            assert form not in raw, f"{value} is in what left the gateway"


TOOL = {
    "type": "function",
    "function": {
        "name": "send",
        "description": f"Mails {MAIL}",
        "parameters": {
            "type": "object",
            "properties": {"to": {"type": "string", "enum": [MAIL], "default": MAIL, "description": f"not {PHONE}"}},
            "examples": [{"to": MAIL, "number": int(PHONE)}],
        },
    },
}
HISTORY = {
    "role": "assistant",
    "content": None,
    "tool_calls": [
        {
            "id": "call_1",
            "type": "function",
            "function": {"name": "send", "arguments": json.dumps({"to": MAIL, "name": NAME, "n": int(PHONE)})},
        }
    ],
}
PLACES: dict[str, dict[str, Any]] = {
    "string content": {"messages": [{"role": "user", "content": SENTENCE}]},
    "content parts": {"messages": [{"role": "user", "content": [{"type": "text", "text": SENTENCE}, {"type": "text", "text": MAIL}]}]},
    "system and developer": {"messages": [{"role": "system", "content": SENTENCE}, {"role": "developer", "content": SENTENCE}]},
    "assistant and refusal": {"messages": [{"role": "assistant", "content": SENTENCE, "refusal": SENTENCE, "reasoning_content": SENTENCE}]},
    "tool calls of history": {"messages": [{"role": "user", "content": "hi"}, HISTORY]},
    "tool results": {"messages": [HISTORY, {"role": "tool", "tool_call_id": "call_1", "content": json.dumps({"who": NAME, "mail": MAIL, "id": ID})}]},
    "tool results twice quoted": {"messages": [{"role": "tool", "tool_call_id": "c", "content": json.dumps({"raw": json.dumps({"who": NAME, "my mail": MAIL})})}]},
    "names and ids": {"messages": [{"role": MAIL, "name": MAIL, "tool_call_id": MAIL, "content": "hi"}]},
    "tools": {"messages": [{"role": "user", "content": "hi"}], "tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": MAIL}}},
    "response format": {"messages": [{"role": "user", "content": "hi"}], "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"properties": {MAIL: {"const": PHONE}}}}}},
    "stop, user, metadata": {"messages": [{"role": "user", "content": "hi"}], "stop": [MAIL, "END"], "user": MAIL, "metadata": {"who": NAME + "的邮箱" + MAIL, MAIL: "key"}},
    "prediction": {"messages": [{"role": "user", "content": "hi"}], "prediction": {"type": "content", "content": SENTENCE}},
    "unknown fields": {"messages": [{"role": "user", "content": "hi"}], "x_vendor": {"deep": [[{"note": SENTENCE, "number": int(PHONE)}]]}},
    "escapes in prose": {"messages": [{"role": "user", "content": "the log says \\u6211\\u53eb\\u5f20\\u4f1f\\uff0c\\u624b\\u673a13812345678"}]},
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_no_place_of_a_chat_request_lets_a_value_out(place: str, gateway: RunningGateway, backend: ScriptedBackend) -> None:
    answer = gateway.http.post("/chat/completions", json={"model": MODEL, **PLACES[place]})
    assert answer.status_code == 200, answer.text
    assert len(backend.received) == 1
    assert_clean(backend.wire_bytes)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/completions", {"prompt": SENTENCE, "suffix": SENTENCE, "user": MAIL}),
        ("/completions", {"prompt": [SENTENCE, MAIL], "stop": MAIL}),
        ("/embeddings", {"input": SENTENCE, "user": MAIL}),
        ("/embeddings", {"input": [SENTENCE, NAME + "的邮箱是" + MAIL]}),
        ("/responses", {"input": SENTENCE, "instructions": SENTENCE, "metadata": {"a": MAIL}}),
        ("/responses", {"input": [{"role": "user", "content": [{"type": "input_text", "text": SENTENCE}]}]}),
        (
            "/responses",
            {
                "input": [
                    {"type": "function_call", "call_id": "c", "name": "f", "arguments": json.dumps({"who": NAME, "to": MAIL})},
                    {"type": "function_call_output", "call_id": "c", "output": json.dumps({"id": ID, "who": NAME})},
                    {"role": "user", "content": f"{NAME}，{ID}"},
                ],
                "tools": [{"type": "function", "name": "f", "description": SENTENCE, "parameters": {}}],
                "text": {"format": {"type": "json_schema", "name": "n", "schema": {"description": SENTENCE}}},
            },
        ),
    ],
)
def test_no_other_surface_lets_a_value_out(
    path: str, body: dict[str, Any], gateway: RunningGateway, backend: ScriptedBackend
) -> None:
    answer = gateway.http.post(path, json={"model": MODEL, **body})
    assert answer.status_code == 200, answer.text
    assert len(backend.received) == 1
    assert_clean(backend.wire_bytes)


def test_headers_and_query_of_the_client_stay_here(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    headers = {"x-user": MAIL, "cookie": f"mail={MAIL}", "openai-organization": MAIL, "user-agent": MAIL}
    body = {"model": MODEL, "messages": [{"role": "user", "content": "hi"}]}
    assert gateway.http.post(f"/chat/completions?mail={MAIL}", json=body, headers=headers).status_code == 200
    assert_clean(backend.wire_bytes, MAIL)
    assert gateway.key.encode() not in backend.wire_bytes


def test_a_blocked_type_is_refused_and_nothing_is_sent(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    answer = gateway.chat("use AKIAIOSFODNN7EXAMPLE please")
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "entity_blocked"
    assert backend.received == []


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pair, Collector, Path]]:
    """A gateway of its own, whose spans go to a real OTLP receiver."""
    folder = tmp_path_factory.mktemp("observed")
    with collecting() as collector, backend_in_thread() as backend:
        environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_BSP_SCHEDULE_DELAY": "100"}
        with running_gateway(folder, policy_text(backend.url, tenant=TENANT), environ=environ) as gateway:
            yield Pair(gateway, backend), collector, folder


def test_nothing_raw_rests_in_record_log_span_or_file(
    observed: tuple[Pair, Collector, Path], caplog: pytest.LogCaptureFixture
) -> None:
    pair, collector, folder = observed
    gateway = pair.gateway
    caplog.set_level(logging.DEBUG)
    assert gateway.say(SENTENCE)
    assert gateway.chat(SENTENCE, stream=True).status_code == 200
    assert gateway.chat(f"AKIAIOSFODNN7EXAMPLE {SENTENCE}").status_code == 403
    assert gateway.http.post("/chat/completions", content=f'{{"model": "{MAIL}" {SENTENCE}').status_code == 400
    assert (
        gateway.http.post(
            "/chat/completions", json={"model": MAIL, "messages": [{"role": "user", "content": NAME}]}
        ).status_code
        == 404
    )
    assert gateway.http.post("/chat/completions", json={"model": MODEL, "messages": NAME, MAIL: MAIL}).status_code == 400
    assert len(gateway.records(6)) == 6
    for record in gateway.records():
        assert_clean(collector.wait_for(record.call_id.encode()))
    for file, raw in files_of(folder).items():
        if file.name != "policy.yaml":
            assert_clean(raw)
    for line in caplog.records:
        if not line.name.startswith(("httpx", "httpcore")):  # the test's own client
            assert_clean(line.getMessage().encode())
