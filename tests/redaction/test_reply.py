from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import aclosing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import UpstreamTruncated
from gateway.exchange import Body
from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.protocol.wire import Surface
from gateway.redaction.operators import Pseudonyms
from gateway.redaction.placeholders import PlaceholderMint
from gateway.redaction.redactor import Redactor
from gateway.redaction.reply import ReplyRewriter
from gateway.redaction.reply_rules import ReplyRules
from tests.redaction.conftest import KnownValues

KEY = b"k" * 32
NAME = 'Ann "Lee"'


def rules(
    surface: Surface = Surface.CHAT,
    reply: str = "keep",
    *,
    restore: bool = True,
    json_content: bool = False,
    keeps_spoken: bool = False,
) -> ReplyRules:
    mint = PlaceholderMint(frozenset())
    mint.mint("PERSON", NAME)
    kept = EntityRules(OperatorKind.PLACEHOLDER)
    return ReplyRules(
        surface=surface,
        tenant="t",
        obligations=Obligations(request=kept, reply=EntityRules(OperatorKind(reply)), restore=restore),
        pseudonyms=Pseudonyms(mint),
        json_content=json_content,
        keeps_spoken=keeps_spoken,
    )


async def body(deltas: Iterable[dict[str, Any]], error: Exception | None = None) -> Body:
    for delta in deltas:
        yield delta
    if error:
        raise error


async def rewritten(deltas: Iterable[dict[str, Any]], how: ReplyRules, *, streaming: bool = True) -> list[dict[str, Any]]:
    rewriter = ReplyRewriter(Redactor(KnownValues({"Bob": "PERSON"}), KEY), how)
    async with aclosing(rewriter.rewritten(body(deltas), streaming=streaming)) as out:
        return [delta async for delta in out]


def chunk(text: str | None = None, *, finish: str | None = None, index: int = 0, **delta: Any) -> dict[str, Any]:
    content = {} if text is None else {"content": text}
    return {"id": "c", "choices": [{"index": index, "delta": {**content, **delta}, "finish_reason": finish}]}


def call(arguments: str, index: int = 0) -> dict[str, Any]:
    return chunk(tool_calls=[{"index": index, "function": {"arguments": arguments}}])


def texts(deltas: list[dict[str, Any]], index: int = 0) -> str:
    return "".join(c["delta"].get("content") or "" for d in deltas for c in d["choices"] if c["index"] == index)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 60), max_size=8))
async def test_every_cut_of_a_chat_stream_is_restored(cuts: list[int]) -> None:
    said = "Dear <PERSON_1>, **<PERSON_1>** ends with PERSON_1"
    edges = sorted({0, len(said), *(cut for cut in cuts if cut < len(said))})
    pieces = [chunk(said[a:b]) for a, b in zip(edges, edges[1:], strict=False)]
    out = await rewritten([*pieces, chunk(finish="stop")], rules())
    assert texts(out) == f"Dear {NAME}, **{NAME}** ends with {NAME}"
    assert out[-1]["choices"][0]["finish_reason"] == "stop"


async def test_what_is_held_back_goes_into_the_chunk_that_finishes_if_it_has_text() -> None:
    out = await rewritten([chunk("Hi PERSON_1", finish="stop")], rules())
    assert out == [chunk(f"Hi {NAME}", finish="stop")]


async def test_a_stream_without_a_finish_is_flushed_at_its_end() -> None:
    assert texts(await rewritten([chunk("Hi PERSON"), chunk("_1")], rules())) == f"Hi {NAME}"


@pytest.mark.parametrize("last", [[], [chunk(finish="stop")]])
async def test_what_is_held_back_comes_in_a_delta_like_those_before_it(last: list[dict[str, Any]]) -> None:
    said = {**chunk("Hi PERSON_1"), "id": "c <PERSON_1>", "model": "<PERSON_1>"}
    out = await rewritten([said, *last], rules())
    assert texts(out) == f"Hi {NAME}"
    first, rest = out[:2]
    assert (first["id"], first["model"]) == (rest["id"], rest["model"]) == (f"c {NAME}", NAME)


