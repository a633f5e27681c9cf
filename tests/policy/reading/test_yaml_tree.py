from __future__ import annotations

import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateway.policy.reading.problems import PolicyError, Problem
from gateway.policy.reading.yaml_parser import FASTEST, Parser
from gateway.policy.reading.yaml_problems import MAX_PROBLEMS
from gateway.policy.reading.yaml_tree import MAX_BYTES, MAX_DEPTH, MAX_VALUES, parse, value_at

BOTH_PARSERS = pytest.mark.parametrize("parser", [FASTEST, yaml.SafeLoader])


def test_data_and_places() -> None:
    tree = parse("# 注释\na:\n  b: [1, x]\n  日本: true\n".encode(), "f")
    assert tree.data == {"a": {"b": [1, "x"], "日本": True}}
    assert tree.locate(("a", "b", 1)) == (3, 10)
    assert tree.locate(("a", "日本"), on_key=True) == (4, 3)
    assert tree.locate(("a", "日本")) == (4, 7)
    assert tree.problems == ()


def test_a_place_that_does_not_exist_is_found_at_the_nearest_part_around_it() -> None:
    tree = parse(b"a:\n  b: 1\n", "f")
    assert tree.locate(("a", "missing", 3)) == (2, 3)
    assert tree.locate(("nothing",)) == (1, 1)


def test_each_of_many_neighbours_has_its_own_place() -> None:
    tree = parse(b"a: [[1, {x: 2}], {y: 3}]\nb: {c: {d: 4}, e: 5}\n", "f")
    paths = [("a", 0, 1, "x"), ("a", 1, "y"), ("b", "c", "d"), ("b", "e")]
    assert [tree.locate(path) for path in paths] == [(1, 13), (1, 22), (2, 12), (2, 19)]
    assert tree.locate(("b", "c", "d"), on_key=True) == (2, 9)
    assert tree.locate(("a", 1), on_key=True) == (1, 18)
    assert tree.locate(("a", "0")) == (1, 4)
    assert tree.locate(("a", 0, 1, "x", "deeper"), on_key=True) == (1, 13)


@BOTH_PARSERS
def test_both_parsers_read_the_same(parser: type[Parser]) -> None:
    lines = ["""a: {b: [1, 2.5, 'x''y', "\\u4e2d"]}""", "中: |", "  l1", "   l2", "? k", ": [~, no, 07:00:00.0x]", "e:", ""]
    tree = parse("\r\n".join(lines).encode(), "f", parser)
    assert tree.data == {"a": {"b": [1, 2.5, "x'y", "中"]}, "中": "l1\n l2\n", "k": [None, False, "07:00:00.0x"], "e": None}
    assert [tree.locate(path) for path in [("a", "b", 3), ("中",), ("k", 2), ("e",)]] == [(1, 25), (2, 4), (6, 11), (7, 3)]
    assert tree.locate(("k",), on_key=True) == (5, 3)
    assert tree.problems == ()


