"""Texts out of templates. A line `@name = a | b` is a list to draw from; every other line is a template with {name} in it.

Files are named after what their texts are about; in the mixed ones a template begins with its labels: `[health hr] ...`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
LANGUAGES = ("en", "zh")
_SLOT = re.compile(r"\{(\w+)\}")
_LABELLED = re.compile(r"\[([a-z_ ]+)\] (.*)")
_MIXED, _NONE = "mixed", "none"
_OPENINGS = {
    "en": (
        "Hi, ",
        "hello, quick question: ",
        "Please help me with this. ",
        "Context: ",
        "URGENT: ",
        "Dear team,\n",
        "fyi - ",
        "Q: ",
    ),
    "zh": ("你好，", "请问：", "帮忙处理一下。", "背景：", "紧急：", "各位好：\n", "麻烦看看，", "问题："),
}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and what it is about; an empty set: none of the labels."""

    text: str
    labels: frozenset[str]
    language: str


@dataclass(frozen=True, slots=True)
class _Template:
    text: str
    labels: frozenset[str]
    lists: dict[str, tuple[str, ...]]

    @property
    def breadth(self) -> int:
        """A template over a long list of terms is drawn from more often, so that each term is seen."""
        return max(1, *(len(self.lists[slot]) // 20 for slot in _SLOT.findall(self.text)), 1)

    def drawn(self, chance: random.Random) -> str:
        return _SLOT.sub(lambda slot: chance.choice(self.lists[slot[1]]), self.text)


def generated(seed: int, each: int, of: Callable[[Path, int], bool] = lambda _file, _number: True) -> list[Labelled]:
    """`each` texts of every template, some with an opening, some between others that are about nothing in particular. `of` may
    choose among templates by their file and number.
    """
    chance = random.Random(seed)
    found: list[Labelled] = []
    for language in LANGUAGES:
        made = list(_templates(language, of))
        plain = [one for one in made if not one.labels]
        for template in made:
            found += [
                Labelled(_surrounded(template, plain, language, chance), template.labels, language)
                for _ in range(each * template.breadth)
            ]
    chance.shuffle(found)
    return found


def _surrounded(template: _Template, plain: Sequence[_Template], language: str, chance: random.Random) -> str:
    text = template.drawn(chance)
    if chance.random() < 0.3:
        text = chance.choice(_OPENINGS[language]) + text
    while chance.random() < 0.3:
        other = chance.choice(plain).drawn(chance)
        text = f"{other}\n{text}" if chance.random() < 0.5 else f"{text} {other}"
    return text


def _templates(language: str, of: Callable[[Path, int], bool]) -> Iterator[_Template]:
    for file in sorted(CORPUS.glob(f"*.{language}.txt")):
        name = file.name.partition(".")[0]
        lists: dict[str, tuple[str, ...]] = {}
        lines = file.read_text(encoding="utf-8").splitlines()
        for line in (line for line in lines if line.startswith("@")):
            slot, _, said = line[1:].partition("=")
            lists[slot.strip()] = tuple(word.strip() for word in said.split("|"))
        for number, line in enumerate(line for line in lines if line and not line.startswith("@")):
            if of(file, number):
                labels, text = _of_line(name, line)
                yield _Template(text, labels, lists)


def _of_line(name: str, line: str) -> tuple[frozenset[str], str]:
    if name != _MIXED:
        return frozenset() if name == _NONE else frozenset({name}), line
    found = _LABELLED.fullmatch(line)
    if found is None:
        raise ValueError("a mixed template begins with its labels")
    return frozenset(found[1].split()), found[2]
