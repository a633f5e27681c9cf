"""Real Chinese texts in which people marked names, under licences that permit to learn from them: microblogs, news read aloud.

Labels join what the panel thinks; they do not replace it. They have no word for groups of people, and leave some names out.

`python -m training.sources.annotated FOLDER` downloads these texts, and those that nobody labelled.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from training.marks import Labelled, Part, kind_of
from training.sources.written import SOURCES, Source, download

_LABELS = MappingProxyType({"PER": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION"})
_BRACKETS = MappingProxyType({"[": "PERSON", "(": "LOCATION", "<": "ORGANIZATION"})
_MARKED = re.compile(r"\[([^]]+)\]|\(([^)]+)\)|<([^>]+)>")
_JOINTS = ("，", "，", "，", "。", " ", "\n", "")
_LINES = 4
_LONGEST, _LEAST = 220, 60
_STOPS = frozenset("。！？!?\n#")
_GROUPS = range(13, 17)
"""The tags of nationalities and groups."""
_PLACES, _TO_ADDRESS = range(5, 9), 12
"""The tags of places; and how far behind lies the same of an address."""
_NAMED, _NOT_NAMED = 4.0, 2.0
"""What a label adds to its tag, and none to O, in logits."""


@dataclass(frozen=True, slots=True)
class Annotated:
    """A text and its names. Of what lies in `unknown` the labels say nothing that we ask for."""

    text: Labelled
    unknown: tuple[tuple[int, int], ...] = ()

    def parts(self) -> tuple[Part, ...]:
        """With its names as places of their kind, to be exchanged; single characters stay."""
        found: list[Part] = []
        at = 0
        text = self.text.text
        for start, end, label in self.text.spans:
            found += [Part(text[at:start]), Part(text[start:end], kind_of(text[start:end], label))]
            at = end
        return tuple(part for part in (*found, Part(text[at:])) if part.text)


def posts(content: bytes, chance: random.Random) -> Iterator[Annotated]:  # noqa: ARG001
    """Of microblogs as CMNER has them: a character and its tag a line, an empty line behind each; long ones in pieces."""
    rows: list[tuple[str, str]] = []
    for line in [*content.decode().splitlines(), ""]:
        character, _, tag = line.partition("\t")
        if tag:
            rows.append((character, tag))
        elif not line and rows:
            yield from _pieces(_post(rows))
            rows = []


def utterances(content: bytes, chance: random.Random) -> Iterator[Annotated]:
    """Of sentences as AISHELL-NER has them, names in brackets, behind their number; a few after each other are a text."""
    lines = [line.partition(" ")[2].replace(" ", "") for line in content.decode().splitlines()]
    at = 0
    while at < len(lines):
        some, at = lines[at : (until := at + chance.randint(1, _LINES))], until
        text, spans = "", []
        for line in some:
            text += chance.choice(_JOINTS) if text else ""
            done = 0
            for name in _MARKED.finditer(line):
                text += line[done : name.start()]
                spans.append((len(text), len(text) + len(name[0]) - 2, _BRACKETS[name[0][0]]))
                text, done = text + name[0][1:-1], name.end()
            text += line[done:]
        if text:
            yield Annotated(Labelled(text + chance.choice(("。", "")), tuple(spans)))


CMNER = Source(
    "Jyz99/CMNER",
    "e499f1af312e067722ce6cc3f882232707c9456b",
    MappingProxyType(
        {
            "text/train.txt": "a382775c2969e891c82f0c85a7a63dca19f019d6d4324f3b70424d5f447d50d5",
            "text/dev.txt": "7c93b6ceee8f33868fefbbd1d104dbef3afe795009148f25155272cbfbce6990",
        }
    ),
    posts,
)
"""Posts of a microblog (MIT); its test part is left to measure with."""
AISHELL_NER = Source(
    "Alibaba-NLP/AISHELL-NER",
    "fb11b6495281bc9bbc2bea7b8bde9eb3c19a4605",
    MappingProxyType(
        {"data/aishell_ner_transcript.dev.txt": "7d3aae12fbe27a624e94de4e051ffad95620da1141a1edec1ce60f7bb3de8acd"}
    ),
    utterances,
)
"""Sentences of news, technology and sports that were read aloud (Apache-2.0); of three parts the second."""
ANNOTATED = (CMNER, AISHELL_NER)


def annotated(folder: Path, chance: random.Random, sources: Sequence[Source[Annotated]] = ANNOTATED) -> Iterator[Annotated]:
    """Every text, in the order of its file. Raises ValueError when a file is not the one that is known."""
    return (text for source in sources for content in source.contents(folder) for text in source.texts(content, chance))


def swayed(opinion: NDArray[np.float16], tags: NDArray[np.int32], unknown: NDArray[np.bool_]) -> NDArray[np.float16]:
    """An opinion (tokens, tags) that labels, as `tags` (tokens,), have joined, but for tokens of which they say nothing."""
    scores = opinion.astype(np.float32)
    places = np.arange(len(tags))
    named = (tags > 0) & ~unknown
    scores[places[named], tags[named]] += _NAMED
    place = named & np.isin(tags, _PLACES)
    scores[places[place], tags[place] + _TO_ADDRESS] += _NAMED
    scores[(tags == 0) & ~unknown & ~np.isin(opinion.argmax(1), _GROUPS), 0] += _NOT_NAMED
    joined: NDArray[np.float16] = (scores - scores.max(1, keepdims=True)).astype(np.float16)
    return joined


def _post(rows: Sequence[tuple[str, str]]) -> Annotated:
    spans: list[tuple[int, int, str]] = []
    for at, (_, tag) in enumerate(rows):
        place, _, kind = tag.partition("-")
        if place == "I" and spans and spans[-1][1:] == (at, kind):
            spans[-1] = (spans[-1][0], at + 1, kind)
        elif kind:
            spans.append((at, at + 1, kind))
    named = tuple((start, end, _LABELS[kind]) for start, end, kind in spans if kind in _LABELS)
    unknown = tuple((start, end) for start, end, kind in spans if kind not in _LABELS)
    return Annotated(Labelled("".join(character for character, _ in rows), named), unknown)


def _pieces(post: Annotated) -> Iterator[Annotated]:
    """Cut behind a stop, and never in a name."""
    text, spans = post.text.text, post.text.spans
    names = [*post.unknown, *((start, end) for start, end, _ in spans)]
    inside = {at for start, end in names for at in range(start + 1, end)}
    start = 0
    while start < len(text):
        end = min(start + _LONGEST, len(text))
        if end < len(text):
            stops = [at for at in range(start + _LEAST, end) if text[at - 1] in _STOPS and at not in inside]
            end = stops[-1] if stops else next(at for at in range(end, len(text) + 1) if at not in inside)
        named = tuple((a - start, b - start, label) for a, b, label in spans if start <= a and b <= end)
        unknown = tuple((a - start, b - start) for a, b in post.unknown if start <= a and b <= end)
        yield Annotated(Labelled(text[start:end], named), unknown)
        start = end


if __name__ == "__main__":
    download(Path(sys.argv[1]), (*SOURCES, *ANNOTATED))
