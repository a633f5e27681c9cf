import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import MalformedBody
from gateway.protocol.text_slots import MAX_DEPTH, Place, map_strings, read_slots, write_slots
from gateway.protocol.vocabulary import PROTOCOL_KEYS, PROTOCOL_WORDS

keys = st.sampled_from(sorted(PROTOCOL_KEYS)) | st.text(max_size=8)
bodies = st.dictionaries(
    keys,
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False)
        | st.text()
        | st.sampled_from(sorted(PROTOCOL_WORDS)),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
        max_leaves=15,
    ),
    max_size=5,
)


def leaves(node: Any) -> list[str]:
    match node:
        case str():
            return [node]
        case list():
            return [leaf for item in node for leaf in leaves(item)]
        case dict():
            return [leaf for item in node.values() for leaf in leaves(item)]
        case _:
            return []


@given(bodies)
def test_every_string_is_a_slot_or_a_word_of_the_protocol(body: dict[str, Any]) -> None:
    read = [slot.raw for slot in read_slots(body) if slot.place is Place.VALUE]
    assert read == [leaf for leaf in leaves(body) if leaf and leaf not in PROTOCOL_WORDS]


@given(bodies)
def test_what_is_not_changed_is_the_same_object(body: dict[str, Any]) -> None:
    slots = read_slots(body)
    assert write_slots(body, slots, [slot.raw for slot in slots]) is body


@given(bodies)
def test_writing_reaches_every_slot_and_leaves_the_original(body: dict[str, Any]) -> None:
    before = copy.deepcopy(body)
    slots = read_slots(body)
    written = write_slots(body, slots, [f"«{at}»" for at, _ in enumerate(slots)])
    assert body == before
    again = {slot.raw for slot in read_slots(written)}
    assert {f"«{at}»" for at, _ in enumerate(slots)} <= again | {""}


def test_keys_and_long_numbers_are_slots() -> None:
    body = {"metadata": {"ann@example.org": "x", "card": 4111111111111111, "n": 12}, "stream": True}
    slots = read_slots(body)
    assert (Place.KEY, "ann@example.org") in {(slot.place, slot.raw) for slot in slots}
    assert [slot.raw for slot in slots if slot.place is Place.NUMBER] == ["4111111111111111"]
    written = write_slots(body, slots, ["<CARD>" if slot.place is Place.NUMBER else slot.raw for slot in slots])
    assert written["metadata"]["card"] == "<CARD>"


@pytest.mark.parametrize(
    ("number", "spelled"),
    [
        (13812345678, "13812345678"),
        (13812345678.0, "13812345678"),
        (13812345678.5, "13812345678.5"),
        (-1e22, "-10000000000000000000000"),
    ],
)
def test_a_number_is_read_in_plain_decimals(number: float, spelled: str) -> None:
    body = {"user": [number, "a"]}
    slots = read_slots(body)
    assert (slots[0].place, slots[0].raw) == (Place.NUMBER, spelled)
    assert write_slots(body, slots, ["<PHONE>", "a"]) == {"user": ["<PHONE>", "a"]}


SCHEMA = {"minimum": 10_000_000, "exclusiveMaximum": 1e12, "properties": {"x": {"maxLength": 20_000_000}}}


@pytest.mark.parametrize(
    "body",
    [
        {"max_tokens": 2_000_000, "n": 1, "temperature": 0.123456789},
        {"tools": [{"function": {"parameters": SCHEMA}}]},
        {"response_format": {"json_schema": {"schema": SCHEMA}}},
        {"input": [{"type": "additional_tools", "tools": [{"type": "function", "parameters": SCHEMA}]}]},
        {"input": [{"type": "configuration_update", "text": {"format": {"type": "json_schema", "schema": SCHEMA}}}]},
        {"logit_bias": {"50256": -100, "151643": 1}},
    ],
)
def test_settings_are_no_slots(body: dict[str, Any]) -> None:
    assert [slot for slot in read_slots(body) if slot.place is not Place.VALUE and slot.raw.lstrip("-")[0].isdigit()] == []


@pytest.mark.parametrize(
    ("body", "raw"),
    [
        ({"max_tokens": 13812345678}, "13812345678"),
        ({"seed": 13812345678}, "13812345678"),
        ({"metadata": {"minimum": 13812345678}}, "13812345678"),
        ({"tools": [{"function": {"parameters": {"default": {"minimum": 13812345678}}}}]}, "13812345678"),
        ({"logit_bias": {"13812345678": 1}}, "13812345678"),
        ({"x": [{"tools": [{"minimum": 13812345678}]}]}, "13812345678"),
        ({"input": [{"output": {"tools": [{"minimum": 13812345678}]}}]}, "13812345678"),
        ({"metadata": {"50256": 1}}, "50256"),
    ],
)
def test_what_no_setting_would_be_is_read(body: dict[str, Any], raw: str) -> None:
    assert raw in [slot.raw for slot in read_slots(body)]


def test_a_voice_is_a_name_elsewhere() -> None:
    body = {"audio": {"voice": "marin", "format": "marin"}, "user": "marin", "x": {"audio": {"voice": "marin"}}}
    paths = [slot.path for slot in read_slots(body) if slot.raw == "marin"]
    assert paths == [("audio", "format"), ("user",), ("x", "audio", "voice")]
    assert [slot.raw for slot in read_slots({"audio": {"voice": "Marin"}})] == ["Marin"]


def test_a_value_is_never_hidden_by_its_place() -> None:
    body = {"messages": [{"role": "ann@example.org", "tool_call_id": "ann@example.org", "type": "ann@example.org"}]}
    assert [slot.raw for slot in read_slots(body)] == ["ann@example.org"] * 3


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_nesting_beyond_the_limit_is_refused(opening: str) -> None:
    closing = {"[": "]", '{"a":': "}"}[opening]
    deep = json.loads('{"x":' + opening * (MAX_DEPTH + 1) + "1" + closing * (MAX_DEPTH + 1) + "}")
    with pytest.raises(MalformedBody):
        read_slots(deep)


def test_tool_arguments_are_json_and_prose_is_not() -> None:
    body = {
        "messages": [{"tool_calls": [{"function": {"name": "f", "arguments": '{"a": "b'}}], "content": "Hi [you] there, all"}]
    }
    by_key = {slot.path[-1]: slot for slot in read_slots(body)}
    assert by_key["arguments"].is_json
    assert not by_key["content"].is_json
    assert by_key["content"].is_prose


def test_map_strings_sees_values_and_foreign_keys() -> None:
    assert map_strings({"content": "a", "k": ["b", 1, None]}, lambda _, s: s.upper(), str.title) == {
        "content": "A",
        "K": ["B", 1, None],
    }


def test_two_keys_that_become_one_are_refused_rather_than_lost() -> None:
    body = {"metadata": {"4111": "a", "5500": "b"}}
    slots = [slot for slot in read_slots(body) if slot.place is Place.KEY]
    with pytest.raises(MalformedBody):
        write_slots(body, slots, ["****"] * len(slots))
