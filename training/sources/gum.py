"""Documents of GUM, the Georgetown University Multilayer corpus, in CoNLL-U: the names in what it says of entities.

It marks every phrase that speaks of somebody or something. Of a person's, a place's and an organisation's the proper nouns
around the governing word are the name, titles left out.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from training.sources.notation import Word, marked

_MADE_OF: Mapping[str, str] = MappingProxyType({"person": "P", "place": "L", "organization": "O"})
_TITLES = frozenset(
    "Mr Mrs Ms Miss Dr Prof Professor President Judge Justice Senator Rep Governor Minister King Queen Prince Princess Sir "
    "Lord Lady Captain General Colonel Saint Pope Chancellor Secretary Mayor Chief Director Mr. Mrs. Ms. Dr. Prof. Sen. "
    "Rep. Gov. Congressman Prime Vice Ambassador Sheriff Officer Sergeant Detective Coach Uncle Aunt The the".split()
)
_INNER = frozenset("of for the and & de la von van ' - – ’s 's".split())


def documents(content: bytes, chance: random.Random) -> Iterator[str]:  # noqa: ARG001
    """Of a document a paragraph is a text, with the names of persons, places and organisations in it marked."""
    for paragraph in re.split(r"(?m)^# newpar$", content.decode()):
        sentences = [_named(block) for block in paragraph.split("\n\n") if re.search(r"(?m)^1\t", block)]
        if words := [word for sentence in sentences for word in sentence]:
            yield marked(words)


def _named(block: str) -> list[Word]:
    """The words of a sentence; those of a name are a person's, a place's or an organisation's that the sentence names."""
    rows = [line.split("\t") for line in block.splitlines() if re.match(r"\d+\t", line)]
    tight = _tight(block)
    words = [Word(row[1], spaced=n not in tight) for n, row in enumerate(rows)]
    taken = [False] * len(rows)
    for first, last, made in sorted(_mentions(rows), key=lambda one: one[0] - one[1]):
        kind = _MADE_OF.get(made, "")
        found = _name(rows, first, last, of_person=kind == "P") if kind else None
        if found and not any(taken[found[0] : found[1] + 1]):
            for at in range(found[0], found[1] + 1):
                taken[at] = True
                words[at] = Word(words[at].text, kind, at == found[0], words[at].spaced)
    return words


def _tight(block: str) -> frozenset[int]:
    """Which words have no white space before them: behind `SpaceAfter=No`, and inside of a word written as one."""
    tight: set[int] = set()
    count, inside, close = 0, 0, False
    for line in block.splitlines():
        cells = line.split("\t")
        if re.fullmatch(r"\d+-\d+", cells[0]):
            first, last = map(int, cells[0].split("-"))
            tight.update(range(first, last))
            if "SpaceAfter=No" in cells[-1]:
                tight.add(last)
            inside = last
        elif cells[0].isdigit():
            count += 1
            close = "SpaceAfter=No" in cells[-1] and count >= inside
            if close:
                tight.add(count)
    return frozenset(tight)


def _mentions(rows: Sequence[Sequence[str]]) -> Iterator[tuple[int, int, str]]:
    """First and last word and the type of each entity that is spoken of."""
    begun: dict[str, list[tuple[int, str]]] = {}
    for at, row in enumerate(rows):
        told = re.search(r"(?:^|\|)Entity=([^|]*)", row[9])
        for opened, closed in re.findall(r"\(([^()]*\)?)|([^()]+)\)", told[1]) if told else ():
            if opened:
                name, made = [*opened.rstrip(")").split("-"), ""][:2]
                if opened.endswith(")"):
                    yield at, at, made
                else:
                    begun.setdefault(name, []).append((at, made))
            elif begun.get(closed):
                first, made = begun[closed].pop()
                yield first, at, made


def _name(rows: Sequence[Sequence[str]], first: int, last: int, *, of_person: bool) -> tuple[int, int] | None:
    """The proper nouns around the word that governs this stretch, or None where that is none."""
    numbers = {row[0]: at for at, row in enumerate(rows)}
    head = next((at for at in range(first, last + 1) if not first <= numbers.get(rows[at][6], -1) <= last), first)
    if rows[head][3] != "PROPN":
        return None
    start = end = head
    while start > first and rows[start - 1][3] == "PROPN":
        start -= 1
    while end < last and rows[end + 1][3] == "PROPN":
        end += 1
    while not of_person and end + 2 <= last and rows[end + 1][1] in _INNER:
        ahead = next((at for at in range(end + 1, min(last, end + 3) + 1) if rows[at][1] not in _INNER), last + 1)
        if ahead > last or rows[ahead][3] != "PROPN" or not rows[ahead][1][:1].isupper():
            break
        end = ahead
        while end < last and rows[end + 1][3] == "PROPN":
            end += 1
    while of_person and start <= end and rows[start][1] in _TITLES:
        start += 1
    return (start, end) if start <= end else None
