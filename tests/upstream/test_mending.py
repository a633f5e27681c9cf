"""Answers as servers write them, put together as OpenAI's clients do."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.protocol.wire import JsonObject, Surface
from gateway.upstream.mending import mend_of
from gateway.upstream.servers import SERVERS, Preset
from tests.support import server_shapes as shapes


def mended(preset: Preset, events: list[JsonObject], surface: Surface = Surface.CHAT) -> list[JsonObject]:
    mend = mend_of(SERVERS[preset], surface, stream=True)
    for event in events:
        if mend is not None:
            mend(event)
    return events


def put_together(events: list[JsonObject]) -> list[dict[str, Any]]:
    """The calls as the OpenAI SDK accumulates them: by index, every text of every piece added up."""
    calls: dict[int, dict[str, Any]] = {}
    for event in events:
        for piece in event["choices"][0]["delta"].get("tool_calls") or ():
            call = calls.setdefault(piece["index"], {"id": "", "name": "", "arguments": ""})
            call["id"] += piece.get("id") or ""
            for name, text in piece["function"].items():
                call[name] += text or ""
    return [calls[index] for index in sorted(calls)]


BERN = {"id": "call_1", "name": "f", "arguments": '{"city": "Bern"}'}


@pytest.mark.parametrize(
    ("preset", "events", "ids"),
    [
        (Preset.TGI, shapes.tgi_3_calls, ["0"]),
        (Preset.XINFERENCE, shapes.xinference_calls, ["call_1"]),
        (Preset.LOCALAI, shapes.localai_calls, ["call_1"]),
        (Preset.SGLANG, shapes.sglang_calls, ["call_1"]),
        (Preset.OLLAMA, shapes.ollama_calls, ["call_Bern", "call_Rome"]),
        (Preset.OLLAMA, shapes.old_ollama_calls, ["call_Bern", "call_Rome"]),
    ],
)
def test_calls_of_tools(preset: Preset, events: Callable[[], list[JsonObject]], ids: list[str]) -> None:
    said = mended(preset, events())
    calls = put_together(said)
    cities = ["Bern", "Rome"][: len(ids)]
    assert calls == [{**BERN, "id": id_, "arguments": f'{{"city": "{city}"}}'} for id_, city in zip(ids, cities, strict=True)]
    assert said[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_a_call_without_an_id_gets_one() -> None:
    said = mended(Preset.TGI, shapes.tgi_2_calls())
    (call,) = put_together(said)
    assert call["id"].startswith("call_")
    assert call["arguments"] == '{"city": "Bern"}'
    assert said[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_an_id_that_is_no_text_is_no_id() -> None:
    (event,) = mended(Preset.OLLAMA, [shapes.chunk({"tool_calls": [shapes.call("{}", name="f", id={"a": 1})]})])
    assert put_together([event])[0]["id"].startswith("call_")


def test_arguments_are_text() -> None:
    """llama.cpp's issue 20198 and TGI's 2136."""
    message: JsonObject = {"role": "assistant", "tool_calls": [shapes.call({"city": "Bern"}, name="f", id="")]}
    answer: JsonObject = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    mend = mend_of(SERVERS[Preset.TGI], Surface.CHAT, stream=False)
    assert mend is not None
    mend(answer)
    (call,) = message["tool_calls"]
    assert call["function"]["arguments"] == '{"city":"Bern"}'
    assert call["id"].startswith("call_")
    assert answer["choices"][0]["finish_reason"] == "tool_calls"


def test_only_tgi_ends_calls_with_stop() -> None:
    """A client that forces a function is told `stop` by OpenAI too."""
    events = [shapes.chunk({"tool_calls": [shapes.call("{}", name="f", id="call_1", index=0)]}), shapes.chunk({}, "stop")]
    assert mended(Preset.LLAMA_CPP, copy.deepcopy(events))[-1]["choices"][0]["finish_reason"] == "stop"
    assert mended(Preset.TGI, events)[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_a_text_that_goes_on_has_no_finish_reason() -> None:
    said = mended(Preset.TGI, shapes.tgi_text(["he", "llo"]), Surface.COMPLETIONS)
    assert [event["choices"][0]["finish_reason"] for event in said] == [None, None, "eos_token"]


def test_counts_below_zero_are_no_counts() -> None:
    mend = mend_of(SERVERS[Preset.XINFERENCE], Surface.CHAT, stream=False)
    assert mend is not None
    answer: JsonObject = {"choices": [], "usage": {"prompt_tokens": -1, "completion_tokens": -1, "total_tokens": -1}}
    mend(answer)
    assert answer["usage"] is None
    counted: JsonObject = {"choices": [], "usage": dict(shapes.USAGE)}
    mend(counted)
    assert counted["usage"] == shapes.USAGE


@pytest.mark.parametrize(
    ("preset", "surface"),
    [(preset, surface) for preset in (Preset.OPENAI, Preset.SGLANG) for surface in Surface]
    + [(Preset.VLLM, surface) for surface in Surface if surface is not Surface.RESPONSES],
)
def test_nothing_is_looked_at_where_nothing_is_mended(preset: Preset, surface: Surface) -> None:
    assert mend_of(SERVERS[preset], surface, stream=True) is None
    assert mend_of(SERVERS[preset], surface, stream=False) is None


@pytest.mark.parametrize("preset", Preset)
def test_what_is_right_already_stays_as_it_is(preset: Preset) -> None:
    events = [
        shapes.chunk({"role": "assistant", "content": "so"}),
        shapes.chunk({"reasoning_content": "hm"}),
        shapes.chunk({"tool_calls": [shapes.call("", name="f", index=0, id="call_1")]}),
        shapes.chunk({"tool_calls": [{"index": 0, "function": {"arguments": '{"city": '}}]}),
        shapes.chunk({"tool_calls": [shapes.call("", name="g", index=1, id="call_2")]}),
        shapes.chunk({"tool_calls": [{"index": 1, "function": {"arguments": "{}"}}]}),
        shapes.chunk({"tool_calls": [{"index": 0, "function": {"arguments": '"Bern"}'}}]}),
        shapes.chunk({}, "tool_calls"),
        shapes.usage_chunk(),
    ]
    assert mended(preset, copy.deepcopy(events)) == events


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["choices", "delta", "message", "tool_calls", "function", "id", "index", "name", "arguments", "finish_reason", "usage", "type",
         "input_tokens_details"]
    ), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(
    events=st.lists(st.dictionaries(st.sampled_from(["choices", "usage", "response", "type"]), JSON, max_size=2), max_size=4)
)
def test_any_answer_is_survived(events: list[JsonObject]) -> None:
    for preset in Preset:
        for surface in Surface:
            mended(preset, copy.deepcopy(events), surface)
            whole = mend_of(SERVERS[preset], surface, stream=False)
            if whole is not None and events:
                whole(copy.deepcopy(events[0]))


def test_events_of_a_response_say_where_they_belong() -> None:
    item = {"type": "message", "id": "msg_1", "content": []}
    call = {"type": "function_call", "call_id": "fc_2", "name": "f"}
    said = mended(
        Preset.LLAMA_CPP,
        [
            {"type": "response.created", "response": {"id": "resp_1"}},
            {"type": "response.output_item.added", "item": item},
            {"type": "response.content_part.added", "item_id": "msg_1", "part": {}},
            {"type": "response.output_text.delta", "item_id": "msg_1", "delta": "so"},
            {"type": "response.content_part.added", "item_id": "msg_1", "part": {}},
            {"type": "response.output_text.delta", "item_id": "msg_1", "delta": "it is", "content_index": 7},
            {"type": "response.output_item.added", "item": call},
            {"type": "response.function_call_arguments.delta", "item_id": "fc_2", "delta": "{}"},
            {"type": "response.output_item.added", "item": {**call, "call_id": "fc_3"}, "output_index": 5},
            {"type": "response.function_call_arguments.delta", "item_id": "fc_3", "delta": "{}"},
            {"type": "response.completed", "response": {"id": "resp_1", "output": [item]}},
        ],
        Surface.RESPONSES,
    )
    assert [event["sequence_number"] for event in said] == list(range(11))
    assert [event.get("output_index") for event in said] == [None, 0, 0, 0, 0, 0, 1, 1, 5, 5, None]
    assert [event.get("content_index") for event in said] == [None, None, 0, 0, 1, 7, None, None, None, None, None]
    assert (said[0]["response"]["output"], said[-1]["response"]["output"]) == ([], [item])
    assert said[3]["logprobs"] == []


def test_a_part_of_reasoning_begins_and_ends_as_every_part() -> None:
    """vLLM has events of its own for it, at which the npm SDK throws."""
    said = mended(Preset.VLLM, shapes.vllm_reasoning(), Surface.RESPONSES)
    sent = shapes.vllm_reasoning()
    kinds = [event["type"] for event in said]
    assert kinds[:2] == ["response.output_item.added", "response.content_part.added"]
    assert kinds[-2:] == ["response.content_part.done", "response.completed"]
    assert [{**event, "type": None} for event in said[:-1]] == [{**event, "type": None} for event in sent[:-1]]


@pytest.mark.parametrize("stream", [False, True])
def test_counts_by_turn_are_no_counts(stream: bool) -> None:
    """OpenAI's details are numbers, which clients check."""
    last = shapes.vllm_reasoning()[-1]
    answer = last if stream else last["response"]
    mend = mend_of(SERVERS[Preset.VLLM], Surface.RESPONSES, stream=stream)
    assert mend is not None
    mend(answer)
    assert last["response"]["usage"] == {
        "input_tokens": 7,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 3,
        "output_tokens_details": {"reasoning_tokens": 2, "tool_output_tokens": 0},
        "total_tokens": 10,
    }
