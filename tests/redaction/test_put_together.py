"""Strings that the gateway put together: what is known stays known, and each part is read as if it were alone."""

from __future__ import annotations

import pytest

from gateway.exchange import Finding, Laid
from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.redaction.put_together import beside, strictest
from gateway.redaction.redactor import Redaction, Redactor
from tests.redaction.conftest import KnownValues

PATH = ("messages", 0, "content")
OWN = Obligations(request=EntityRules(OperatorKind.PLACEHOLDER), reply=EntityRules(OperatorKind.KEEP), restore=True)


async def _redacted(detector: KnownValues, text: str, laid: Laid, path: tuple[str | int, ...] = PATH) -> Redaction:
    redactor = Redactor(detector, b"k" * 32)
    inspection = await redactor.inspect({"messages": [{"role": "user", "content": text}]}, OWN, {path: laid})
    return await redactor.redact(inspection, tenant="t")


def _at(text: str, value: str, entity: str = "PERSON") -> Finding:
    start = text.index(value)
    return Finding(start, start + len(value), entity, 1.0, "document")


async def test_parts_are_read_apart_and_our_own_words_not_at_all(detector: KnownValues) -> None:
    text = "Bob says:\n> Will signed\nQuestion:\nWho is Ann Lee?"
    laid = Laid((_at(text, "Will"),), ((10, 23), (34, len(text))))
    redaction = await _redacted(detector, text, laid)
    assert detector.pages == ["> Will signed", "Who is Ann Lee?"]
    assert redaction.raws[-1] == "Bob says:\n> <PERSON_1> signed\nQuestion:\nWho is <PERSON_2>?"


async def test_places_hold_where_a_text_spells_escapes(detector: KnownValues) -> None:
    text = r"a\u00e9\nb Will and \"Will\""
    laid = Laid((_at(text, "Will"),), ((0, len(text)),))
    redaction = await _redacted(detector, text, laid)
    assert redaction.raws[-1] == r"a\u00e9\nb <PERSON_1> and \"Will\""


async def test_a_string_that_is_not_there_stops_everything(detector: KnownValues) -> None:
    with pytest.raises(LookupError):
        await _redacted(detector, "Will", Laid((Finding(0, 4, "PERSON", 1.0, "document"),)), ("messages", 1, "content"))


def test_what_is_known_goes_before_what_is_found() -> None:
    known = (Finding(4, 8, "PERSON", 1.0, "document"), Finding(10, 12, "CITY", 1.0, "document"))
    found = [Finding(0, 14, "ORG", 0.5, "tagger"), Finding(5, 7, "ORG", 0.5, "tagger"), Finding(20, 22, "ORG", 0.5, "tagger")]
    (own,) = beside([found], {0: Laid(known)})
    assert [(one.start, one.end, one.recognizer) for one in sorted(own)] == [
        (0, 4, "tagger"),
        (4, 8, "document"),
        (8, 10, "tagger"),
        (10, 12, "document"),
        (12, 14, "tagger"),
        (20, 22, "tagger"),
    ]


def test_of_two_rules_the_stricter_operator_holds() -> None:
    one = EntityRules(OperatorKind.KEEP, {"PERSON": OperatorKind.MASK})
    other = EntityRules(OperatorKind.PLACEHOLDER, {"PERSON": OperatorKind.HASH, "DATE": OperatorKind.KEEP})
    both = strictest(one, other)
    assert [both.operator(entity) for entity in ("PERSON", "DATE", "X")] == ["mask", "keep", "placeholder"]
    assert strictest(other, one) == both