async def test_what_is_held_back_of_a_field_that_is_named_by_a_value() -> None:
    odd = {"choices": [{"index": 0, "delta": {"<PERSON_1>": "Hi PERSON_1"}, "finish_reason": None}]}
    out = await rewritten([odd, chunk(finish="stop")], rules())
    said = [value for one in out for key, value in one["choices"][0]["delta"].items() if "PERSON_1" in key or NAME in key]
    assert "".join(said) == f"Hi {NAME}"


async def test_choices_and_tool_calls_do_not_mix() -> None:
    deltas = [chunk("<PER", index=0), chunk("<PERSON", index=1), chunk("SON_1>", index=0), chunk("_1>", index=1)]
    out = await rewritten(deltas, rules())
    assert (texts(out, 0), texts(out, 1)) == (NAME, NAME)
    calls = [
        call('{"a": "<PER', 0),
        call('{"b": "<', 1),
        call('SON_1>"}', 0),
        call('PERSON_1>"}', 1),
        chunk(finish="tool_calls"),
    ]
    arguments = ["", ""]
    for delta in await rewritten(calls, rules()):
        for one in delta["choices"][0]["delta"].get("tool_calls", []):
            arguments[one["index"]] += one["function"]["arguments"]
    assert [json.loads(a) for a in arguments] == [{"a": NAME}, {"b": NAME}]


@pytest.mark.parametrize("field", ["reasoning_content", "refusal", "x_vendor_thoughts"])
async def test_every_streamed_field_is_a_channel(field: str) -> None:
    pieces: list[dict[str, Any]] = [{field: "<PERS"}, {field: "ON_1>"}]
    out = await rewritten([*(chunk(**piece) for piece in pieces), chunk(finish="stop")], rules())
    assert "".join(d["choices"][0]["delta"].get(field, "") for d in out) == NAME


async def test_json_answers_are_escaped() -> None:
    out = await rewritten([chunk('{"n": "<PERSON'), chunk('_1>"}')], rules(json_content=True))
    assert json.loads(texts(out)) == {"n": NAME}