def test_byte_order_mark_and_crlf() -> None:
    tree = parse(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n", "f")
    assert tree.data == {"a": 1, "b": 2}
    assert tree.locate(("b",)) == (2, 4)


def test_dates_stay_text() -> None:
    assert parse(b"a: 2024-01-01\n2024-01-02: b", "f").data == {"a": "2024-01-01", "2024-01-02": "b"}


@pytest.mark.parametrize(
    ("raw", "line", "column", "message"),
    [
        (b"", 1, 1, "the file is empty"),
        (b"# only a comment\n", 1, 1, "the file is empty"),
        (b"version: 1\n\tx: 2", 2, 1, "not valid YAML"),
        (b"a: b: c", 1, 5, "not valid YAML"),
        (b"a: 'x", 1, 6, "not valid YAML"),
        (b"a: {b: 1", 1, 9, "not valid YAML: did not find expected ',' or '}'"),
        (b"a: 1\n---\nb: 2", 2, 1, "not valid YAML: more than one document"),
        (b"a: 1\n...\n--- 2", 3, 1, "not valid YAML: more than one document"),
        (b"# 1\r\n\n%YAML 1.2\n---\na: 1", 3, 1, "a YAML directive"),
        (b"%TAG !a! x\n" * 1_000 + b"--- a", 1, 1, "a YAML directive"),
        (b"a: 1\n...\n...  # end\n%YAML 1.1\n---\nb: 2", 4, 1, "a YAML directive"),
        (b"a: 1\n%YAML 1.1\n---\nb: 2", 2, 1, "a YAML directive"),
        (b'a: "\\ud800"', 1, 7, "not valid YAML"),
        (b"a: 1\nb: \xff", 2, 4, "not UTF-8"),
        ("\ufeffa: 中".encode() + b"\xe4", 1, 5, "not UTF-8"),
        ("a: 1".encode("utf-16"), 1, 1, "not UTF-8"),
        ("a: 1".encode("utf-16-le"), 1, 2, "a control character"),
        (b"a: 1\nbb: \x00", 2, 5, "a control character"),
        ("a: x\ufeff".encode(), 1, 5, "a control character"),
        ("a: 1\rb: 中\x85".encode(), 2, 5, "an unusual line break"),
        ("# \u2028".encode(), 1, 3, "an unusual line break"),
        (b"a: &x 1\nb: *x", 1, 4, "anchors and aliases"),
        (b"a: *x", 1, 4, "anchors and aliases"),
        (b"&x a: 1", 1, 1, "anchors and aliases"),
        (b"a: {*x : 1}", 1, 5, "anchors and aliases"),
        (b"a: [" + b"[" * 100_000, 1, 4 + MAX_DEPTH - 1, "nested deeper"),
        (b"{" * 5_000, 1, 1 + MAX_DEPTH, "nested deeper"),
        (b"- " * MAX_DEPTH + b"x", 1, 1 + 2 * MAX_DEPTH, "nested deeper"),
        (b"a" * (MAX_BYTES + 1), 1, 1, "the file is larger"),
    ],
)
def test_refused_at_once(raw: bytes, line: int, column: int, message: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse(raw, "f")
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.column) == ("f", line, column)
    assert problem.message.startswith(message)
    assert caught.value.__cause__ is None


def test_as_deep_as_allowed_and_no_deeper() -> None:
    assert parse(b"- " * (MAX_DEPTH - 1) + b"x", "f").locate((0,) * (MAX_DEPTH - 1)) == (1, 2 * MAX_DEPTH - 1)


def test_more_values_than_a_policy_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_VALUES >= 200 * 10_000, "ten thousand tenants have room for two hundred names and values each"
    monkeypatch.setattr("gateway.policy.reading.yaml_compose.MAX_VALUES", 5)
    assert parse(b"{a: [1, 2]}", "f").data == {"a": [1, 2]}
    with pytest.raises(PolicyError, match=r"f:1:12: a\[2\]: more than 5 names and values"):
        parse(b"{a: [1, 2, 3]}", "f")
    with pytest.raises(PolicyError, match="f:1:13: more than 5 names and values"):
        parse(b"{a: 1, a: , b: 2}", "f")


def test_a_tab_is_named_with_its_fix() -> None:
    with pytest.raises(PolicyError, match="indent with spaces"):
        parse(b"a:\n\tb: 1", "f")


@pytest.mark.parametrize(
    ("raw", "hint"),
    [
        ("a:\n  b： c\n  d: e\n", "line 2 has '：', where YAML may need ':'"),
        ("a:\n\xa0 b: c\n  d: e\n", "line 2 has '\\xa0', where YAML may need ' '"),
        ("a: [1，2\nb: 3\n", "line 1 has '，', where YAML may need ','"),
        ('a: ["\\d"]\n', "write a text with backslashes in single quotes"),
    ],
)
def test_marks_that_look_like_those_of_yaml_are_named(raw: str, hint: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse(raw.encode(), "f")
    assert caught.value.problems[0].fix.endswith(hint)


def test_a_mark_in_a_comment_is_no_hint() -> None:
    with pytest.raises(PolicyError) as caught:
        parse("a: b: c  # 说明：一\n".encode(), "f")
    assert "：" not in str(caught.value)


@BOTH_PARSERS
def test_what_yaml_quotes_is_not_repeated(parser: type[Parser]) -> None:
    for raw in (b"!sk-topsecret!abc x", b"a: %sk-topsecret", b"a: 'x' sk-topsecret: {", b"a: *sk-topsecret"):
        with pytest.raises(PolicyError) as caught:
            parse(raw, "f", parser)
        assert "topsecret" not in str(caught.value)


@pytest.mark.parametrize("raw", [b'a: "\\ud800"', b'"\\ud800": a', b'a: "\\UFFFFFFFF"'])
@BOTH_PARSERS
def test_an_escape_that_is_no_character_is_refused(raw: bytes, parser: type[Parser]) -> None:
    with pytest.raises(PolicyError, match=r"^f:1:\d+: (a: )?not valid YAML"):
        parse(raw, "f", parser)


@pytest.mark.parametrize(
    ("raw", "line", "column", "message"),
    [
        (b"a: 1\na: 2", 2, 1, "the same name as on line 1"),
        (b"1: a", 1, 1, "a name that YAML does not read as text"),
        (b"~: a", 1, 1, "a name that YAML does not read as text"),
        (b"no: a", 1, 1, "a name that YAML does not read as text"),
        (b"? [a]\n: b", 1, 3, "a name that YAML does not read as text"),
        (b"a:\n  <<: {b: 1}", 2, 3, "a merge key"),
        (b"a: !!python/object:os.system x", 1, 4, "a YAML tag"),
        (b"a: !!set {x, y}", 1, 4, "a YAML tag"),
        (b"a: !!int zz", 1, 4, "a YAML tag"),
        (b"a: !!binary aGVsbG8=", 1, 4, "a YAML tag"),
        (b"a: ! x", 1, 4, "a YAML tag"),
        (b"!x a: 1", 1, 1, "a YAML tag"),
        (b"a: " + b"9" * 10_000, 1, 4, "a number that cannot be read"),
        (b"a: 0x" + b"f" * 10_000, 1, 4, "a number that cannot be read"),
        (b"a: 1" + b":1" * 10_000, 1, 4, "a number that cannot be read"),
        (b"a: 0." + b"1" * 10_000, 1, 4, "a number that cannot be read"),
        (b"a: 010", 1, 4, "a number that cannot be read"),
        (b"a: 0b11", 1, 4, "a number that cannot be read"),
        (b"a: 0b_", 1, 4, "a number that cannot be read"),
        (b"a: 1:30", 1, 4, "a number that cannot be read"),
        (b"a: 1:30.5", 1, 4, "a number that cannot be read"),
        (b"- a", 1, 1, "the file is not a mapping"),
        (b"just text", 1, 1, "the file is not a mapping"),
    ],
)
def test_told_along_with_the_rest(raw: bytes, line: int, column: int, message: str) -> None:
    (problem,) = parse(raw, "f").problems
    assert (problem.line, problem.column, problem.message) == (line, column, message)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1_000", 1000),
        ("-5", -5),
        ("+0", 0),
        ("1.", 1.0),
        ("1_0.5e+3", 10_500.0),
        (".5", 0.5),
        ("-.inf", -math.inf),
        ("1.0e+999", math.inf),
        ("1e999", "1e999"),
        ("0o7", "0o7"),
        ("yes", True),
        ("Off", False),
        ("y", "y"),
        ("NULL", None),
        ("'<<'", "<<"),
        ("'010'", "010"),
        ("=", "="),
    ],
)
def test_what_a_plain_word_means(written: str, value: object) -> None:
    tree = parse(f"a: {written}".encode(), "f")
    assert tree.data == {"a": value}
    assert tree.problems == ()


