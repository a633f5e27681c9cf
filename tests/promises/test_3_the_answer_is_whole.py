"""Promise 3: the client gets what it would have got had the model seen the originals, however the stream is cut."""

from __future__ import annotations

import json
from typing import Any

import httpx
import orjson
import pytest

from tests.support.backend import ScriptedBackend
from tests.support.gateway import MODEL, RunningGateway
from tests.support.script import Request, Script, deltas, plain, text, tool_calls
from tests.support.shapes import ToolCall

SAID = "I am Alice Johnson (alice@corp-example.org). 我叫张伟，手机13812345678。"


def events(answer: httpx.Response) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def streamed(answer: httpx.Response, choice: int = 0) -> str:
    """The text of one choice of a chat stream."""
    chunks = [c for event in events(answer) for c in event["choices"] if c["index"] == choice]
    return "".join(chunk["delta"].get("content") or "" for chunk in chunks)


def test_cut_after_every_byte(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    backend.reply_with(lambda request: text(request, request.json["messages"][-1]["content"]).cut_every(1))
    answer = gateway.chat(SAID, stream=True)
    assert streamed(answer) == SAID
    assert answer.text.endswith("data: [DONE]\n\n")


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 200])
def test_cut_into_deltas_of_every_size(size: int, gateway: RunningGateway, backend: ScriptedBackend) -> None:
    backend.reply_with(lambda request: text(request, request.json["messages"][-1]["content"], size=size))
    assert streamed(gateway.chat(SAID, stream=True)) == SAID


