"""The YAML parser that is at hand, and what it says of text that is no YAML."""

from __future__ import annotations

import re
from typing import Any, Final, Protocol

import yaml

from gateway.policy.reading.problems import PolicyError
from gateway.policy.reading.yaml_source import Source

_QUOTED = re.compile(r"(['\"])([^'\"]*)\1")


# What input methods and word processors write in place of YAML's own marks.
_LOOKALIKES = dict(zip("：，［］｛｝“”‘’\u3000\xa0", ":,[]{}\"\"''  ", strict=True))
_LOOKALIKE = re.compile(f"[{''.join(_LOOKALIKES)}]")


class Parser(Protocol):
    """What is used of a PyYAML loader."""

    def __init__(self, stream: str) -> None: ...

    def get_event(self) -> Any:
        """The next of yaml.events; its marks count code points."""


# libyaml is some ten times as fast as PyYAML's own parser, which takes its place where PyYAML was built without it.
FASTEST: Final[type[Parser]] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def syntax_refusal(error: yaml.MarkedYAMLError, source: Source) -> PolicyError:
    mark = error.problem_mark or error.context_mark
    index = min(mark.index, len(source.text)) if mark else 0
    # What the parser quotes may be a piece of a pasted key; one character is enough to find the place.
    what = _QUOTED.sub(lambda found: found[0] if len(found[2]) < 3 else "a word", error.problem or "cannot be read")
    fix = "check indentation, quotes and colons here and on the line before"
    if "escape" in what:
        fix = "write a text with backslashes in single quotes"
    elif source.text.startswith("\t", index):
        fix = "indent with spaces; YAML allows no tabs there"
    elif (odd := _lookalike(source, index)) is not None:
        line, character, meant = odd
        fix = f"{fix}: line {line} has {character!r}, where YAML may need {meant!r}"
    return source.refusal(index, f"not valid YAML: {what}", fix)


def _lookalike(source: Source, index: int) -> tuple[int, str, str] | None:
    """A mark in the line of the fault or the one before that looks like one of YAML's: its line, itself, and YAML's."""
    at, _ = source.position(index)
    for line in (at, at - 1):
        found = _LOOKALIKE.search(source.line(line)[1].partition(" #")[0]) if line else None
        if found is not None:
            return line, found[0], _LOOKALIKES[found[0]]
    return None