async def test_arguments_that_are_no_text_are_not_escaped() -> None:
    """Some servers send an object: its strings are what they are."""
    message = {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": {"a": ["<PERSON_1>"]}}}]}
    (out,) = await rewritten([{"choices": [{"index": 0, "message": message}]}], rules(), streaming=False)
    assert out["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"] == {"a": [NAME]}
    events = [chunk(tool_calls=[{"index": 0, "function": {"name": "f", "arguments": {"a": "<PERSON_1>"}}}]), chunk(content=".")]
    streamed = await rewritten(events, rules())
    told = "".join(
        d["choices"][0]["delta"].get("tool_calls", [{}])[0].get("function", {}).get("arguments", {}).get("a", "")
        for d in streamed
    )
    assert told == NAME


async def test_json_in_the_json_of_arguments_stays_json() -> None:
    pieces = ['{"body": "{\\"to\\": \\"<PERS', 'ON_1>\\", \\"n\\": 1}"', "}"]
    assert json.loads(json.loads("".join(pieces).replace("<PERSON_1>", "x"))["body"]) == {"to": "x", "n": 1}
    out = await rewritten([call(piece) for piece in pieces], rules())
    told = "".join(one["function"]["arguments"] for d in out for one in d["choices"][0]["delta"].get("tool_calls", []))
    assert json.loads(json.loads(told)["body"]) == {"to": NAME, "n": 1}


async def test_a_plain_answer_is_restored_in_every_field() -> None:
    message = {
        "role": "assistant",
        "content": "<PERSON_1>",
        "tool_calls": [{"function": {"name": "f", "arguments": '{"a": "<PERSON_1>"}'}}],
    }
    (out,) = await rewritten(
        [{"choices": [{"index": 0, "message": message}], "usage": {"total_tokens": 3}}], rules(), streaming=False
    )
    assert out["choices"][0]["message"]["content"] == NAME
    assert json.loads(out["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"]) == {"a": NAME}
    assert out["usage"] == {"total_tokens": 3}


async def test_embeddings_pass_untouched_and_refusals_are_restored() -> None:
    refusal = {"error": {"message": "<PERSON_1> is too long"}}
    [out] = await rewritten([refusal], rules(Surface.EMBEDDINGS), streaming=False)
    assert out["error"]["message"] == f"{NAME} is too long"
    answer = {"data": [{"embedding": "<PERSON_1>"}]}
    assert (await rewritten([answer], rules(Surface.EMBEDDINGS), streaming=False))[0] is answer


async def test_without_the_right_nothing_is_restored() -> None:
    assert texts(await rewritten([chunk("Dear <PERSON_1>")], rules(restore=False))) == "Dear <PERSON_1>"


async def test_what_arrived_before_a_fault_is_delivered() -> None:
    rewriter = ReplyRewriter(Redactor(KnownValues({"Bob": "PERSON"}), KEY), rules())
    seen: list[dict[str, Any]] = []

    async def collect() -> None:
        broken = body([chunk("Hi <PERSON_1")], UpstreamTruncated("cut"))
        async with aclosing(rewriter.rewritten(broken, streaming=True)) as out:
            async for delta in out:
                seen.append(delta)

    with pytest.raises(UpstreamTruncated):
        await collect()
    assert texts(seen) == f"Hi {NAME}"


def event(kind: str, number: int, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "sequence_number": number, **fields}


async def test_responses_events_are_restored_and_numbered_anew() -> None:
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    events = [
        event("response.output_text.delta", 0, delta="Hi PERSON", **place),
        event("response.output_text.delta", 1, delta="_1", **place),
        event("response.output_text.done", 2, text="Hi PERSON_1", **place),
        event("response.function_call_arguments.delta", 3, delta='{"a":"<PERSON', item_id="fc_1", output_index=1),
        event("response.function_call_arguments.delta", 4, delta='_1>"}', item_id="fc_1", output_index=1),
        event("response.function_call_arguments.done", 5, arguments='{"a":"<PERSON_1>"}', item_id="fc_1", output_index=1),
        event("response.completed", 6, response={"output": [{"content": [{"type": "output_text", "text": "Hi PERSON_1"}]}]}),
    ]
    out = await rewritten(events, rules(Surface.RESPONSES))
    assert "".join(e["delta"] for e in out if e["type"] == "response.output_text.delta") == f"Hi {NAME}"
    arguments = "".join(e["delta"] for e in out if e["type"] == "response.function_call_arguments.delta")
    assert json.loads(arguments) == {"a": NAME}
    by_type = {e["type"]: e for e in out}
    assert by_type["response.output_text.done"]["text"] == f"Hi {NAME}"
    assert json.loads(by_type["response.function_call_arguments.done"]["arguments"]) == {"a": NAME}
    assert by_type["response.completed"]["response"]["output"][0]["content"][0]["text"] == f"Hi {NAME}"
    assert [e["sequence_number"] for e in out] == list(range(len(out)))


async def test_spoken_is_what_the_model_said_before_restoration() -> None:
    rewriter = ReplyRewriter(Redactor(KnownValues({"Bob": "PERSON"}), KEY), rules(keeps_spoken=True))
    said = [chunk("Dear <PER"), chunk("Also", index=1), chunk("SON_1>"), chunk(" Bob", index=1)]
    async with aclosing(rewriter.rewritten(body(said), streaming=True)) as out:
        assert texts([delta async for delta in out]) == f"Dear {NAME}"
    assert rewriter.spoken == ["Dear <PERSON_1>", "Also Bob"]  # each choice by itself


async def test_nothing_is_collected_when_nothing_is_recorded() -> None:
    rewriter = ReplyRewriter(Redactor(KnownValues({"Bob": "PERSON"}), KEY), rules())
    async with aclosing(rewriter.rewritten(body([chunk("Dear <PERSON_1>")]), streaming=True)) as out:
        assert [delta async for delta in out]
    assert rewriter.spoken == []


async def test_json_of_a_responses_stream_is_escaped() -> None:
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    events = [event("response.output_text.delta", n, delta=d, **place) for n, d in enumerate(['{"n": "<PERSON', '_1>"}'])]
    out = await rewritten(events, rules(Surface.RESPONSES, json_content=True))
    assert json.loads("".join(e["delta"] for e in out)) == {"n": NAME}


async def test_what_is_held_back_comes_in_an_event_that_says_nothing_else() -> None:
    out = await rewritten([{**chunk("Hi Bob"), "vendor": "Bob"}], rules(reply="mask"))
    assert [texts(out), out[-1].get("vendor")] == ["Hi ***", None]
