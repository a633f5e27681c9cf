"""Answers of every kind, each whole and as a stream that adds up to it, made at random.

What is said in them is made of shards of placeholders, brackets, escapes, Markdown, JSON and ordinary text, so it holds
placeholders, halves of some, and what only looks like one. A stream is cut anywhere: texts into deltas, and events into reads.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any

import orjson

Json = dict[str, Any]

_SHARDS = (
    """
< > ＜ ＞ 《 》 〈PERSON_1〉 ‹ › %3C %3e &lt; &gt; \\u003c \\u003E \\u8bf7 \\u300aPERSON_1\\u300b PERSON person Person _ \\_ 1 2 12
 ADDRESS EMAIL_ADDRESS_1 <PERSON_1> <PERSON_2> <PERSON_12> <PERSON_99> PERSON_1 PERSON_12> <PERSON_1 <person_1> \\<PERSON\\_2\\>
**<PERSON_2>** _1> P E Please [ ] ** ` ' " \\ \\\\ \\n { } : , . <b> </b> 请 。 😀 é & Bob x
""".split()
    + [" ", "  ", "\n", "\t", "\r\n", "< Person 2 >", "```json\n", "\n```\n", '{"a": "', '"}', "Dear ", " and "]
)
_ENDS = [" so.", "。", " go:\n", "!**"]
PEOPLE = ['Ann "Lee"', "张伟", "Zoë\nQ", "Bo O'Neil", "C:\\x", "a<b", *"GHIJKL"]
"""Who may be minted as `<PERSON_1>` to `<PERSON_12>`: values that look otherwise in JSON, or like markup."""


@dataclass(frozen=True)
class Told:
    """An answer, and the events that tell it. `in_turn`: texts of one choice or output come one behind the other."""

    whole: Json
    events: list[Json]
    in_turn: bool


def text(random: Random, most: int = 12) -> str:
    return "".join(random.choice(_SHARDS) for _ in range(random.randint(0, most)))


def document(random: Random) -> str:
    """Arguments of a tool, with another document in a string."""
    inner = json.dumps({"q": text(random, 4)}, ensure_ascii=random.random() < 0.5)
    held = {"a": text(random, 6), "b": [text(random, 3), 1, None], text(random, 2): inner}
    written = json.dumps(held, ensure_ascii=random.random() < 0.5)
    return written.replace("<", "\\u003c").replace(">", "\\u003e") if random.random() < 0.3 else written


def cut(random: Random, said: str) -> list[str]:
    """At some places, or at each."""
    most = random.choice([0, 1, 3, len(said)])
    edges = [0, *sorted(random.randint(0, len(said)) for _ in range(most)), len(said)]
    return [said[start:end] for start, end in pairwise(edges)]


def chat(random: Random) -> Told:
    """A chat completion with one to three choices."""
    in_turn = random.random() < 0.5
    told = [_choice(random, at, in_turn=in_turn) for at in range(random.choice([1, 1, 2, 3]))]
    head = {"id": "c-1", "created": 7, "model": "m"}
    usage = {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}
    pieces = [{"index": at, "delta": {"role": "assistant"}, "finish_reason": None} for at in range(len(told))]
    pieces += _mixed(random, [pieces for _, pieces in told])
    chunk = {**head, "object": "chat.completion.chunk"}
    events = [{**chunk, "choices": [piece]} for piece in pieces] + [{**chunk, "choices": [], "usage": usage}]
    whole = {**head, "object": "chat.completion", "choices": [choice for choice, _ in told], "usage": usage}
    return Told(whole, events, in_turn)


def _choice(random: Random, at: int, *, in_turn: bool) -> tuple[Json, list[Json]]:
    message: Json = {}
    told: list[list[Json]] = []
    for name in ("reasoning_content", "reasoning", "content", "refusal"):
        if random.random() < (0.8 if name == "content" else 0.3):
            message[name] = text(random) + (random.choice(_ENDS) if in_turn else "")
            told.append([{name: piece} for piece in cut(random, message[name])])
    if random.random() < 0.2:
        message["audio"] = {"id": "a-1", "transcript": text(random)}
        told.append(
            [{"audio": {"id": "a-1"}}, *({"audio": {"transcript": one}} for one in cut(random, message["audio"]["transcript"]))]
        )
    if random.random() < 0.2:
        message["function_call"] = {"name": "f", "arguments": document(random)}
        rest = cut(random, message["function_call"]["arguments"])
        told.append([{"function_call": {"name": "f"}}, *({"function_call": {"arguments": one}} for one in rest)])
    calls = [_call(nth, document(random)) for nth in range(random.choice([0, 0, 1, 3]))]
    told.append([piece for nth, call in enumerate(calls) for piece in _told_call(random, nth, call)])
    finish = "tool_calls" if calls else "stop"
    if calls:
        message["tool_calls"] = calls
    deltas = [delta for one in told for delta in one] if in_turn else _mixed(random, told)
    ends: list[Json] = [{"index": at, "delta": delta, "finish_reason": None} for delta in deltas]
    if ends and random.random() < 0.3:
        ends[-1]["finish_reason"] = finish
    else:
        ends.append({"index": at, "delta": {}, "finish_reason": finish})
    return {"index": at, "message": message, "finish_reason": finish}, ends


def _call(nth: int, arguments: str) -> Json:
    return {"id": f"call-{nth}", "type": "function", "function": {"name": f"f{nth}", "arguments": arguments}}


def _told_call(random: Random, nth: int, call: Json) -> Iterator[Json]:
    """Some servers begin a call with its name alone."""
    named = {"name": call["function"]["name"]} | ({"arguments": ""} if random.random() < 0.5 else {})
    yield {"tool_calls": [{"index": nth, "id": call["id"], "type": "function", "function": named}]}
    for piece in cut(random, call["function"]["arguments"]):
        yield {"tool_calls": [{"index": nth, "function": {"arguments": piece}}]}


def _mixed(random: Random, told: Sequence[Sequence[Json]]) -> list[Json]:
    """All of them, each in its order."""
    waiting = [list(one) for one in told if one]
    mixed = []
    while waiting:
        one = random.choice(waiting)
        mixed.append(one.pop(0))
        waiting = [one for one in waiting if one]
    return mixed


def response(random: Random) -> Told:
    """A response with one to four outputs."""
    told = [_item(random, at) for at in range(random.randint(1, 4))]
    head = {"id": "resp-1", "object": "response", "created_at": 1, "model": "m", "error": None}
    head |= {"parallel_tool_calls": True, "tool_choice": "auto", "tools": []}
    whole = {**head, "status": "completed", "output": [item for item, _ in told]}
    in_turn = random.random() < 0.5
    begun = {"type": "response.created", "response": {**head, "status": "in_progress", "output": []}}
    added = [events[0] for _, events in told]
    rest = (
        [event for _, events in told for event in events] if in_turn else added + _mixed(random, [one[1:] for _, one in told])
    )
    events = [begun, *rest, {"type": "response.completed", "response": whole}]
    return Told(whole, [{**event, "sequence_number": nth} for nth, event in enumerate(events)], in_turn)


_KINDS = {
    "function_call": ("function_call_arguments", "arguments"),
    "mcp_call": ("mcp_call_arguments", "arguments"),
    "custom_tool_call": ("custom_tool_call_input", "input"),
    "code_interpreter_call": ("code_interpreter_call_code", "code"),
}


def _item(random: Random, at: int) -> tuple[Json, list[Json]]:
    kind = random.choice(["message", "message", "reasoning", *_KINDS])
    place = {"item_id": f"i-{at}", "output_index": at}
    head = {"id": place["item_id"], "type": kind}
    if kind == "message":
        parts = [_part(random, {**place, "content_index": nth}) for nth in range(random.randint(1, 2))]
        item, empty = (
            {**head, "role": "assistant", "content": [part for part, _ in parts]},
            {"role": "assistant", "content": []},
        )
    elif kind == "reasoning":
        parts = [_summary(random, {**place, "summary_index": nth}) for nth in range(random.randint(0, 2))]
        item, empty = {**head, "summary": [part for part, _ in parts]}, {"summary": []}
    else:
        prefix, field = _KINDS[kind]
        said = document(random) if field == "arguments" else text(random)
        parts = [({}, _told(random, prefix, field, said, place))]
        item, empty = (
            {**head, "call_id": f"call-{at}", "name": "f", field: said},
            {"call_id": f"call-{at}", "name": "f", field: ""},
        )
    added = {"type": "response.output_item.added", "output_index": at, "item": {**head, **empty}}
    done = {"type": "response.output_item.done", "output_index": at, "item": item}
    return item, [added, *(event for _, events in parts for event in events), done]


def _part(random: Random, place: Json) -> tuple[Json, list[Json]]:
    said = text(random)
    if random.random() < 0.2:
        part, events = {"type": "refusal", "refusal": said}, _told(random, "refusal", "refusal", said, place)
    else:
        part: Json = {"type": "output_text", "text": said, "annotations": []}  # type: ignore[no-redef]
        events = [{**event, "logprobs": []} for event in _told(random, "output_text", "text", said, place)]
    empty = {**part, "refusal" if part["type"] == "refusal" else "text": ""}
    added = {"type": "response.content_part.added", **place, "part": empty}
    return part, [added, *events, {"type": "response.content_part.done", **place, "part": part}]


def _summary(random: Random, place: Json) -> tuple[Json, list[Json]]:
    said = text(random)
    return {"type": "summary_text", "text": said}, _told(random, "reasoning_summary_text", "text", said, place)


def _told(random: Random, prefix: str, field: str, said: str, place: Json) -> list[Json]:
    deltas = [{"type": f"response.{prefix}.delta", **place, "delta": piece} for piece in cut(random, said)]
    return [*deltas, {"type": f"response.{prefix}.done", **place, field: said}]


def reads(random: Random, events: Iterable[Json], *, done: bool) -> list[bytes]:
    """The stream on the wire, read by read: with line ends of each kind, comments, and ends that are spared."""
    end = random.choice([b"\n", b"\r\n", b"\r"])
    wire = b""
    for event in events:
        if random.random() < 0.1:
            wire += b": keep-alive" + end + random.choice([b"", end])
        data = orjson.dumps(event) if random.random() < 0.5 else json.dumps(event).encode()
        wire += random.choice([b"data: ", b"data:"]) + data + end + end
    if done and random.random() < 0.6:
        wire += b"data: [DONE]" + end + end
    if random.random() < 0.3:
        wire = wire.removesuffix(end + end)
    most = random.choice([0, 3, 20, len(wire) // 3])
    edges = [0, *sorted(random.randint(0, len(wire)) for _ in range(most)), len(wire)]
    return [wire[start:stop] for start, stop in pairwise(edges) if stop > start]
