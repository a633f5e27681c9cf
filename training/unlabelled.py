"""Chinese texts that nobody labelled, reviews and texts drawn from a language model: larger models tell what they think."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import MappingProxyType

from gateway.detection.taggers.tokens import Reader
from training import teachers
from training.marks import Labelled, Part, kind_of, labelled
from training.network import Sample
from training.panel import Panel
from training.samples import certain, sample
from training.sources.annotated import Annotated, swayed
from training.sources.pseudo import Trigrams
from training.tags import tagged
from training.vary import Exchange, Parts

_PLAIN = 0.4
"""How many of the texts without any name are kept."""
_LABELS = MappingProxyType({"PER": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION"})
"""LAC's."""


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

    def annotated(self, texts: Iterable[Annotated], exchange: Exchange) -> Iterator[Sample]:
        """Texts in which people marked names: labels sway the panel. Those with names once more, with names exchanged."""
        for text in texts:
            tokens = self.reader.read(text.text.text)
            opinion = self.panel.told(tokens, text.text.text)
            if opinion is None:
                continue
            unknown = tagged(tokens, [(start, end, "PERSON") for start, end in text.unknown]) > 0
            opinion = swayed(opinion, tagged(tokens, text.text.spans), unknown)
            grammar = teachers.for_tokens(tokens, self.lac.told(text.text.text))
            yield sample(tokens, text.text, grammar, opinion, weight=0.0)
            if text.text.spans:
                yield self._exchanged(text.parts(), exchange)

    def _exchanged(self, parts: Parts, exchange: Exchange) -> Sample:
        given = labelled(exchange(parts))
        return self.sample(given.text, 0.4, given)


def named_parts(text: str, words: list[tuple[int, int, str]]) -> Parts:
    """A text as LAC's words cut it, names of two and more characters marked."""
    return tuple(Part(text[start:end], kind_of(text[start:end], _LABELS.get(part, ""))) for start, end, part in words)
