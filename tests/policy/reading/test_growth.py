"""Reading grows with the file and no faster, whatever the file's shape.

Python's work is counted in calls, which every run repeats exactly. What the YAML parser does in C is not seen by that count,
so there the CPU time of two sizes is compared, with a margin that only quadratic growth crosses.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

from gateway.policy.reading.problems import PolicyError
from gateway.policy.reading.yaml_problems import MAX_PROBLEMS
from gateway.policy.reading.yaml_tree import Tree, parse

TENANT = """\
  t{0}:
    models: [small, vectors]
    entities: {{PERSON: surrogate, default: mask}}
    reply:
      restore: true
    rules:
      r:
        when: |
          findings.PERSON > 3
            && principal.id == "x"
        deny: too many people
"""

# Shapes that make Python work, with as many parts as asked for.
COUNTED: dict[str, Callable[[int], str]] = {
    "tenants": lambda n: "tenants:\n" + "".join(map(TENANT.format, range(n))),
    "many names": lambda n: "".join(f"k{i}: x\n" for i in range(n)),
    "one name again and again": lambda n: "a: {b: x}\n" * n,
    "flow list": lambda n: "a: [" + "x, " * n + "]",
    "flow names": lambda n: "{" + "a, " * n + "}",
    "lists in a list": lambda n: "- [x, {a: b}]\n" * n,
    "nothing": lambda n: "-\n" * n,
    "tags": lambda n: "- !x y\n" * n,
    "lists for names": lambda n: "? [x]\n: y\n" * n,
    "numbers": lambda n: "- 0x1f\n- 12\n- 1.5\n" * n,
    "unclosed": lambda n: "a: {" + "x: 1\n," * n,
}

# Shapes that keep the parser, the decoder and the line table busy, of about as many characters as asked for.
TIMED: dict[str, Callable[[int], str]] = {
    "long word": lambda n: "a: " + "x" * n,
    "long line of words": lambda n: "a: " + "x " * (n // 2),
    "folded": lambda n: "a: >\n" + "  x\n" * (n // 4),
    "literal": lambda n: "a: |\n" + "  x\n" * (n // 4),
    "blank lines": lambda n: "a: |\n" + "\n" * n + "  x\n",
    "escapes": lambda n: 'a: "' + "\\n" * (n // 2) + '"',
    "doubled quotes": lambda n: "a: '" + "''" * (n // 2) + "'",
    "unclosed quote": lambda n: "a: '" + "x\n" * (n // 2),
    "comments": lambda n: "#\n" * (n // 2) + "a: 1",
    "spaces": lambda n: "a:" + " " * n + "1",
    "question marks": lambda n: "? " * (n // 2),
    "colons": lambda n: ":\n" * (n // 2),
    "brackets": lambda n: "[" * n,
    "braces": lambda n: "{" * n,
    "dashes": lambda n: "- " * (n // 2),
    "steps": lambda n: "".join(" " * i + "a:\n" for i in range(int((2 * n) ** 0.5))),
    "digits": lambda n: "a: " + "1" * n,
    "base sixty": lambda n: "a: 1" + ":1" * (n // 2),
    "hexadecimal": lambda n: "a: 0x" + "f" * n,
    "date": lambda n: "a: 2001-01-01" + " " * n + "x",
    "documents": lambda n: "---\n" * (n // 4),
    "aliases": lambda n: "a: [" + "*x, " * (n // 4) + "]",
    "directives": lambda n: "".join(f"%TAG !{i}! x\n" for i in range(n // 15)) + "--- a",
    "directives later": lambda n: "a: 1\n...\n" + "".join(f"%TAG !{i}! x\n" for i in range(n // 15)) + "--- a",
    "directives inside": lambda n: "a: 1\n" + "".join(f"%TAG !{i}! x\n" for i in range(n // 15)) + "--- a",
    "no directives": lambda n: "\r\n# %\r\n" * (n // 7) + "a: 1",
    "control characters": lambda n: "x" * n + "\0",
}


@contextmanager
def _counting() -> Iterator[list[int]]:
    calls = [0]

    def count(frame: FrameType, event: str, arg: object) -> None:
        calls[0] += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        yield calls
    finally:
        sys.setprofile(None)


def _read(raw: bytes) -> Tree | PolicyError:
    try:
        return parse(raw, "f")
    except PolicyError as error:
        return error


@pytest.mark.parametrize("shape", COUNTED)
def test_twice_the_file_is_twice_the_calls(shape: str) -> None:
    def calls(parts: int) -> int:
        raw = COUNTED[shape](parts).encode()
        with _counting() as count:
            _read(raw)
        return count[0]

    small, large = calls(200), calls(400)
    assert small > 200
    assert large < 2.2 * small


@pytest.mark.parametrize("shape", TIMED)
def test_eight_times_the_file_is_not_sixty_times_the_time(shape: str) -> None:
    def seconds(characters: int) -> float:
        raw = TIMED[shape](characters).encode()
        return min(_cpu_seconds(lambda: _read(raw)) for _ in range(3))

    floor = 0.0005  # s; below it the clock says little
    assert seconds(400_000) < 30 * max(seconds(50_000), floor)


def test_places_of_many_values_are_found_in_as_many_steps() -> None:
    def calls(parts: int) -> int:
        tree = parse(COUNTED["tenants"](parts).encode(), "f")
        with _counting() as count:
            places = {tree.locate(("tenants", f"t{i}", "models", 1)) for i in range(parts)}
        assert len(places) == parts
        return count[0]

    assert calls(400) < 2.2 * calls(200)


@pytest.mark.parametrize("shape", COUNTED)
def test_however_much_is_wrong_little_is_kept(shape: str) -> None:
    read = _read(COUNTED[shape](2_000).encode())
    assert len(read.problems) <= MAX_PROBLEMS + 1
    assert sum(len(str(problem)) for problem in read.problems) < 20_000


def _cpu_seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start
