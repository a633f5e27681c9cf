from __future__ import annotations

from typing import Any

import pytest

from gateway.accounting.asked import PER_ANSWER, PER_MESSAGE, asked
from gateway.protocol.wire import Surface

PARTS = {"role": "user", "content": [{"type": "text", "text": "two"}, {"type": "image_url", "image_url": {"url": "x"}}]}


@pytest.mark.parametrize(
    ("surface", "request_", "texts", "messages"),
    [
        (Surface.CHAT, {"messages": [{"role": "system", "content": "one"}, PARTS]}, ("one", "two"), 2),
        (Surface.RESPONSES, {"input": "one", "instructions": "two"}, ("two", "one"), 2),
        (Surface.RESPONSES, {"input": [{"type": "function_call_output", "output": "one"}]}, ("one",), 1),
    ],
)
def test_messages_with_what_a_template_writes_around_them(
    surface: Surface, request_: dict[str, Any], texts: tuple[str, ...], messages: int
) -> None:
    found = asked(request_, surface)
    assert found.texts == texts
    assert found.overhead == PER_MESSAGE * messages + PER_ANSWER
    assert found.length == 3 * len(texts)


def test_tools_and_their_calls_are_read_too() -> None:
    call = {"id": "1", "function": {"name": "find", "arguments": "{}"}}
    request = {"messages": [{"role": "assistant", "content": None, "tool_calls": [call]}], "tools": [{"type": "function"}]}
    calls, tools = asked(request, Surface.CHAT).texts
    assert "find" in calls
    assert tools == '[{"type":"function"}]'


@pytest.mark.parametrize(
    ("said", "texts"),
    [
        ("one", ("one",)),
        (["one", "two"], ("one", "two")),
        ([{"type": "text", "text": "one"}, {"type": "image_url", "image_url": {"url": "two"}}], ("one",)),
        (None, ()),
    ],
)
def test_moderations_are_texts_or_parts(said: Any, texts: tuple[str, ...]) -> None:
    assert asked({"input": said}, Surface.MODERATIONS).texts == texts


@pytest.mark.parametrize(
    ("prompt", "texts", "ids"),
    [("one", ("one",), 0), (["one", "two"], ("one", "two"), 0), ([1, 2, 3], (), 3), ([[1, 2], [3]], (), 3), (None, (), 0)],
)
def test_prompts_have_no_template_and_ids_are_tokens(prompt: Any, texts: tuple[str, ...], ids: int) -> None:
    for surface, field in ((Surface.COMPLETIONS, "prompt"), (Surface.EMBEDDINGS, "input")):
        found = asked({field: prompt}, surface)
        assert (found.texts, found.overhead) == (texts, ids)
