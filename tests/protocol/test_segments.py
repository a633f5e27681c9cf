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
        if "\\" not in want:  # escapes inside the text itself are undone once more
            assert got == want


@given(st.text(), st.data())
def test_a_replacement_changes_only_its_own_range(text: str, data: st.DataObject) -> None:
    raw = json.dumps({"a": text, "b": "untouched"})
    _, segment, *_ = segments(raw, json=True)  # the first one is the key, which the text may equal
    if "\\" in text:
        return  # escapes inside the text itself are undone once more
    assert segment.text == text
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


@pytest.mark.parametrize(
    ("raw", "number", "surrogate", "sent"),
    [
        ('{"phone": 13812345678}', "13812345678", "10012345678", {"phone": 10012345678}),
        ("[1.3812345678e10]", "13812345678", "10012345678", [10012345678]),
        ("[2025550123]", "2025550123", "0125550123", ["0125550123"]),
        ("[2025550123]", "2025550123", "*" * 10, ["*" * 10]),
        ("[2025550123]", "2025550123", "", [""]),
        ("[2025550123]", "2025550123", "12", ["12"]),
    ],
)
def test_a_number_stays_one_where_a_number_takes_its_place(raw: str, number: str, surrogate: str, sent: object) -> None:
    """No JSON number begins with 0, and a number of other length would be another quantity."""
    (segment,) = (one for one in segments(raw, json=True) if one.quoting is Quoting.JSON_NUMBER)
    assert segment.text == number
    assert json.loads(splice(raw, [Replacement(segment, 0, len(number), surrogate)])) == sent


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


PATTERNS = ["13812345678", "4111111111111111", "11010519491231002X", "84.17.45.201", "ann@example.org"]


@pytest.mark.parametrize("depth", range(4))
@pytest.mark.parametrize("escape", ["\\n", "\\r", "\\t", "\\b", "\\f", "\\/", '\\"', "\\u000a"])
def test_an_escape_never_grows_together_with_what_follows(escape: str, depth: int) -> None:
    for value in PATTERNS:
        text = f"call{escape}{value}{escape}x"
        for _ in range(depth):
            text = json.dumps(text)[1:-1]
        (segment,) = segments(text, json=False)
        assert len(segment.text) == len(value) + len("call??x"), segment.text
        start = segment.text.index(value)
        spliced = splice(text, [Replacement(segment, start, start + len(value), "<X>")])
        assert spliced == text.replace(value, "<X>")


@given(st.text(alphabet='\\nu/"0aC:', max_size=40), st.data())
def test_escapes_that_are_undone_still_point_into_the_raw_string(raw: str, data: st.DataObject) -> None:
    (segment,) = segments(raw, json=False)
    at = data.draw(st.integers(0, len(segment.text)))
    assert splice(raw, [Replacement(segment, at, at, "")]) == raw
    spans = [segment.raw_span(i, i + 1) for i in range(len(segment.text))]
    assert "".join(raw[start:end] for start, end in spans) == raw


@pytest.mark.parametrize(
    "raw",
    [
        "4111 1111 1111 1111",
        "84.17.45.201",
        "138-1234-5678",
        '{"phone": 138-1234-5678}',
        "Ernest",
        "+8613812345678",
        "{13812345678 13912345678}",
        "0013812345678",
    ],
)
def test_what_is_no_json_between_strings_is_text(raw: str) -> None:
    plain = [s.text for s in segments(raw, json=True) if s.quoting is Quoting.PLAIN]
    assert plain == [raw.rpartition('"')[2]]


@given(json_values)
def test_json_has_no_text_between_its_strings(value: object) -> None:
    raw = json.dumps([value, [True, None, 1.5, -2e-9]], indent=1)
    assert [s for s in segments(raw, json=True) if s.quoting is Quoting.PLAIN] == []


@pytest.mark.parametrize(
    ("number", "spelled"),
    [
        ("13812345678", "13812345678"),
        ("13812345678.0", "13812345678"),
        ("13812345678.50", "13812345678.50"),
        ("1.3812345678e10", "13812345678"),
        ("110105194912310021.0", "110105194912310021"),
        ("1e999", "1e999"),
    ],
)
def test_a_number_is_read_in_decimals_and_replaced_as_a_whole(number: str, spelled: str) -> None:
    raw = f'{{"phone": {number}, "n": 3.5}}'
    (segment,) = (s for s in segments(raw, json=True) if s.quoting is Quoting.JSON_NUMBER)
    assert (segment.text, segment.label) == (spelled, "phone")
    assert json.loads(splice(raw, [Replacement(segment, 0, len(spelled), "<X>")])) == {"phone": "<X>", "n": 3.5}


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("key", ["密码", "a\nb", '"quoted"', "\U0001f511", "plain"])
def test_a_label_is_the_key_and_not_its_spelling(key: str, ascii_only: bool) -> None:
    raw = json.dumps({key: ["x", 13812345678], "n": 1, key + "2": "text"}, ensure_ascii=ascii_only)
    labels = {s.text: s.label for s in segments(raw, json=True)}
    assert labels["text"] == key + "2"
    assert {s.label for s in segments(json.dumps({key: 13812345678}, ensure_ascii=ascii_only), json=True)} == {"", key}


def test_a_repr_shows_no_text() -> None:
    segment = segments(json.dumps({"hunter1": "密码 hunter2"}), json=True)[1]
    assert "hunter" not in repr(Replacement(segment, 0, 1, "hunter3"))
    assert "\\u" not in repr(segment)


def test_part_of_a_number_leaves_the_rest_in_the_string() -> None:
    (number,) = segments("[-13812345678]", json=True)
    assert splice("[-13812345678]", [Replacement(number, 1, 12, "<X>")]) == '["-<X>"]'


@pytest.mark.parametrize("raw", ["\\" * 200_000, "{" * 200_000 + "1" * 200_000, "1," * 200_000 + "x"])
def test_no_text_makes_reading_it_quadratic(raw: str) -> None:
    for json_too in (False, True):
        assert all(s.raw_span(0, len(s.text))[1] <= len(raw) for s in segments(raw, json=json_too))
