"""Where a text of the policy stands in its file, to the character."""

from __future__ import annotations

import pytest

from gateway.policy.reading.yaml_tree import Tree, parse, value_at

WITHIN = [
    "a: principal.id == 中 && x",
    "a: 'it''s ''so'' x'",
    'a: "one line, it\'s"',
    "{k: [x], a: plain in flow}",
    "a: |\n  one\n    two\n\n  three 中\n",
    "a: |-   # why\r\n    one\r\n\r\n     two  \r\n",
    "a: |2\n   leading space\n  x\n",
    "a: |+\n\n\n  late\n\n",
    "a: |\r  one\r  two\r",
    "a:\n  |\n  under it\n",
]


@pytest.mark.parametrize("text", WITHIN)
def test_every_character_of_a_text_is_found_in_the_file(text: str) -> None:
    tree = parse(text.encode(), "f")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(_text(tree).split("\n"), 1):
        places = [tree.within(("a",), number, column) for column in range(1, len(line) + 1)]
        assert "".join(lines[at_line - 1][at_column - 1] for at_line, at_column in places) == line
        assert places == sorted(set(places))
        assert all(place >= tree.locate(("a",)) for place in places)


@pytest.mark.parametrize(
    ("text", "line", "column", "place"),
    [
        ("a: |\n  x\n   yz\n", 2, 3, (3, 5)),
        ("a: 'o''k'", 1, 3, (1, 8)),
        ('a: "q"', 1, 1, (1, 5)),
        ("a: 中文", 1, 2, (1, 5)),
        ("a: xyz", 1, 4, (1, 7)),
        ("a: xyz", 1, 99, (1, 7)),
        ("a: xyz", 0, -1, (1, 4)),
        ("a: |\n  x\n", 99, 99, (3, 1)),
        ("a: |-\n  x\n", 99, 99, (2, 4)),
        ("a: |\n  x", 1, 2, (2, 4)),
    ],
)
def test_within(text: str, line: int, column: int, place: tuple[int, int]) -> None:
    assert parse(text.encode(), "f").within(("a",), line, column) == place


@pytest.mark.parametrize(
    ("text", "line", "column", "place"),
    [
        ("a: >\n  one\n  two\n", 1, 5, (1, 4)),
        ("a: one\n  two", 1, 3, (1, 6)),
        ("a: one\n  two", 1, 6, (1, 4)),
        ("a: 'one\n  two'", 1, 6, (1, 4)),
        ("a: 'one\n\n  two'", 2, 1, (1, 4)),
        ('a: "x\\ty"', 1, 2, (1, 6)),
        ('a: "x\\ty"', 1, 3, (1, 4)),
        ('a: "x\\\\y"', 1, 3, (1, 4)),
        ('a: "x\\ny"', 2, 1, (1, 4)),
        ("a: !!str x y", 1, 3, (1, 4)),
        ("a: 12", 1, 2, (1, 4)),
        ("a: {b: c}", 1, 2, (1, 4)),
        ("b: x", 1, 2, (1, 1)),
    ],
)
def test_within_what_does_not_read_as_it_is_written(text: str, line: int, column: int, place: tuple[int, int]) -> None:
    assert parse(text.encode(), "f").within(("a",), line, column) == place


def _text(tree: Tree) -> str:
    text = value_at(tree.data, ("a",))
    assert isinstance(text, str)
    return text
