"""Which items of an answer may be named, and by which ids."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.protocol.items import Answered, is_last, references, with_items

Json = dict[str, Any]


def message(named: Any, text: str = "a", **more: Any) -> Json:
    return {"id": named, "type": "message", "role": "assistant", "content": text, **more}


def begun(at: Any, item: Any) -> Json:
    return {"type": "response.output_item.added", "output_index": at, "item": item}


def done(at: Any, item: Any) -> Json:
    return {"type": "response.output_item.done", "output_index": at, "item": item}


def completed(*output: Any, kind: str = "response.completed") -> Json:
    return {"type": kind, "response": {"object": "response", "output": list(output)}}


def found(*events: Json) -> dict[str, Json]:
    answered = Answered()
    for event in events:
        answered.see(event)
    return dict(answered.items())


def test_a_plain_answer() -> None:
    call = {"id": "fc_1", "type": "function_call", "arguments": "{}"}
    assert found({"object": "response", "output": [message("msg_1"), call]}) == {"msg_1": message("msg_1"), "fc_1": call}


def test_a_stream_whose_last_event_names_items_anew() -> None:
    """As vLLM's does. What comes last may be in other places as well."""
    events = [begun(0, message("a", "")), done(0, message("a")), begun(1, message("b", "")), done(1, message("b2", "b"))]
    assert found(*events, completed(message("z", "b"), message("y", "a"))) == {
        "a": message("a"),
        "b": message("b2", "b"),
        "b2": message("b2", "b"),
        "z": message("z", "b"),
        "y": message("y", "a"),
    }


@pytest.mark.parametrize(
    "events",
    [
        [begun(0, message("a", ""))],
        [begun(0, message("a", "")), completed(message("a", status="incomplete"))],
        [done(0, message("a", status="incomplete"))],
        [done(0, message("a", "x")), done(1, message("a", "y"))],
        [completed(message("a", "x"), message("a", "y"))],
        [completed({"id": "a", "type": "mcp_list_tools", "tools": []}), completed({"id": "b", "type": "web_search_call"})],
        [completed(message(None), message(5), message(""), "text", None, {"id": "a"})],
        [done(None, message("a")), done(0, "text"), done("0", message("a"))],
        [
            {"type": "response.completed"},
            {"type": "response.completed", "response": {"output": "text"}},
            {"object": "response"},
        ],
        [{"type": ["response.completed"], "response": {}}, completed({"id": "a", "type": ["message"], "status": []})],
        [{"type": "response.failed", "response": {"output": [message("a")]}}],
    ],
)
def test_what_may_not_be_named(events: list[Json]) -> None:
    assert found(*events) == {}


def test_the_answer_is_known_to_be_whole_by_its_last_event() -> None:
    assert all(map(is_last, [completed(), completed(kind="response.incomplete"), {"object": "response"}]))
    assert not is_last({"type": "response.created", "response": {"object": "response"}})
    assert not is_last(done(0, message("a")))


def test_references_are_found_and_filled() -> None:
    said = [{"role": "user", "content": "a"}, {"type": "item_reference", "id": "x"}, {"id": "y"}, {"type": "item_reference"}]
    request = {"model": "m", "input": said}
    assert references(request) == {1: "x", 2: "y", 3: ""}
    assert references({"input": "text"}) == references({}) == {}
    filled = with_items(request, {1: message("x"), 2: message("y")})
    assert filled["input"] == [said[0], message("x"), message("y"), said[3]]
    assert request["input"] == said
