"""Chinese texts that nobody labelled, reviews and texts drawn from a language model: larger models tell what they think."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import MappingProxyType

from gateway.detection.taggers.tokens import Reader
from training import teachers
from training.marks import Labelled, Part, labelled
from training.network import Sample
from training.panel import Panel
from training.pseudo import Trigrams
from training.samples import certain, sample
from training.vary import Exchange, Parts

_PLAIN = 0.4
"""How many of the texts without any name are kept."""
_ORGANISATIONS = MappingProxyType(
    {
        **dict.fromkeys("学院校", "U"), **dict.fromkeys("部局委厅府会署军", "M"), **dict.fromkeys("队", "T"),
        **dict.fromkeys("报社台网", "E"),
    }
)  # fmt: skip
"""The kind of an organisation, by its last character; of others, a company."""


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """Samples of such texts. What the panel thinks of names counts; where there is none, LAC's names, less than ours."""

    reader: Reader
    lac: teachers.Lac
    panel: Panel

    def sample(self, text: str, weight: float, given: Labelled | None = None) -> Sample:
        """`given` has the names that were put in: of the Latin ones among them the panel knows little."""
        told, tokens = self.lac.told(text), self.reader.read(text)
        opinion = self.panel.told(tokens, text)
        opinion = opinion if given is None else certain(opinion, tokens, given)
        named = Labelled(text, teachers.entities(self.lac.words(told)))
        grammar = teachers.for_tokens(tokens, told)
        return sample(tokens, named, grammar, opinion, weight=weight if opinion is None else 0.0)

    def reviews(self, chance: random.Random, most: int) -> Iterator[Sample]:
        texts = list(teachers.reviews())
        return (self.sample(text, 0.2) for text in chance.sample(texts, min(most, len(texts))))

    def drawn(self, trigrams: Trigrams, exchange: Exchange, chance: random.Random, count: int) -> Iterator[Sample]:
        """Names in them are exchanged for others of their kind, so that rare ones stand between real words too."""
        while count:
            text = trigrams.text(chance)
            parts = named_parts(text, self.lac.words(self.lac.told(text)))
            if any(part.kind for part in parts) or chance.random() < _PLAIN:
                count -= 1
                yield self._exchanged(parts, exchange)

    def written(self, texts: Iterable[str], exchange: Exchange, chance: random.Random) -> Iterator[Sample]:
        """Real texts: every one as it is, and those with names once more, with names exchanged."""
        for text in texts:
            parts = named_parts(text, self.lac.words(self.lac.told(text)))
            named = any(part.kind for part in parts)
            if named or chance.random() < _PLAIN:
                yield self.sample(text, 0.4)
            if named:
                yield self._exchanged(parts, exchange)

    def _exchanged(self, parts: Parts, exchange: Exchange) -> Sample:
        given = labelled(exchange(parts))
        return self.sample(given.text, 0.4, given)


def named_parts(text: str, words: list[tuple[int, int, str]]) -> Parts:
    """A text as LAC's words cut it, names of two and more characters marked."""
    return tuple(Part(text[start:end], _kind(text[start:end], part)) for start, end, part in words)


def _kind(word: str, part: str) -> str:
    if len(word) < 2:
        return ""
    return _ORGANISATIONS.get(word[-1], "O") if part == "ORG" else {"PER": "P", "LOC": "L"}.get(part, "")
