"""Identifiers with an international or a Western form: Presidio's checks, with patterns that hold beside Chinese."""

from __future__ import annotations

from presidio_analyzer import EntityRecognizer
from presidio_analyzer.predefined_recognizers import (
    NhsRecognizer,
    UsItinRecognizer,
    UsMbiRecognizer,
    UsNpiRecognizer,
    UsSsnRecognizer,
)

from gateway.detection.recognizers.devices import device_recognizers
from gateway.detection.recognizers.money import money_recognizers
from gateway.detection.recognizers.more_national import more_national_recognizers
from gateway.detection.recognizers.national import national_recognizers
from gateway.detection.recognizers.network import network_recognizers
from gateway.detection.recognizers.patterns import CheckedPatternRecognizer, ContextPatternRecognizer, presidio_check
from gateway.detection.recognizers.shapes import DIGIT_FIRST, STRONG, WEAK, number, starts_with, word

_SSN_WORDS = ("ssn", "social security", "social", "社会安全号", "社安号", "社会保险号")
_LICENCE_WORDS = ("driver license", "driver licence", "driver's license", "driver's licence", "drivers license",
                  "driving licence", "driving license", "dl number", "dl no", "dl#", "驾照", "驾驶证", "駕照",
                  "駕駛證", "駕駛執照")  # fmt: skip
_PASSPORT_WORDS = ("passport", "travel document", "护照", "護照")
_RECORD_WORDS = (
    *("mrn", "medical record", "patient id", "patient number", "chart number"),
    *("病历号", "住院号", "门诊号", "病歷號", "住院號", "門診號", "病案号"),
)
_RECORD = 0.95
"""More than a telephone has by its form: hospitals count patients by them."""


def international_recognizers() -> tuple[EntityRecognizer, ...]:
    """Money, network and government identifiers outside China."""
    return (
        *money_recognizers(),
        *network_recognizers(),
        *_united_states(),
        *_united_kingdom(),
        *_other_documents(),
        *national_recognizers(),
        *more_national_recognizers(),
        *device_recognizers(),
    )


def _united_states() -> tuple[EntityRecognizer, ...]:
    ssn = presidio_check(UsSsnRecognizer())
    itin = r"9[0-9]{2}([- ]?)(?:5[0-9]|6[0-5]|7[0-9]|8[0-8]|9[0-24-9])\1[0-9]{4}"
    letter, either = "[AC-HJKMNP-RT-Y]", "[0-9AC-HJKMNP-RT-Y]"
    mbi = f"[1-9]{letter}{either}[0-9]-?{letter}{either}[0-9]-?{letter}{{2}}[0-9]{{2}}"
    return (
        CheckedPatternRecognizer(
            "US_SSN",
            [(number("[0-8][0-9]{2}-[0-9]{2}-[0-9]{4}"), STRONG)],
            name="UsSsn",
            gate=["[0-9]{3}-[0-9]{2}-[0-9]{4}"],
            check=ssn,
            starts=starts_with("0-8", "[0-9]{2}-"),
        ),
        ContextPatternRecognizer(
            "US_SSN",
            [(number(r"[0-8][0-9]{2}([ .]?)[0-9]{2}\1[0-9]{4}|[0-9]{5}-[0-9]{4}|[0-9]{3}-[0-9]{6}"), WEAK)],
            words=_SSN_WORDS,
            name="UsSsnInContext",
            check=ssn,
            starts=DIGIT_FIRST,
        ),
        ContextPatternRecognizer(
            "US_ITIN",
            [(number(itin), WEAK)],
            words=("itin", "taxpayer", "tax id", "tin"),
            name="UsItin",
            check=presidio_check(UsItinRecognizer()),
            starts=DIGIT_FIRST,
        ),
        ContextPatternRecognizer(
            "US_MBI",
            [(word(mbi), STRONG)],
            words=("mbi", "medicare", "beneficiary"),
            name="UsMbi",
            gate=[f"[1-9]{letter}{either}[0-9]-?{letter}"],
            check=presidio_check(UsMbiRecognizer()),
            starts=DIGIT_FIRST,
        ),
        ContextPatternRecognizer(
            "US_NPI",
            [(number("[12][0-9]{9}"), WEAK)],
            words=("npi", "national provider"),
            name="UsNpi",
            check=presidio_check(UsNpiRecognizer()),
            starts=DIGIT_FIRST,
        ),
    )


def _united_kingdom() -> tuple[EntityRecognizer, ...]:
    nhs = presidio_check(NhsRecognizer())
    nino = "(?!BG|GB|NK|KN|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]"
    return (
        ContextPatternRecognizer(
            "UK_NHS",
            [(number("[0-9]{3}[- ]?[0-9]{3}[- ]?[0-9]{4}"), WEAK)],
            words=("nhs", "national health service", "health service"),
            name="UkNhs",
            check=nhs,
            starts=DIGIT_FIRST,
        ),
        CheckedPatternRecognizer(
            "UK_NINO", [(word(nino), STRONG)], name="UkNino", gate=["[A-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]"]
        ),
    )


def _other_documents() -> tuple[EntityRecognizer, ...]:
    return (
        ContextPatternRecognizer(
            "PASSPORT_NUMBER",
            [(word("[A-Z]{0,2}[0-9]{7,9}|(?=(?:[A-Z]{0,5}[0-9]){3})[A-Z][A-Z0-9]{7,8}"), WEAK)],
            words=_PASSPORT_WORDS,
            name="Passport",
            gate=["[0-9](?:[A-Z]{0,5}[0-9]){3}"],
        ),
        ContextPatternRecognizer(
            "DRIVER_LICENSE",
            [(word("[A-Z]{0,2}[0-9]{3,6}(?:-[0-9]{2,6}){1,3}|(?=[A-Z0-9]{0,15}[0-9]{3})[A-Z0-9]{5,18}"), WEAK)],
            words=_LICENCE_WORDS,
            name="DriverLicense",
            gate=["[0-9]{3}"],
        ),
        ContextPatternRecognizer(
            "MEDICAL_RECORD_NUMBER",
            [(word("[A-Z]{0,3}-?[0-9]{5,12}"), _RECORD)],
            words=_RECORD_WORDS,
            name="MedicalRecord",
            before=32,
        ),
    )
