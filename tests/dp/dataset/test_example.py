"""Which exchanges a chat of texts can stand for, and what becomes of others."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.dp.dataset.example import Example, Turn, read_example, turns_of
from gateway.errors import InvalidRequest
from gateway.protocol.wire import Surface

ASKED = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": [{"type": "text", "text": "你好"}]}]


@pytest.mark.parametrize(
    ("surface", "request_body", "roles"),
    [
        (Surface.CHAT, {"messages": ASKED}, "system user assistant"),
        (Surface.COMPLETIONS, {"prompt": "Once"}, "user assistant"),
        (Surface.RESPONSES, {"input": "Hello", "instructions": "Be brief."}, "system user assistant"),
        (Surface.RESPONSES, {"input": [{"role": "user", "content": [{"type": "input_text", "text": "Hi"}]}]}, "user assistant"),
        (Surface.CHAT, {"messages": ASKED, "tools": [{"type": "function"}]}, None),
        (Surface.CHAT, {"messages": ASKED, "n": 2}, None),
        (Surface.CHAT, {"messages": [{"role": "tool", "content": "42"}]}, None),
        (Surface.CHAT, {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, None),
        (Surface.RESPONSES, {"input": [{"type": "reasoning"}]}, None),
        (Surface.COMPLETIONS, {"prompt": ["a", "b"]}, None),
        (Surface.EMBEDDINGS, {"input": "text"}, None),
    ],
)
def test_a_chat_is_a_chat(surface: Surface, request_body: dict[str, Any], roles: str | None) -> None:
    turns = turns_of(request_body, surface, "Hi.")
    assert (" ".join(turn.role for turn in turns) if turns else None) == roles
    assert turns_of(request_body, surface, "  ") is None


def test_examples_are_written_and_read_again() -> None:
    example = Example(tenant="acme", unit="u1", turns=(Turn("user", "你好 \u2028"), Turn("assistant", "Hi")))
    assert read_example(example.to_json()) == example
    assert "你好" not in repr(example)
    for line in (b"{", b"[]", b'{"tenant":"a","unit":"u","messages":[]}', b'{"tenant":"a","unit":1,"messages":[{}]}'):
        with pytest.raises(InvalidRequest):
            read_example(line)


def test_spelling_makes_no_other_example() -> None:
    one = Example(tenant="a", unit="u", turns=(Turn("user", "Hello   World"), Turn("assistant", "A")))
    other = Example(tenant="a", unit="v", turns=(Turn("user", "hello\nＷorld"), Turn("assistant", "a ")))
    assert one.normal_form == other.normal_form