def test_not_a_number() -> None:
    assert str(parse(b"a: .NaN", "f").data) == "{'a': nan}"


def test_what_a_fault_hides_is_not_found() -> None:
    tree = parse(b"'<<': {b: 1}\na: {b: 2}\na: {c: 3}\n[x]: {d: 4}\nz: 5", "f")
    assert tree.data == {"<<": {"b": 1}, "a": {"b": 2}, "z": 5}
    assert tree.locate(("a", "b")) == (2, 8)
    assert tree.locate(("z",)) == (5, 4)
    assert [problem.line for problem in tree.problems] == [3, 4]


def test_what_is_wrong_behind_a_tag_is_told_too() -> None:
    assert [str(problem) for problem in parse(b"a: !x {b: 1, b: 2}", "f").problems] == [
        "f:1:4: a: a YAML tag; fix: remove the word that starts with '!'",
        "f:1:14: a.b: the same name as on line 1; fix: keep one of the two",
    ]


def test_at_most_a_hundred_problems_are_told() -> None:
    assert len(parse(b"a: 1\n" * (MAX_PROBLEMS + 1), "f").problems) == MAX_PROBLEMS
    problems = parse(b"a: 1\n" * 5_002, "f").problems
    assert len(problems) == MAX_PROBLEMS + 1
    assert str(problems[-1]) == "f:102:1: and 4,901 more; fix: mend those above first, then check again"
    assert PolicyError(problems).problems == problems


@given(st.binary(max_size=60) | st.text(alphabet="a:-[]{}&*!|>'\"#%\n\r\t 1~<?,@`\\", max_size=60).map(str.encode))
def test_any_bytes_become_a_tree_or_a_policy_error(raw: bytes) -> None:
    lines = raw.decode("utf-8", "replace").splitlines()
    for problem in _problems(raw):
        assert 1 <= problem.line <= len(lines) + 1
        assert problem.column >= 1


def _problems(raw: bytes) -> tuple[Problem, ...]:
    try:
        return parse(raw, "f").problems
    except PolicyError as error:
        return error.problems


@pytest.mark.parametrize(
    ("path", "value"),
    [((), {"a": [1]}), (("a", 0), 1), (("a", 1), None), (("b", "c"), None), (("a", "x"), None), (("a", 0, 0), None)],
)
def test_value_at(path: tuple[str | int, ...], value: object) -> None:
    assert value_at({"a": [1]}, path) == value
