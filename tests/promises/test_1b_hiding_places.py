"""Promise 1, in the corners: escapes, numbers, tool arguments that are no JSON, and bytes dressed up as text."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

import pytest

from tests.support.backend import ScriptedBackend
from tests.support.gateway import MODEL, RunningGateway

VALUES = {
    "phone": "13812345678",
    "card": "4111111111111111",
    "id": "11010519491231002X",
    "ip": "84.17.45.201",
    "mail": "alice.johnson@corp-example.org",
}
ESCAPES = ["\\n", "\\r", "\\t", "\\b", "\\f", "\\/", '\\"']


def quoted(escape: str, value: str, depth: int) -> str:
    """A value between two escapes, with the backslashes that `depth` more layers of JSON strings give them."""
    for _ in range(depth):
        escape = json.dumps(escape)[1:-1]
    return f"call{escape}{value}{escape}and then"


@pytest.mark.parametrize("depth", [0, 1, 2, 3, 4, 5, 9])
def test_escapes_hide_no_value(depth: int, gateway: RunningGateway, backend: ScriptedBackend) -> None:
    texts = [quoted(escape, value, depth) for escape in ESCAPES for value in VALUES.values()]
    answer = gateway.chat("", messages=[{"role": "user", "content": text} for text in texts])
    assert answer.status_code == 200, answer.text
    sent = [message["content"] for message in backend.received[-1].json["messages"]]
    assert [text for text in sent if any(value in text for value in VALUES.values())] == []


@pytest.mark.parametrize(
    "content",
    [
        json.dumps("call back\n13812345678\n4111111111111111\tand\n11010519491231002X"),
        '{"n":"call\\n13812345678"}\n{"n":"\\t84.17.45.201\\nalice.johnson@corp-example.org"}',
        json.dumps({"raw": json.dumps({"note": "line\n13812345678\n4111111111111111"})}),
        'print("Zhang\\n13812345678")',
    ],
)
def test_quoted_text_hides_no_value(content: str, gateway: RunningGateway, backend: ScriptedBackend) -> None:
    assert gateway.chat("", messages=[{"role": "tool", "tool_call_id": "c", "content": content}]).status_code == 200
    for value in VALUES.values():
        assert value.encode() not in backend.wire_bytes


def test_backslashes_that_escape_nothing_stay(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    text = r"see C:\new\tables\report.txt and \frac{1}{2} or a\/b, then \\host\share"
    assert gateway.say(text) == text
    assert backend.received[-1].json["messages"][0]["content"] == text


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        ("4111 1111 1111 1111", "1111"),
        ("84.17.45.201", "84.17"),
        ("138-1234-5678", "1234-5678"),
        ('{"phone": 138-1234-5678}', "1234-5678"),
        ('{"card": 4111 1111 1111 1111}', "1111"),
        ('{"phone": 13812345678}', "13812345678"),
        ('{"phone": 13812345678.0}', "13812345678"),
        ('{"phone": 1.3812345678e10}', "3812345678"),
        ("my name is Ernest Hemingway", "Ernest"),
    ],
)
def test_arguments_are_read_whatever_they_are(
    arguments: str, value: str, gateway: RunningGateway, backend: ScriptedBackend
) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": arguments}}
    answer = gateway.chat("", messages=[{"role": "assistant", "content": None, "tool_calls": [call]}])
    assert answer.status_code == 200, answer.text
    assert value not in backend.received[-1].json["messages"][0]["tool_calls"][0]["function"]["arguments"]


@pytest.mark.parametrize("number", ["13812345678", "13812345678.0", "1.3812345678e10", "4111111111111111.0"])
@pytest.mark.parametrize("place", ['"metadata": {"phone": NUMBER}', '"seed": NUMBER', '"max_tokens": NUMBER'])
def test_no_number_is_a_hiding_place(number: str, place: str, gateway: RunningGateway, backend: ScriptedBackend) -> None:
    body = f'{{"model": "{MODEL}", "messages": [{{"role": "user", "content": "hi"}}], {place.replace("NUMBER", number)}}}'
    assert gateway.http.post("/chat/completions", content=body).status_code == 200
    for digits in (b"3812345678", b"111111111"):
        assert digits not in backend.received[-1].body


def test_settings_stay_numbers(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    body: dict[str, Any] = {
        "model": MODEL,
        "messages": [{"role": "user", "content": "Please fetch my medical record number and my phone number."}],
        "logit_bias": {"50256": -100, "13800": 1},
        "max_tokens": 4_096,
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "fetch",
                    "parameters": {"properties": {"mrn": {"type": "integer", "minimum": 10_000_000, "maximum": 99_999_999}}},
                },
            }
        ],
    }
    assert gateway.http.post("/chat/completions", json=body).status_code == 200
    assert backend.received[-1].json["tools"] == body["tools"]
    assert backend.received[-1].json["logit_bias"] == body["logit_bias"]


BYTES = base64.b64encode(random.Random(7).randbytes(1_200)).decode()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/chat/completions", {"messages": [{"role": "user", "content": "look", "images": ["iVBORw0KGgo"]}]}),
        ("/chat/completions", {"messages": [{"role": "user", "content": f"look ![x](data:image/png;base64,{BYTES[:80]})"}]}),
        ("/chat/completions", {"messages": [{"role": "user", "content": " data:image/png;base64,iVBORw0KGgo\n"}]}),
        ("/chat/completions", {"messages": [{"role": "user", "content": f"decode {BYTES} for me"}]}),
        ("/chat/completions", {"messages": [{"role": "user", "content": "x"}], "input_ids": [1, 2, 3]}),
        ("/completions", {"prompt": "x", "prompt_token_ids": [9906, 11]}),
        ("/completions", {"prompt": "x", "prompt_embeds": "AAAAAAAA"}),
        ("/responses", {"input": [{"type": "image_generation_call", "id": "ig_1", "result": "iVBORw0KGgo"}]}),
    ],
)
def test_bytes_are_refused_wherever_they_stand(
    path: str, body: dict[str, Any], gateway: RunningGateway, backend: ScriptedBackend
) -> None:
    answer = gateway.http.post(path, json={"model": MODEL, **body})
    assert answer.json()["error"]["code"] == "uninspectable_content"
    assert backend.received == []
