"""What a reply says of its own accord: new personal data in it is taken out, wherever it stands."""

from __future__ import annotations

import json
from contextlib import aclosing
from typing import Any

import pytest

from gateway.errors import DetectionUnavailable, EntityBlocked
from gateway.protocol.wire import Surface
from gateway.redaction.redactor import Redactor
from gateway.redaction.reply import ReplyRewriter
from tests.redaction.conftest import KnownValues
from tests.redaction.test_reply import KEY, NAME, body, call, chunk, event, rewritten, rules, texts


@pytest.mark.parametrize(("operator", "expected"), [("mask", "***"), ("drop", "")])
async def test_new_personal_data_is_screened_and_the_callers_own_restored(operator: str, expected: str) -> None:
    deltas = [chunk("Dear <PERSON_1>, B"), chunk("ob wrote. And B"), chunk("ob again"), chunk(finish="stop")]
    out = await rewritten(deltas, rules(reply=operator))
    assert texts(out) == f"Dear {NAME}, {expected} wrote. And {expected} again"
    whole = {"choices": [{"index": 0, "message": {"content": "<PERSON_1> met Bob"}}]}
    (answer,) = await rewritten([whole], rules(reply=operator), streaming=False)
    assert answer["choices"][0]["message"]["content"] == f"{NAME} met {expected}"


@pytest.mark.parametrize("name", ["Bob", r"B\u006fb", r"\u0042\u006f\u0062"])
async def test_screened_arguments_stay_json_however_they_are_written(name: str) -> None:
    said = f'{{"a": "{name}", "b": "<PERSON_1>"}}'
    out = await rewritten([call(said[:10]), call(said[10:]), chunk(finish="tool_calls")], rules(reply="mask"))
    arguments = "".join(one["function"]["arguments"] for d in out for one in d["choices"][0]["delta"].get("tool_calls", []))
    assert json.loads(arguments) == {"a": "***", "b": NAME}
    whole = {"choices": [{"index": 0, "message": {"tool_calls": [{"function": {"arguments": said}}]}}]}
    (answer,) = await rewritten([whole], rules(reply="mask"), streaming=False)
    assert json.loads(answer["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"]) == {"a": "***", "b": NAME}


async def test_a_blocked_type_ends_the_stream() -> None:
    with pytest.raises(EntityBlocked):
        await rewritten([chunk("Bob wrote. "), chunk("More.")], rules(reply="block"))


async def test_what_cannot_be_screened_is_not_delivered() -> None:
    with pytest.raises(DetectionUnavailable):
        await rewritten([chunk("CRASH. ")], rules(reply="mask"))


async def test_tokens_do_not_show_what_the_screen_took_out() -> None:
    logprobs = {"content": [{"token": "Bob", "bytes": [66, 111, 98], "logprob": 0.0}]}
    delta = {"choices": [{"index": 0, "delta": {"content": "Bob. "}, "logprobs": logprobs, "finish_reason": None}]}
    assert "Bob" not in json.dumps(await rewritten([delta], rules(reply="mask")))
    text = event("response.output_text.done", 1, text="Bob.", logprobs=logprobs["content"], item_id="m", output_index=0)
    assert "Bob" not in json.dumps(out := await rewritten([text], rules(Surface.RESPONSES, "mask")))
    assert out[0]["logprobs"] == []
    raw = {"message": "Bob", "tokens": [33, 7], "cost": {"tokens": 2}}
    item = {"type": "reasoning", "encrypted_content": "vllm:1:Qm9i:00", "meta_info": {"output_ids": [33]}}
    [answer] = await rewritten([{"raw": [raw], "output": [item]}], rules(Surface.RESPONSES, "mask"), streaming=False)
    assert answer["raw"] == [{"message": "***", "tokens": [], "cost": {"tokens": 2}}]
    assert answer["output"] == [{"type": "reasoning", "encrypted_content": None, "meta_info": None}]


async def test_what_is_repeated_whole_is_as_it_was_in_pieces() -> None:
    """A sentence may look otherwise by itself than among the others, and clients take the text from either."""
    place = {"item_id": "m", "output_index": 0, "content_index": 0}
    said = ["Amy wrote.\nB", "ob", " too"]
    deltas = [event("response.output_text.delta", n, delta=text, **place) for n, text in enumerate(said)]
    done = event("response.output_text.done", 3, text="".join(said), **place)
    parts = [{"type": "output_text", "text": text} for text in ("".join(said), "Amy wrote.\nBobby")]
    completed = event("response.completed", 4, response={"output": [{"content": parts}]})
    detector = KnownValues({"Bob": "PERSON", "wrote.\nBob": "PERSON"})
    rewriter = ReplyRewriter(Redactor(detector, KEY), rules(Surface.RESPONSES, "mask"))
    async with aclosing(rewriter.rewritten(body([*deltas, done, completed]), streaming=True)) as out:
        *pieces, done, completed = [one async for one in out]
    assert "".join(one["delta"] for one in pieces) == done["text"] == "Amy wrote.\n*** too"
    shown = [part["text"] for part in completed["response"]["output"][0]["content"]]
    assert shown == [done["text"], "Amy **********by"]


@pytest.mark.parametrize(
    "said",
    [
        event("response.custom_tool_call_input.done", 1, input="Bob"),
        event("response.code_interpreter_call_code.done", 1, code="Bob"),
        event("response.output_text.annotation.added", 1, annotation={"title": "Bob"}),
        {"vendor": {"thoughts": ["Bob"]}, "system_fingerprint": "fp_1", "choices": []},
        {"error": {"message": "Bob is too long", "code": "x"}},
        event("response.output_item.done", 1, item={"type": "tool_search_call", "arguments": {"name": "Bob", "ids": ["Bob"]}}),
    ],
)
@pytest.mark.parametrize("streaming", [True, False])
async def test_no_field_of_a_reply_is_a_hiding_place(said: dict[str, Any], streaming: bool) -> None:
    out = await rewritten([said], rules(Surface.RESPONSES, "mask"), streaming=streaming)
    assert json.dumps(out) == json.dumps([said]).replace("Bob", "***")


@pytest.mark.parametrize("at", range(960, 1_000, 7))
async def test_a_sentence_that_runs_on_is_not_cut_in_a_finding(at: int) -> None:
    long = ("word " * 400)[:at] + "Bob " + "word " * 100
    pieces = [chunk(long[n : n + 50]) for n in range(0, len(long), 50)]
    out = await rewritten([*pieces, chunk(finish="stop")], rules(reply="mask"))
    assert texts(out) == long.replace("Bob", "***")
