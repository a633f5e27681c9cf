"""Other texts from one text: its entities exchanged, its case and layout disturbed, two texts run together."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from training.marks import Part

Parts = tuple[Part, ...]


class Entities(Protocol):
    def like(self, kind: str, old: str) -> str:
        """Another entity of the same kind, written like the old one."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """Entities exchanged for others, the same for the same."""

    entities: Entities
    chance: random.Random
    share: float = 0.6

    def __call__(self, parts: Parts) -> Parts:
        if self.chance.random() < 0.15:
            return parts
        new: dict[Part, Part] = {}
        for part in parts:
            if part.kind and part not in new:
                keep = self.chance.random() > self.share
                new[part] = part if keep else replace(part, text=self.entities.like(part.kind, part.text))
        return tuple(new.get(part, part) for part in parts)


def changed(parts: Parts, change: Callable[[str], str]) -> Parts:
    """Every part of the text changed in the same way."""
    return tuple(replace(part, text=change(part.text)) for part in parts)


@dataclass(frozen=True, slots=True)
class Disturb:
    """What people do to English texts: no capitals, only capitals, line breaks, missing stops."""

    chance: random.Random

    def __call__(self, parts: Parts) -> Parts:
        dice = self.chance.random()
        if dice < 0.07:
            return changed(parts, str.lower)
        if dice < 0.085:
            return changed(parts, str.upper)
        if dice < 0.11:
            return changed(parts, lambda text: re.sub(r"[.,!?](?=\s|$)", "", text))
        if dice < 0.13:
            return changed(parts, lambda text: text.replace(", ", "\n").replace(". ", ".\n"))
        if dice < 0.16 and parts[0].kind == "":
            return (replace(parts[0], text=parts[0].text[:1].lower() + parts[0].text[1:]), *parts[1:])
        return parts


@dataclass(frozen=True, slots=True)
class RunTogether:
    """A text with another one after it, as scraped pages have them."""

    chance: random.Random
    others: Sequence[Parts]
    share: float
    joints: Sequence[str]

    def __call__(self, parts: Parts) -> Parts:
        while self.chance.random() < self.share:
            parts = (*parts, Part(self.chance.choice(self.joints)), *self.chance.choice(self.others))
        return parts


@dataclass(frozen=True, slots=True)
class Gloss:
    """A name once more in brackets, as `latin` writes one of its kind."""

    latin: Callable[[str], str]
    chance: random.Random
    share: float
    kinds: str = "POTEG"

    def __call__(self, parts: Parts) -> Parts:
        return tuple(piece for part in parts for piece in self._glossed(part))

    def _glossed(self, part: Part) -> Parts:
        if not part.kind or part.kind not in self.kinds or part.text.isascii() or self.chance.random() > self.share:
            return (part,)
        left, right = self.chance.choice(("（）", "()"))
        return part, Part(left), Part(self.latin(part.kind), part.kind), Part(right)


@dataclass(frozen=True, slots=True)
class Cut:
    """A text that begins or ends in the middle, but never in the middle of an entity."""

    chance: random.Random
    share: float

    def __call__(self, parts: Parts) -> Parts:
        if self.chance.random() > self.share:
            return parts
        first, last = parts[0], parts[-1]
        if not first.kind and len(first.text) > 8:
            parts = (replace(first, text=first.text[self.chance.randrange(len(first.text) - 2) :].lstrip()), *parts[1:])
        elif not last.kind and len(last.text) > 8:
            parts = (*parts[:-1], replace(last, text=last.text[: self.chance.randrange(2, len(last.text))]))
        return parts
