from __future__ import annotations

import pytest

from bench.coverage.disguises import VALUES, disguises, outcome, split_outcome
from bench.coverage.numbers import kinds, sentences
from bench.coverage.types import CHECKS, HIPAA, LABELLED, type_rows
from gateway.detection.detect import PresidioDetector
from gateway.detection.evaluation import label_of
from gateway.detection.recognizers.registry import built_in_entities, pattern_recognizers


@pytest.fixture(scope="module")
def detector() -> PresidioDetector:
    return PresidioDetector(pattern_recognizers())


def test_every_type_has_a_row_and_every_note_a_type() -> None:
    assert [row.entity for row in type_rows(pattern_recognizers())] == sorted(built_in_entities())
    named = {entity for _, _, types, _ in HIPAA for entity in types} | CHECKS.keys() | LABELLED
    assert named <= built_in_entities()


def test_hipaa_has_eighteen_identifiers() -> None:
    assert "".join(letter for letter, *_ in HIPAA) == "ABCDEFGHIJKLMNOPQR"
    assert all(types or "not supported" in note for _, _, types, note in HIPAA)


def test_rows_say_how_a_type_is_found() -> None:
    rows = {row.entity: (row.found_by, row.scripts) for row in type_rows(pattern_recognizers())}
    assert rows["EMAIL_ADDRESS"] == ("form", "any")
    assert rows["UK_NHS"] == ("context", "Latin")
    assert rows["MEDICAL_RECORD_NUMBER"] == ("context + table", "Latin, Han")
    assert rows["PERSON"] == ("form + table + tagger", "Latin, Han")
    assert rows["WECHAT_ID"] == ("context + table", "Latin, Han")


def test_generated_numbers_are_reproducible_and_labelled() -> None:
    first, second = ([gold for kind in kinds() for gold in sentences(kind, "zh", named=True)] for _ in range(2))
    assert first == second
    assert {gold.spans[0][2] for gold in first} <= {label_of(entity) for entity in built_in_entities()}
    for gold in first:
        start, end, _ = gold.spans[0]
        assert gold.text[start:end].strip()
        assert not gold.text[:start][-1:].isascii() or gold.text[start - 1] == " "


def test_a_kind_without_a_name_in_a_language_is_left_out() -> None:
    (mbi,) = (kind for kind in kinds() if kind.entity == "CN_PASSPORT")
    assert not list(sentences(mbi, "en", named=True))


@pytest.mark.parametrize("name", VALUES)
def test_outcomes(detector: PresidioDetector, name: str) -> None:
    assert outcome(detector, name, str) == "found"
    assert outcome(detector, name, disguises()["base64"]) == "found"
    assert outcome(detector, name, disguises()["base64 twice"]) == "not found"
    assert split_outcome(detector, name, messages=True) == "found"
