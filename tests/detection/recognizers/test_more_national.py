"""Numbers of further countries: valid ones are found, and one wrong digit is noticed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.detection.detect import PresidioDetector
from gateway.detection.recognizers import national_checks as checks
from gateway.detection.recognizers.more_national import more_national_recognizers
from gateway.detection.recognizers.registry import pattern_recognizers

NUMBERS = (
    ("numéro AVS", "756.9217.0769.85", "CH_AHV"),
    ("RUT", "12.531.909-2", "CL_RUT"),
    ("rut:", "12531909-2", "CL_RUT"),
    ("CUIT", "20-05536168-2", "AR_CUIT"),
    ("Emirates", "784-1987-3428719-5", "AE_EMIRATES_ID"),
    ("rijksregisternummer", "85.07.30-033.28", "BE_NATIONAL_NUMBER"),
    ("CURP", "BOXW310820HNERXN09", "MX_CURP"),
    ("CNIC", "34201-0891231-8", "PK_CNIC"),
    ("SNILS", "112-233-445 95", "RU_SNILS"),
    ("EGN", "7523169263", "BG_EGN"),
    ("rodné číslo", "710319/2745", "CZ_BIRTH_NUMBER"),
    ("CPR-nummer", "211062-5629", "DK_CPR"),
    ("AMKA", "01013099997", "GR_AMKA"),
    ("NIK", "3171011708450001", "ID_NIK"),
    ("PPS number", "6433435F", "IE_PPSN"),
    ("teudat zehut", "039337423", "IL_ID"),
    ("voter card", "ABC1234567", "IN_VOTER"),
    ("My Number", "6214 9832 0257", "JP_MY_NUMBER"),
    ("MyKad", "770305-02-1234", "MY_NRIC"),
    ("fødselsnummer", "15108695088", "NO_FNR"),
    ("NIF", "501964843", "PT_NIF"),
    ("CNP", "1630615123457", "RO_CNP"),
    ("INN", "500100732259", "RU_INN"),
    ("CCCD", "079193012345", "VN_CCCD"),
    ("national ID", "8841-2290-55", "NATIONAL_ID"),
    ("证件号", "WY2084417", "NATIONAL_ID"),
)
"""A word, a number, and what it is; those with a check are the examples of python-stdnum and of the offices."""

CHECKED = {
    "CH_AHV": checks.ch_ahv,
    "CL_RUT": checks.cl_rut,
    "AR_CUIT": checks.ar_cuit,
    "BE_NATIONAL_NUMBER": checks.be_nn,
    "MX_CURP": checks.mx_curp,
    "RU_SNILS": checks.ru_snils,
    "BG_EGN": checks.bg_egn,
    "CZ_BIRTH_NUMBER": checks.cz_birth,
    "IE_PPSN": checks.ie_ppsn,
    "IL_ID": checks.il_id,
    "JP_MY_NUMBER": checks.jp_my_number,
    "NO_FNR": checks.no_fnr,
    "PT_NIF": checks.pt_nif,
    "RO_CNP": checks.ro_cnp,
    "RU_INN": checks.ru_inn,
}


@pytest.fixture(scope="module")
def found() -> Callable[[str], set[tuple[str, str]]]:
    core = PresidioDetector(pattern_recognizers())
    return lambda text: {(text[f.start : f.end], f.entity) for f in core.analyze(text)}


@pytest.mark.parametrize(("word", "value", "entity"), NUMBERS)
def test_found_behind_its_word(found: Callable[[str], set[tuple[str, str]]], word: str, value: str, entity: str) -> None:
    assert found(f"My {word} {value}, thanks") == {(value, entity)}


@pytest.mark.parametrize("entity", sorted(CHECKED))
def test_a_slip_in_the_last_digit_is_noticed(entity: str) -> None:
    value = next(value for _, value, one in NUMBERS if one == entity)
    at = max(n for n, c in enumerate(value) if c.isdigit())
    others = [value[:at] + digit + value[at + 1 :] for digit in "0123456789" if digit != value[at]]
    assert CHECKED[entity](value)
    assert not any(CHECKED[entity](other) for other in others)


@pytest.mark.parametrize(("check", "text"), [(checks.born_ddmmyy, "3113801234"), (checks.my_nric, "771305-02-1234")])
def test_there_is_no_such_day(check: Callable[[str], bool | None], text: str) -> None:
    assert check(text) is False


def test_a_woman_s_day_of_birth_in_indonesia() -> None:
    assert checks.id_nik("3273054508910003") is None
    assert checks.id_nik("3273057208910003") is False


def test_a_belgian_of_this_century() -> None:
    assert checks.be_nn("17.07.30-033.84")


def test_every_type_is_shown() -> None:
    assert {one.supported_entities[0] for one in more_national_recognizers()} == {entity for _, _, entity in NUMBERS}


@pytest.mark.parametrize("text", ["order 12345678-9", "the nearest inn 500100732250", "IP 784.19.8.1", "2024-11-03"])
def test_left_alone(found: Callable[[str], set[tuple[str, str]]], text: str) -> None:
    assert not {entity for _, entity in found(text)} & {entity for _, _, entity in NUMBERS}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Customer NIC 912345678V, Colombo", "912345678V"),
        ("NIC 912345678 V", "912345678 V"),
        ('{"nic":"199112345678"}', "199112345678"),
        ("name,nic\nKamal Perera,852341234x", "852341234x"),
        ("| NIC | D250190123456E |", "D250190123456E"),
    ],
)
def test_found_behind_nic(found: Callable[[str], set[tuple[str, str]]], text: str, value: str) -> None:
    assert (value, "NATIONAL_ID") in found(text)


@pytest.mark.parametrize("text", ["NIC 2 dropped 1234567 packets", "the NIC firmware 10023451", "at the clinic 912345678V"])
def test_a_network_s_card_is_nobody_s(found: Callable[[str], set[tuple[str, str]]], text: str) -> None:
    assert not found(text)
