"""Texts with marked entities: `{P:Ann Lee} lives in {L:Leeds}`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

_MARK = re.compile(r"\{([PCLGAOUMTEN]):([^{}]+)\}")
LABELS = MappingProxyType(
    {
        "P": "PERSON", "C": "LOCATION", "L": "LOCATION", "G": "LOCATION", "A": "ADDRESS", "O": "ORGANIZATION",
        "U": "ORGANIZATION", "M": "ORGANIZATION", "T": "ORGANIZATION", "E": "ORGANIZATION", "N": "NRP",
    }
)  # fmt: skip
"""What each kind of mark is to a tagger. An address is a place to everybody else."""
_ORGANISATIONS = MappingProxyType(
    {
        **dict.fromkeys("学院校", "U"), **dict.fromkeys("部局委厅府会署军", "M"), **dict.fromkeys("队", "T"),
        **dict.fromkeys("报社台网", "E"),
    }
)  # fmt: skip
"""The kind of an organisation, by its last character; of others, a company."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text; `kind` is the letter of its mark, or empty."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and its spans (start, end, label), offsets in code points."""

    text: str
    spans: tuple[tuple[int, int, str], ...]


def parts(line: str) -> tuple[Part, ...]:
    """The parts of a marked line. `\\n` and `\\t` are written as escapes."""
    line = line.replace("\\n", "\n").replace("\\t", "\t")
    found: list[Part] = []
    at = 0
    for mark in _MARK.finditer(line):
        found += [Part(line[at : mark.start()]), Part(mark[2], mark[1])]
        at = mark.end()
    return tuple(part for part in (*found, Part(line[at:])) if part.text)


def labelled(pieces: tuple[Part, ...]) -> Labelled:
    """The text that parts make up."""
    spans, at = [], 0
    for part in pieces:
        if part.kind:
            spans.append((at, at + len(part.text), LABELS[part.kind]))
        at += len(part.text)
    return Labelled("".join(part.text for part in pieces), tuple(spans))


def kind_of(name: str, label: str) -> str:
    """The mark of a Chinese name of two and more characters; empty for others, and for what is no name."""
    if len(name) < 2:
        return ""
    return _ORGANISATIONS.get(name[-1], "O") if label == "ORGANIZATION" else {"PERSON": "P", "LOCATION": "L"}.get(label, "")


def lines(folder: Path) -> Iterator[tuple[Part, ...]]:
    """Every text under a folder, in the order of its files."""
    for path in sorted(folder.glob("*.txt")):
        for line in path.read_text("utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                yield parts(line)


@cache
def listed(folder: Path, name: str) -> tuple[str, ...]:
    """The entries of a list."""
    text = (folder / f"{name}.txt").read_text("utf-8")
    entries = (line.strip() for line in text.splitlines())
    return tuple(dict.fromkeys(entry for entry in entries if entry and not entry.startswith("#")))