def test_at_every_single_cut_of_the_bytes(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    """One delta holds the whole text; the wire is cut once, at each offset in turn: inside UTF-8, JSON and CRLF."""
    said = "张伟 <alice@corp-example.org>"
    template: list[Script] = []

    def script(request: Request) -> Script:
        template.append(text(request, request.json["messages"][-1]["content"], size=999))
        return template[0]

    backend.reply_with(script)
    assert streamed(gateway.chat(said, stream=True)) == said
    whole = template[0]
    for offset in range(1, len(whole.body), 7):
        backend.reply_with(whole.cut_at(offset))
        assert streamed(gateway.chat(said, stream=True)) == said


def test_every_choice_is_restored_by_itself(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    backend.reply_with(lambda r: text(r, *(f"{n}: {r.json['messages'][-1]['content']}" for n in range(3)), size=3))
    answer = gateway.chat(SAID, stream=True, n=3)
    assert [streamed(answer, n) for n in range(3)] == [f"{n}: {SAID}" for n in range(3)]
    whole = gateway.chat(SAID, n=3).json()["choices"]
    assert [choice["message"]["content"] for choice in whole] == [f"{n}: {SAID}" for n in range(3)]


def calls_of(request: Request) -> tuple[ToolCall, ...]:
    """Two calls whose arguments hold what the gateway put in place of mail and name, as a model's JSON writer does it."""
    said = request.json["messages"][-1]["content"]
    return (
        ToolCall("send", json.dumps({"to": said, "n": 1})),
        ToolCall("note", json.dumps({"text": said}).replace("<", "\\u003c").replace(">", "\\u003e")),
    )


@pytest.mark.parametrize("size", [1, 4, 50])
def test_arguments_of_tool_calls_stay_json(size: int, gateway: RunningGateway, backend: ScriptedBackend) -> None:
    backend.reply_with(lambda request: tool_calls(request, *calls_of(request), size=size))
    said = 'Mail alice@corp-example.org the "note" for 张伟\\!'
    arguments = ["", ""]
    for event in events(gateway.chat(said, stream=True)):
        for choice in event["choices"]:
            for call in choice["delta"].get("tool_calls", []):
                arguments[call["index"]] += call["function"].get("arguments", "")
    assert [json.loads(a) for a in arguments] == [{"to": said, "n": 1}, {"text": said}]
    whole = gateway.chat(said).json()["choices"][0]["message"]["tool_calls"]
    assert [json.loads(call["function"]["arguments"]) for call in whole] == [{"to": said, "n": 1}, {"text": said}]


def test_json_answers_stay_json(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    """The value has a quotation mark: put back as it is, it would end the JSON string."""
    backend.reply_with(lambda r: text(r, json.dumps({"name": r.json["messages"][-1]["content"]}), size=2))
    said = 'the key is password: "hunter2\\\\x" for alice@corp-example.org, 张伟'.replace("password", "passenger")
    wanted = {"response_format": {"type": "json_object"}}
    assert json.loads(gateway.say(said, **wanted)) == {"name": said}
    assert json.loads(streamed(gateway.chat(said, stream=True, **wanted))) == {"name": said}


@pytest.mark.parametrize(
    "spelling",
    ["{0}", "**{0}**", "`{0}`", "{1}", "< {1} >", "＜{1}＞", "《{1}》", "\\<{2}\\>", "&lt;{1}&gt;", "<{3}>", "<{1}"],
)
def test_what_models_make_of_placeholders(spelling: str, gateway: RunningGateway, backend: ScriptedBackend) -> None:
    def script(request: Request) -> Script:
        name = request.json["messages"][-1]["content"].split()[-1]
        bare = name.strip("<>")
        said = spelling.format(name, bare, bare.replace("_", "\\_"), bare.lower().replace("_", " "))
        return text(request, f"Dear {said}, hello", size=1)

    backend.reply_with(script)
    mail = "alice@corp-example.org"
    expected = spelling.replace("{0}", mail) if "*" in spelling or "`" in spelling else mail
    assert streamed(gateway.chat(f"Write to {mail}", stream=True)) == f"Dear {expected}, hello"


def test_usage_finish_reasons_and_unknown_fields_come_through(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    chunk = {"id": "c1", "object": "chat.completion.chunk", "created": 7, "model": "m", "x_vendor": {"a": [1, "b"]}}
    logprobs = {"content": [{"token": "hi", "logprob": -0.5, "bytes": [104, 105], "top_logprobs": []}]}
    sent = [
        {
            **chunk,
            "choices": [
                {"index": 0, "delta": {"role": "assistant", "content": "hi"}, "logprobs": logprobs, "finish_reason": None}
            ],
        },
        {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]},
        {**chunk, "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}},
    ]
    backend.reply_with(deltas(sent))
    assert events(gateway.chat("hi", stream=True)) == sent
    answer = {
        "id": "c1",
        "object": "chat.completion",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
        "usage": {"total_tokens": 4},
        "x": [None, 1.5, True],
    }
    backend.reply_with(plain(answer))
    assert gateway.chat("hi").json() == answer


def test_what_is_held_back_comes_before_the_finish(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    """`PERSON_1` at the very end could still have become `PERSON_12`."""

    def script(request: Request) -> Script:
        bare = request.json["messages"][-1]["content"].split()[-1].strip("<>")
        return text(request, f"Dear {bare}", size=4)

    backend.reply_with(script)
    answer = gateway.chat("Write to alice@corp-example.org", stream=True)
    assert streamed(answer) == "Dear alice@corp-example.org"
    finished = [bool(choice["finish_reason"]) for event in events(answer) for choice in event["choices"]]
    assert finished == [False] * (len(finished) - 1) + [True]


def test_the_stream_is_not_buffered(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    """The backend stops in the middle and stalls: what came before has reached the client."""
    backend.reply_with(lambda r: text(r, "one two three four", size=4).stalled_after(700))
    body = {"model": MODEL, "stream": True, "messages": [{"role": "user", "content": "hi"}]}
    with gateway.http.stream("POST", "/chat/completions", json=body) as answer:
        first = next(line for line in answer.iter_lines() if '"content":"one ' in line)
    assert "one " in first


def test_completions_are_restored(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    backend.reply_with(lambda request: text(request, request.json["prompt"], size=3))
    assert gateway.http.post("/completions", json={"model": MODEL, "prompt": SAID}).json()["choices"][0]["text"] == SAID
    answer = gateway.http.post("/completions", json={"model": MODEL, "prompt": SAID, "stream": True})
    assert "".join(choice["text"] for event in events(answer) for choice in event["choices"]) == SAID


def test_responses_are_restored_in_every_event(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    backend.reply_with(lambda request: text(request, request.json["input"], size=3))
    whole = gateway.http.post("/responses", json={"model": MODEL, "input": SAID}).json()
    assert whole["output"][0]["content"][0]["text"] == SAID
    answer = gateway.http.post("/responses", json={"model": MODEL, "input": SAID, "stream": True})
    seen = events(answer)
    assert "".join(e["delta"] for e in seen if e["type"] == "response.output_text.delta") == SAID
    assert next(e for e in seen if e["type"] == "response.output_text.done")["text"] == SAID
    assert seen[-1]["response"]["output"][0]["content"][0]["text"] == SAID
    numbers = [e["sequence_number"] for e in seen if "sequence_number" in e]
    assert numbers == sorted(set(numbers))
    named = [line.removeprefix("event: ") for line in answer.text.splitlines() if line.startswith("event: ")]
    assert named == [e["type"] for e in seen]


def test_an_error_of_the_backend_speaks_of_the_callers_own_values(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    backend.reply_with(
        lambda r: plain(
            {
                "error": {
                    "message": f"bad: {r.json['messages'][-1]['content']}",
                    "type": "invalid_request_error",
                    "param": None,
                    "code": "x",
                }
            },
            400,
        )
    )
    answer = gateway.chat("alice@corp-example.org")
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "bad: alice@corp-example.org"


def test_who_may_not_restore_sees_placeholders(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    headers = {"authorization": f"Bearer {gateway.issue('analyst')}"}
    body = {"model": MODEL, "messages": [{"role": "user", "content": "I am alice@corp-example.org"}]}
    answer = gateway.http.post("/chat/completions", json=body, headers=headers)
    assert orjson.loads(answer.content)["choices"][0]["message"]["content"] == "I am <EMAIL_ADDRESS_1>"
    streaming = gateway.http.post("/chat/completions", json={**body, "stream": True}, headers=headers)
    assert streamed(streaming) == "I am <EMAIL_ADDRESS_1>"
