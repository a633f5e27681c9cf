"""One walk over a body restores what path by path would be restored, and knows bodies that hold nothing of the exchange."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.protocol.channels import TextKind
from gateway.protocol.text_slots import map_strings
from gateway.protocol.wire import JsonObject, Path
from gateway.redaction.bodies import BodyRestorer, kind_of
from gateway.redaction.restore import Restorer

RESTORER = Restorer(
    {("PERSON", 1): 'Ann "Änne"', ("A_B", 2): "張\n偉", ("Q", 3): "q"}, {"Maria Jones": "Zoë", "李": "王芳", "\tx": "tab"}
)
texts = st.lists(
    st.sampled_from(
        [
            "<PERSON_1>",
            "PERSON_1",
            "<A\\_B_2>",
            "A_B_2",
            "Q_3",
            "Please",
            "P",
            "Maria",
            " Jones",
            "Maria Jones",
            "李",
            "\\u674e",
        ]
    )
    | st.sampled_from(["\tx", "&lt;PERSON_1&gt;", "<", "_1>", "assistant", "\n", "x"]),
    max_size=5,
).map("".join)
keys = st.sampled_from(["content", "text", "arguments", "choices", "delta", "note", "PERSON_1", "Maria Jones", "type"])
nodes = st.recursive(
    texts | st.integers(-(2**63), 2**63) | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
bodies = st.dictionaries(keys, nodes, max_size=4)


def one_by_one(body: JsonObject, finals: dict[Path, str], *, json_content: bool) -> Any:
    def change(path: Path, text: str) -> str:
        kind = kind_of(body, path)
        json = kind is TextKind.ARGUMENTS or (kind is TextKind.CONTENT and json_content)
        return finals[path] if path in finals else RESTORER.whole(text, json=json)

    return map_strings(body, change, RESTORER.whole)


def paths_of(body: JsonObject) -> list[Path]:
    paths: list[Path] = []

    def note(path: Path, text: str) -> str:
        paths.append(path)
        return text

    map_strings(body, note, str)
    return paths


@settings(max_examples=300, deadline=None)
@given(bodies, st.booleans(), st.data())
def test_one_walk_restores_what_single_texts_do(body: JsonObject, json_content: bool, data: st.DataObject) -> None:
    paths = paths_of(body)
    chosen = data.draw(st.lists(st.sampled_from(paths), unique=True)) if paths else []
    finals = {path: f"<PERSON_1> {at}" for at, path in enumerate(chosen)}
    restored = BodyRestorer(RESTORER, json_content=json_content).restored(body, finals)
    assert restored == one_by_one(body, finals, json_content=json_content)


@settings(max_examples=300, deadline=None)
@given(bodies, st.booleans())
def test_what_is_called_untouched_is_restored_to_itself(body: JsonObject, json_content: bool) -> None:
    bodies_of = BodyRestorer(RESTORER, json_content=json_content)
    if bodies_of.is_untouched(body):
        assert bodies_of.restored(body, {}) == body


@pytest.mark.parametrize("held", ["<PERSON_1>", "A_B_2", "Q_3", "Maria Jones", "李", "\tx"])
@pytest.mark.parametrize("make", [lambda held: {"choices": [{"text": f"so {held}."}]}, lambda held: {"arguments": {held: 1}}])
def test_nothing_that_can_be_restored_is_called_untouched(held: str, make: Any) -> None:
    assert not BodyRestorer(RESTORER, json_content=False).is_untouched(make(held))


@pytest.mark.parametrize(
    ("holder", "in_json"),
    [
        ({"text": "<PERSON_1>"}, True),
        ({"type": "output_text", "text": "<PERSON_1>"}, True),
        ({"type": "message", "content": "<PERSON_1>"}, True),
        ({"type": "summary_text", "text": "<PERSON_1>"}, False),
        ({"type": "reasoning_text", "text": "<PERSON_1>"}, False),
        ({"type": ["text"], "text": "<PERSON_1>"}, False),
    ],
)
def test_what_was_thought_is_no_json_where_json_was_asked_for(holder: JsonObject, in_json: bool) -> None:
    [said] = [path for path in paths_of({"output": [holder]}) if path[-1] != "type" and len(path) == 3]
    assert (kind_of({"output": [holder]}, said) is TextKind.CONTENT) is in_json
    restored = BodyRestorer(RESTORER, json_content=True).restored({"output": [holder]}, {})
    assert restored["output"][0][said[-1]] == ('Ann \\"Änne\\"' if in_json else 'Ann "Änne"')


def test_most_deltas_are_untouched() -> None:
    delta = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "choices": [{"delta": {"content": " Please"}, "index": 0}]}
    people = Restorer({("PERSON", 1): "Ann"}, {})
    assert BodyRestorer(people, json_content=False).is_untouched(delta)
    assert BodyRestorer(Restorer({}, {}), json_content=False).is_untouched({"content": "<PERSON_1>"})
