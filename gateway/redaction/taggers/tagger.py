"""The small taggers as recognizers: a reader, a network, a decoder; then the names that a text repeats."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from gateway.redaction.recognizers.sieve import Tag
from gateway.redaction.recognizers.tagging import Tagger
from gateway.redaction.taggers.decode import Decoder, Span
from gateway.redaction.taggers.han import HanReader
from gateway.redaction.taggers.latin import LatinReader
from gateway.redaction.taggers.lexicon import Lexicon
from gateway.redaction.taggers.network import Network
from gateway.redaction.taggers.repeats import repeats
from gateway.redaction.taggers.tokens import Reader, Tokens

LABELS = ("PERSON", "LOCATION", "ORGANIZATION", "NRP", "ADDRESS")
"""What the networks tell apart, in the order of their tags."""
_ENTITIES = tuple("LOCATION" if label == "ADDRESS" else label for label in LABELS)
WEIGHTS = Path(__file__).parent / "weights"
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff]{2}")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


class SmallTagger(Tagger):
    """A tagger of ours. `script` finds the letters that it reads; a text without them is not looked at."""

    SIEVED = False

    def __init__(self, name: str, reader: Reader, graph: bytes, script: re.Pattern[str]) -> None:
        self._reader = reader
        self._network = Network(graph)
        self._decoder = Decoder(_ENTITIES)
        self._script = script
        super().__init__(name, sorted(set(_ENTITIES)))

    def tag(self, text: str) -> Iterator[Tag]:
        if self._script.search(text) is None:
            return
        tokens = self._reader.read(text)
        tags = [_tag(tokens, span) for span in self._decoder.spans(self._network.scores(tokens.ids))]
        tags = [tag for tag in tags if tag.entity == "LOCATION" or self._script.search(text, tag.start, tag.end)]
        yield from tags
        yield from repeats(text, tags)


def latin_tagger(weights: Path = WEIGHTS / "latin.npz") -> SmallTagger:
    """For text in Latin letters, with the weights that the package ships."""
    with np.load(weights, allow_pickle=False) as parts:
        reader = LatinReader(_text(parts["vocabulary"]).split("\0"), Lexicon(parts["lexicon"]))
        return SmallTagger("LatinTagger", reader, parts["graph"].tobytes(), _LATIN)


def han_tagger(weights: Path = WEIGHTS / "han.npz") -> SmallTagger:
    """For text with Han characters, with the weights that the package ships."""
    with np.load(weights, allow_pickle=False) as parts:
        reader = HanReader(_text(parts["characters"]), _text(parts["simpler"]), Lexicon(parts["lexicon"]))
        return SmallTagger("HanTagger", reader, parts["graph"].tobytes(), _HAN)


def _tag(tokens: Tokens, span: Span) -> Tag:
    return Tag(int(tokens.starts[span.first]), int(tokens.ends[span.last]), span.label, span.score)


def _text(array: Any) -> str:
    return bytes(array).decode("utf-8")
