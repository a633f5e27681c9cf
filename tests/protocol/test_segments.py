import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.protocol.segments import Quoting, Replacement, is_json_document, json_escaped, segments, splice

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def strings_of(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [s for item in value for s in strings_of(item)]
        case dict():
            return [s for key, item in value.items() for s in (key, *strings_of(item))]
        case _:
            return []


@pytest.mark.parametrize("ascii_only", [True, False])
@given(value=st.dictionaries(st.text(), json_values, max_size=4))
def test_every_string_of_a_json_document_is_read_decoded(value: object, ascii_only: bool) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_only)
    read = [s.text for s in segments(raw, json=True) if s.quoting is Quoting.JSON_STRING]
    expected = strings_of(value)
    assert len(read) == len(expected)
    for got, want in zip(read, expected, strict=True):
        if "\\u" not in want:  # escapes inside the text itself are undone once more
            assert got == want


@given(st.text(), st.data())
def test_a_replacement_changes_only_its_own_range(text: str, data: st.DataObject) -> None:
    raw = json.dumps({"a": text, "b": "untouched"})
    segment = next(s for s in segments(raw, json=True) if s.text == text or "\\u" in text)
    if segment.text != text:
        return
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    changed = splice(raw, [Replacement(segment, start, end, '<"X">')])
    assert json.loads(changed) == {"a": text[:start] + '<"X">' + text[end:], "b": "untouched"}


def test_escaped_chinese_in_arguments_is_seen_and_the_rest_kept_byte_for_byte() -> None:
    raw = '{ "name" : "\\u5f20\\u4f1f", "note":"a\\"b\\n" }'
    name = next(s for s in segments(raw, json=True) if s.text == "张伟")
    assert splice(raw, [Replacement(name, 0, 2, "<PERSON_1>")]) == '{ "name" : "<PERSON_1>", "note":"a\\"b\\n" }'


def test_surrogate_pairs_are_one_character_and_lone_ones_none() -> None:
    emoji, lone = (s for s in segments(r'["\ud83d\ude00x","\ud83dy"]', json=True))
    assert (emoji.text, emoji.raw_span(0, 1), emoji.raw_span(1, 2)) == ("😀x", (2, 14), (14, 15))
    assert lone.text == "\ufffdy"


def test_json_inside_json_and_escapes_in_prose_are_read() -> None:
    inner = json.dumps({"who": "张伟"})
    assert any("张伟" in s.text for s in segments(json.dumps({"payload": inner}), json=True))
    assert segments(r"he wrote \u5f20\u4f1f", json=False)[0].text == "he wrote 张伟"


def test_a_long_number_becomes_a_string_when_it_is_replaced() -> None:
    raw = '{"phone": 13812345678, "n": 3}'
    number = next(s for s in segments(raw, json=True) if s.quoting is Quoting.JSON_NUMBER)
    assert number.text == "13812345678"
    assert json.loads(splice(raw, [Replacement(number, 0, 11, "<PHONE_NUMBER_1>")])) == {"phone": "<PHONE_NUMBER_1>", "n": 3}


def test_what_only_looks_like_json_is_still_read_as_text() -> None:
    assert any("Alice" in s.text for s in segments('{"a": 1} Alice said', json=True))


def test_identifiers_take_placeholders_without_brackets() -> None:
    (name,) = segments("alice_w", json=False, identifier=True)
    assert splice("alice_w", [Replacement(name, 0, 7, "<PERSON_1>")]) == "PERSON_1"


@given(st.text())
def test_escaping_is_what_json_wants(text: str) -> None:
    assert json.loads(f'"{json_escaped(text)}"') == text


@pytest.mark.parametrize(
    ("raw", "is_json"), [('{"a":1}', True), (" [1]", True), ("{a}", False), ("hello", False), ('"x"', False)]
)
def test_json_documents_are_objects_and_arrays(raw: str, is_json: bool) -> None:
    assert is_json_document(raw) is is_json
