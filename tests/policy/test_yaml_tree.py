from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policy.problems import PolicyError, Problem
from gateway.policy.yaml_tree import MAX_BYTES, MAX_DEPTH, parse, value_at


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
        (b"a: 1\n---\nb: 2", 2, 1, "not valid YAML"),
        (b"a: 1\nb: \xff", 2, 4, "not UTF-8"),
        ("a: 1".encode("utf-16"), 1, 1, "not UTF-8"),
        (b"a: 1\nbb: \x00", 2, 5, "a control character"),
        (b"a: &x 1\nb: *x", 1, 4, "anchors and aliases"),
        (b"a: *x", 1, 4, "anchors and aliases"),
        (b"a: [" + b"[" * 100_000, 1, 4 + MAX_DEPTH - 1, "nested deeper"),
        (b"{" * 5_000, 1, 1 + MAX_DEPTH, "nested deeper"),
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


def test_a_tab_is_named_with_its_fix() -> None:
    with pytest.raises(PolicyError, match="indent with spaces"):
        parse(b"a:\n\tb: 1", "f")


def test_what_yaml_quotes_is_not_repeated() -> None:
    for raw in (b"!sk-topsecret!abc x", b"a: %sk-topsecret", b"a: 'x' sk-topsecret: {"):
        with pytest.raises(PolicyError) as caught:
            parse(raw, "f")
        assert "topsecret" not in str(caught.value)


@pytest.mark.parametrize(
    ("raw", "line", "column", "message"),
    [
        (b"a: 1\na: 2", 2, 1, "the same name as on line 1"),
        (b"1: a", 1, 1, "a name that YAML does not read as text"),
        (b"? [a]\n: b", 1, 3, "a name that YAML does not read as text"),
        (b"a: !!python/object:os.system x", 1, 4, "a YAML tag"),
        (b"a: !!set {x, y}", 1, 4, "a YAML tag"),
        (b"a: !!int zz", 1, 4, "a number that cannot be read"),
        (b"a: " + b"9" * 10_000, 1, 4, "a number that cannot be read"),
        (b"a: !!bool maybe", 1, 4, "a number that cannot be read"),
        (b"- a", 1, 1, "the file is not a mapping"),
        (b"just text", 1, 1, "the file is not a mapping"),
    ],
)
def test_told_along_with_the_rest(raw: bytes, line: int, column: int, message: str) -> None:
    (problem,) = parse(raw, "f").problems
    assert (problem.line, problem.column, problem.message) == (line, column, message)


@given(st.binary(max_size=60) | st.text(alphabet="a:-[]{}&*!|>'\"#%\n\t 1~<?,@`", max_size=60).map(str.encode))
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
