"""What policy asks to be counted although it is kept: it is found, counted, let out, and hides nothing."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace

import pytest

from gateway.exchange import Finding
from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.redaction.redactor import Inspection, Redactor
from tests.redaction.conftest import KnownValues

KEY = b"k" * 32
TEXT = "Ann Lee and Bob went to Paris, said ann@x.org"


def _obligations(default: str, sought: frozenset[str] = frozenset(), **by_entity: str) -> Obligations:
    rules = EntityRules(OperatorKind(default), {entity: OperatorKind(op) for entity, op in by_entity.items()})
    return Obligations(request=rules, reply=EntityRules(OperatorKind.KEEP), restore=True, sought=sought)


class Choosy(KnownValues):
    """Looks for a kept type only when it is not kept, as the real engines do."""

    async def detect(
        self, texts: Sequence[str], *, kept: Container[str] = frozenset(), **more: object
    ) -> list[tuple[Finding, ...]]:
        found = await super().detect(texts, kept=kept, **more)
        return [tuple(one for one in own if one.entity not in kept) for own in found]


@pytest.fixture
def choosy() -> Choosy:
    return Choosy({"Ann Lee": "PERSON", "Bob": "PERSON", "ann@x.org": "EMAIL_ADDRESS", "Paris": "LOCATION"})


async def _inspected(detector: KnownValues, obligations: Obligations) -> Inspection:
    return await Redactor(detector, KEY).inspect({"prompt": TEXT}, obligations)


async def _sent(detector: KnownValues, inspection: Inspection) -> str:
    redaction = await Redactor(detector, KEY).redact(inspection, tenant="t")
    return str(redaction.body["prompt"])


async def test_findings_are_counted_by_type(choosy: Choosy) -> None:
    inspection = await _inspected(choosy, _obligations("placeholder"))
    assert inspection.counts == {"PERSON": 2, "EMAIL_ADDRESS": 1, "LOCATION": 1}
    assert len(choosy.pages) == 1


async def test_what_is_kept_and_not_asked_for_is_not_looked_for(choosy: Choosy) -> None:
    inspection = await _inspected(choosy, _obligations("placeholder", PERSON="keep"))
    assert inspection.counts == {"EMAIL_ADDRESS": 1, "LOCATION": 1}
    assert len(choosy.pages) == 1


async def test_what_is_kept_and_asked_for_is_counted_and_kept(choosy: Choosy) -> None:
    inspection = await _inspected(choosy, _obligations("placeholder", frozenset({"PERSON"}), PERSON="keep"))
    assert inspection.counts == {"EMAIL_ADDRESS": 1, "LOCATION": 1, "PERSON": 2}
    assert await _sent(choosy, inspection) == "Ann Lee and Bob went to <LOCATION_1>, said <EMAIL_ADDRESS_1>"
    assert {found.entity for found in inspection.findings} == {"EMAIL_ADDRESS", "LOCATION"}


async def test_one_type_can_be_counted_where_everything_is_kept(choosy: Choosy) -> None:
    everything = _obligations("keep")
    assert (await _inspected(choosy, everything)).counts == {}
    assert choosy.pages == []
    inspection = await _inspected(choosy, replace(everything, sought=frozenset({"PERSON", "SECRET"})))
    assert inspection.counts == {"PERSON": 2, "SECRET": 0}
    assert await _sent(choosy, inspection) == TEXT


async def test_what_is_asked_for_and_not_kept_costs_nothing_more(choosy: Choosy) -> None:
    inspection = await _inspected(choosy, _obligations("placeholder", frozenset({"PERSON"})))
    assert inspection.counts["PERSON"] == 2
    assert len(choosy.pages) == 1


class Overlapping(KnownValues):
    """Knows a person in whose name an address stands."""

    async def detect(
        self, texts: Sequence[str], *, kept: Container[str] = frozenset(), **_: object
    ) -> list[tuple[Finding, ...]]:
        found = Finding(0, 17, "PERSON", 0.9, "known"), Finding(8, 17, "EMAIL_ADDRESS", 0.9, "known")
        return [tuple(one for one in found if one.entity not in kept) for _ in texts]


async def test_what_is_counted_hides_nothing() -> None:
    redactor = Redactor(Overlapping({}), KEY)
    obligations = _obligations("placeholder", frozenset({"PERSON"}), PERSON="keep")
    inspection = await redactor.inspect({"prompt": "Ann Lee ann@x.org"}, obligations)
    assert inspection.counts == {"EMAIL_ADDRESS": 1, "PERSON": 1}
    assert (await redactor.redact(inspection, tenant="t")).body["prompt"] == "Ann Lee <EMAIL_ADDRESS_1>"


async def test_counts_hold_no_text(choosy: Choosy) -> None:
    inspection = await _inspected(choosy, _obligations("placeholder", frozenset({"PERSON"}), PERSON="keep"))
    assert "Ann" not in repr(inspection) + repr(inspection.counts)
