"""Promise 5: what is no personal data reaches the model byte for byte, and what looks like a placeholder comes back as typed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.backend import ScriptedBackend
from tests.support.gateway import MODEL, RunningGateway

PLAIN_TEXTS = [
    "The quick brown fox jumps over the lazy dog.",
    "def add(a: int, b: int) -> int:\n\treturn a + b  # \\n \"quoted\" 'x'\r\n",
    "here is an emoji 👩‍👩‍👧 combining e\u0301 full-width １２ zero\u200bwidth rtl \u202eabc\u202c",
    "今天天气很好，我们去公园散步吧。",
    "<b>bold</b> &lt;tag&gt; [link](x) `code` $E=mc^2$ 100% ~5",
    "x" * 5_000,
    '{"a": 1.0, "b": [true, null], "c": "\\u00e9"}',
    "",
]
LITERALS = [
    "<PERSON_1>",
    "what does <EMAIL_ADDRESS_1> mean?",
    "PERSON_1 and ＜PERSON_2＞ and < person 3 >",
    "\\<PERSON\\_1\\> &lt;PERSON_1&gt;",
]


@pytest.mark.parametrize("text", PLAIN_TEXTS)
def test_plain_text_goes_and_comes_byte_for_byte(text: str, gateway: RunningGateway, backend: ScriptedBackend) -> None:
    assert gateway.say(text) == text
    assert backend.received[-1].json["messages"][0]["content"] == text


@pytest.mark.parametrize("literal", LITERALS)
def test_a_literal_placeholder_comes_back_as_typed(literal: str, gateway: RunningGateway, backend: ScriptedBackend) -> None:
    said = f"{literal} — by alice@corp-example.org and Alice Johnson, 张伟"
    assert gateway.say(said) == said
    sent = backend.received[-1].json["messages"][0]["content"]
    assert sent.startswith(literal)
    assert "alice@corp-example.org" not in sent


def test_text_around_a_finding_stays_as_it_is(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    gateway.say("\t «alice@corp-example.org»\u00a0\r\n👍\u200b ")
    assert backend.received[-1].json["messages"][0]["content"] == "\t «<EMAIL_ADDRESS_1>»\u00a0\r\n👍\u200b "


def test_every_field_is_passed_on(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    body: dict[str, Any] = {
        "model": MODEL,
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "What is the weather like?", "cache_control": {"type": "ephemeral"}}]},
            {"role": "assistant", "content": None, "tool_calls": [{"id": "call_0", "type": "function", "function": {"name": "get_weather", "arguments": '{ "unit":"C" , "x": 1.50 }'}}]},
            {"role": "tool", "tool_call_id": "call_0", "content": '{"degrees": 21}'},
        ],
        "tools": [{"type": "function", "function": {"name": "get_weather", "description": "Says the weather", "parameters": {"type": "object", "properties": {"unit": {"type": "string", "enum": ["C", "F"]}}, "required": ["unit"], "additionalProperties": False}, "strict": True}}],
        "tool_choice": "auto", "parallel_tool_calls": False, "n": 2, "seed": 1234567890123, "stop": ["\n\n", "END"],
        "temperature": 0.1, "top_p": 1, "logit_bias": {"50256": -100}, "logprobs": True, "top_logprobs": 3,
        "max_completion_tokens": 17, "response_format": {"type": "json_schema", "json_schema": {"name": "w", "schema": {"type": "object"}}},
        "metadata": {"trace": "abc"}, "prediction": {"type": "content", "content": "sunny"}, "reasoning_effort": "low",
        "service_tier": "auto", "store": False, "stream_options": None, "chat_template_kwargs": {"enable_thinking": False},
        "x_unknown": [None, True, 0, -1.5, {"deep": ["ok"]}], "guided_regex": "[0-9]+",
    }  # fmt: skip
    assert gateway.http.post("/chat/completions", json=body).status_code == 200
    assert backend.received[-1].json == body
    assert json.loads(backend.received[-1].body) == body


def test_the_same_value_is_the_same_placeholder_wherever_it_stands(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    mail = "alice@corp-example.org"
    body = {
        "model": MODEL,
        "user": mail,
        "messages": [
            {"role": "system", "content": f"Bob is bob@corp-example.org, Alice {mail}"},
            {"role": "user", "content": mail},
        ],
    }
    gateway.http.post("/chat/completions", json=body)
    sent = backend.received[-1].json
    assert sent["user"] == sent["messages"][1]["content"] == "<EMAIL_ADDRESS_2>"
    assert sent["messages"][0]["content"].endswith("<EMAIL_ADDRESS_2>")


def test_numbering_is_stable_over_the_turns_of_a_chat(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    turns: list[dict[str, str]] = []
    for said in ("I am alice@corp-example.org", "write to bob@corp-example.org", "and carol@corp-example.org"):
        turns.append({"role": "user", "content": said})
        answer = gateway.http.post(
            "/chat/completions", json={"model": MODEL, "messages": turns, "user": "zoe@corp-example.org"}
        )
        turns.append(answer.json()["choices"][0]["message"])
    sent = [message["content"] for message in backend.received[-1].json["messages"]]
    assert sent[0] == sent[1] == "I am <EMAIL_ADDRESS_1>"
    assert sent[2] == sent[3] == "write to <EMAIL_ADDRESS_2>"
    assert sent[4] == "and <EMAIL_ADDRESS_3>"
