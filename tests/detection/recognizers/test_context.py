"""Words that say what a number is: each number belongs to its own word, whatever stands beside it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import pytest

from gateway.detection.detect import PresidioDetector
from gateway.detection.recognizers.context import LEAST, Context
from gateway.detection.recognizers.more_national import more_national_recognizers
from gateway.detection.recognizers.patterns import ContextPatternRecognizer
from gateway.detection.recognizers.registry import pattern_recognizers

Found = Callable[[str], set[tuple[str, str]]]

PACK = pattern_recognizers()
LABELLED = (
    ("phone", "785 8949", "PHONE_NUMBER"),
    ("mobile", "5551234567", "PHONE_NUMBER"),
    ("card number", "6304000000000000", "CREDIT_CARD"),
    ("account number", "12345678901", "US_BANK_NUMBER"),
    ("routing number", "021000021", "ABA_ROUTING_NUMBER"),
    ("sort code", "20-45-77", "UK_SORT_CODE"),
    ("身分證", "A123456788", "TW_ID"),
    ("SSN", "219099999", "US_SSN"),
    ("ITIN", "912-70-1234", "US_ITIN"),
    ("Medicare beneficiary", "1EG4-TE5-MK73", "US_MBI"),
    ("NPI", "1234567893", "US_NPI"),
    ("NHS number", "943 476 5919", "UK_NHS"),
    ("national insurance number", "AB123456C", "UK_NINO"),
    ("passport number", "123456789", "PASSPORT_NUMBER"),
    ("driver's license number", "D1234567", "DRIVER_LICENSE"),
    ("driving licence no", "425700624", "DRIVER_LICENSE"),
    ("MRN", "12345678", "MEDICAL_RECORD_NUMBER"),
    ("patient ID", "00482913", "MEDICAL_RECORD_NUMBER"),
    ("IMEI", "49-015420-323751-8", "IMEI"),
    ("serial number", "C02XK1ZJHD5", "DEVICE_ID"),
    ("SWIFT", "DEUTDEFF500", "SWIFT_CODE"),
    ("member ID", "XYZ123456789", "HEALTH_PLAN_NUMBER"),
    ("insurance number", "8841302277", "HEALTH_PLAN_NUMBER"),
    ("certificate number", "A-12345", "CERTIFICATE_NUMBER"),
    ("license plate", "7ABC123", "VEHICLE_REGISTRATION"),
    ("DEA number", "AB1234563", "MEDICAL_LICENSE"),
    ("ABN", "51 824 753 556", "AU_ABN"),
    ("TFN", "123 456 782", "AU_TFN"),
    ("ACN", "004 085 616", "AU_ACN"),
    ("SIN", "046 454 286", "CA_SIN"),
    ("Aadhaar", "2345 6789 0124", "IN_AADHAAR"),
    ("PESEL", "44051401359", "PL_PESEL"),
    ("Steuer-ID", "86 095 742 719", "DE_TAX_ID"),
    ("BSN", "111222333", "NL_BSN"),
    ("TC Kimlik", "10000000146", "TR_NATIONAL_ID"),
    ("personnummer", "811218-9876", "SE_PERSONNUMMER"),
    ("zip code", "71382", "LOCATION"),
    ("HKID", "A1234563", "HK_ID"),
    ("partita IVA", "07643520567", "IT_VAT_CODE"),
    ("work permit number", "12345678", "CERTIFICATE_NUMBER"),
    ("VIN", "1M8GDM9AXKP042788", "VIN"),
    ("身份证", "110105194912310021", "CN_ID"),
    ("银行账号", "621700123456", "CN_BANK_CARD"),
    ("护照", "E12345678", "CN_PASSPORT"),
    ("港澳通行证", "C12345678", "CN_TRAVEL_PERMIT"),
    ("病历号", "00482913", "MEDICAL_RECORD_NUMBER"),
    ("病歷號碼", "00482913", "MEDICAL_RECORD_NUMBER"),
    ("請電", "2874 0931", "PHONE_NUMBER"),
    ("医保卡号", "A8841302277", "HEALTH_PLAN_NUMBER"),
    ("Thai ID", "1-1017-00230-70-8", "TH_TNIN"),
    ("South African ID number", "8001015009087", "ZA_ID_NUMBER"),
    ("Krankenkasse", "A123456780", "DE_HEALTH_INSURANCE"),
    ("Medicare card", "2123 45670 1", "AU_MEDICARE"),
    ("date of birth", "03/14/67", "DATE_TIME"),
)
"""A word, a number that is valid, and what it is."""


@pytest.fixture(scope="module")
def found() -> Found:
    core = PresidioDetector(PACK)
    return lambda text: {(text[f.start : f.end], f.entity) for f in core.analyze(text)}


def test_the_table_has_every_type_that_a_word_explains() -> None:
    explained = {one.supported_entities[0] for one in PACK if isinstance(one, ContextPatternRecognizer)}
    elsewhere = {one.supported_entities[0] for one in more_national_recognizers()}  # test_more_national.py
    assert explained - {entity for _, _, entity in LABELLED} - elsewhere == {"NG_NIN"}  # Presidio checks only its length


@pytest.mark.parametrize("frame", ["{}: {}", "my {} is {}, thanks"])
@pytest.mark.parametrize(("label", "value", "entity"), LABELLED, ids=lambda one: str(one))
def test_one_number_behind_its_word(found: Found, label: str, value: str, entity: str, frame: str) -> None:
    assert found(frame.format(label, value)) == {(value, entity)}


@pytest.mark.parametrize("frame", ["{}: {}, {}: {}", "{} {} and {} {}"])
@pytest.mark.parametrize("entity", sorted({entity for _, _, entity in LABELLED}))
def test_of_two_numbers_each_belongs_to_its_own_word(found: Found, entity: str, frame: str) -> None:
    wrong = []
    for (label, value, one), (other_label, other_value, other) in permutations(LABELLED, 2):
        text = frame.format(label, value, other_label, other_value)
        if one == entity and found(text) != {(value, one), (other_value, other)}:
            wrong.append((text, found(text)))
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "value", "entity"),
    [
        ("national insurance number: AB123456C", "AB123456C", "UK_NINO"),
        ("I lost my passport and my licence; account number 12345678", "12345678", "US_BANK_NUMBER"),
        ("patient ID, NHS number: 943 476 5919", "943 476 5919", "UK_NHS"),
        ("routing and account number 021000021", "021000021", "ABA_ROUTING_NUMBER"),
        ("work permit number 12345678", "12345678", "CERTIFICATE_NUMBER"),
        ("Serial number C02XK1ZJHD5", "C02XK1ZJHD5", "DEVICE_ID"),
        ("accounts 12345678 and 87654321", "87654321", "US_BANK_NUMBER"),
        ("license plate AB12 CDE", "AB12 CDE", "VEHICLE_REGISTRATION"),
    ],
)
def test_the_strict_form_and_the_nearer_word_win(found: Found, text: str, value: str, entity: str) -> None:
    assert (value, entity) in found(text)


def test_a_serial_line_has_no_serial_number(found: Found) -> None:
    assert found("open the serial port at 115200 baud") == set()


def test_a_nearer_word_says_more_and_one_behind_another_number_little() -> None:
    context = Context(["account"], before=48)
    near, far, second = "account 12345678", "account, as you asked for it, 12345678", "account 87654321, 12345678"
    near_score, far_score, second_score = (context.weighed(text, text.index("12345678"), 0.5) for text in (near, far, second))
    assert 0.5 > near_score > far_score > 0.45 > second_score > LEAST


def test_what_a_word_says_ends_at_its_rival() -> None:
    context = Context(["call"], before=32, rivals=["order"])
    assert list(context.windows("call about order 1234567")) == [(4, 11)]
    assert list(context.windows("call 1234567")) == [(4, 13)]
