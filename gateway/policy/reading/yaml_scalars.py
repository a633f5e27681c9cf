"""One scalar: what a plain one means, and where in the file a character of a text stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import yaml

from gateway.policy.reading.yaml_source import Source

_MOST_DIGITS = 100
_TAG = "tag:yaml.org,2002:"
_TRUE = frozenset({"yes", "true", "on"})


class PlainScalars:
    """What YAML reads in a word without quotes. Dates stay text: no policy needs them as anything else."""

    def __init__(self) -> None:
        self._resolver = yaml.resolver.Resolver()
        self._made: Mapping[str, Callable[[str], object]] = {
            f"{_TAG}int": _whole,
            f"{_TAG}float": _fraction,
            f"{_TAG}bool": lambda text: text.lower() in _TRUE,
            f"{_TAG}null": lambda _: None,
        }

    def read(self, text: str) -> object:
        """Text, a number, true, false or nothing. Raises ValueError for a number of another kind than policies have."""
        make = self._made.get(self._tag(text))
        return text if make is None else make(text)

    def is_text(self, text: str) -> bool:
        return self._tag(text) not in self._made

    def _tag(self, text: str) -> str:
        tag: str = self._resolver.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
        return tag


def _whole(text: str) -> int:
    """In plain digits only: YAML takes 010 for 8 and 1:30 for 90, which few people who write them mean.

    Other ways of writing also have no limit that keeps their reading short.
    """
    digits = text.lstrip("+-")
    if len(digits) > _MOST_DIGITS or not digits.replace("_", "").isdecimal() or (digits[0] == "0" and digits != "0"):
        raise ValueError("not plain digits")
    return int(text.replace("_", ""))


def _fraction(text: str) -> float:
    """Python reads what YAML writes, except for the dot before inf and nan. Raises ValueError for 1:30.0."""
    if len(text) > _MOST_DIGITS:
        raise ValueError("too long")
    plain = text.replace("_", "").lower()
    return float(plain.replace(".", "") if plain.endswith(("inf", "nan")) else plain)


def index_within(source: Source, start: int, text: str, line: int, column: int) -> int:
    """The index in the file of a line and column, both from 1, of a text whose scalar starts at `start`.

    Exact for what stands in the file as it reads: plain and quoted on one line, and literal blocks. Elsewhere, behind a
    line that was folded or a character that was escaped, it is the start of the scalar.
    """
    lines = text.split("\n")
    line = min(max(line, 1), len(lines))
    written = lines[line - 1]
    before = written[: max(column - 1, 0)]
    if source.text.startswith("|", start):
        return _in_block(source, start, line, written, before)
    return _in_flow(source, start, before) if line == 1 else start


def _in_block(source: Source, start: int, line: int, written: str, before: str) -> int:
    """The lines of a literal block are those below its `|`, with the indentation taken away."""
    line_start, whole = source.line(source.position(start)[0] + line)
    if not whole.endswith(written):
        return start
    return line_start + len(whole) - len(written) + len(before)


def _in_flow(source: Source, start: int, before: str) -> int:
    quote = source.text[start : start + 1]
    if quote == '"' and "\\" in before:
        return start
    as_written = before.replace("'", "''") if quote == "'" else before
    first = start + (quote in ("'", '"'))
    return first + len(as_written) if source.text.startswith(as_written, first) else start
