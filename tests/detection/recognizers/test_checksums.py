import pytest
from hypothesis import given
from hypothesis import strategies as st
from presidio_analyzer.predefined_recognizers import CreditCardRecognizer

from gateway.detection.recognizers.checksums import (
    br_cpf,
    fr_nir,
    hong_kong_id,
    luhn,
    nl_bsn,
    resident_id,
    resident_id_check,
    resident_id_shape,
    sg_nric,
    social_credit_code,
    taiwan_id,
    vehicle_number,
)


@pytest.mark.parametrize("number", ["11010519491231002X", "11010519491231002x", "440524188001010014"])
def test_resident_id_takes_the_examples_of_gb_11643(number: str) -> None:
    assert resident_id(number)


@pytest.mark.parametrize(
    "number",
    [
        "110105194912310021",  # check digit
        "11010519491331002X",  # month 13
        "99010519491231002X",  # no such province
        "1101051949123100",
        "440524188001010015",
    ],
)
def test_resident_id_refuses(number: str) -> None:
    assert not resident_id(number)


def test_every_single_digit_slip_in_a_resident_id_is_noticed() -> None:
    good = "11010519491231002X"
    for place in range(17):
        for digit in set("0123456789") - {good[place]}:
            assert resident_id_check(good[:place] + digit + good[place + 1 : 17]) != "X"


def test_the_old_resident_id_has_a_date_of_birth() -> None:
    assert resident_id_shape("110105491231002")
    assert not resident_id_shape("110105491331002")


def test_social_credit_code_of_gb_32100() -> None:
    assert social_credit_code("91350100M000100Y43")  # the standard's own example
    assert social_credit_code("91110000802100433B")  # Baidu Online Network Technology, as published
    assert not social_credit_code("91350100M000100Y44")
    assert not social_credit_code("91350100I000100Y43")


@pytest.mark.parametrize("number", ["A123456(3)", "a1234563", "AB987654(3)", "C668668(9)"])
def test_hong_kong_id(number: str) -> None:
    assert hong_kong_id(number)


@pytest.mark.parametrize("number", ["A123456(4)", "A12345(3)", "1234567(8)", "AB987654(4)"])
def test_hong_kong_id_refuses(number: str) -> None:
    assert not hong_kong_id(number)


@pytest.mark.parametrize("number", ["A123456789", "a123456789", "A800000014"])
def test_taiwan_id(number: str) -> None:
    assert taiwan_id(number)


@pytest.mark.parametrize("number", ["A123456788", "A323456789", "A12345678"])
def test_taiwan_id_refuses(number: str) -> None:
    assert not taiwan_id(number)


def test_luhn() -> None:
    assert luhn("79927398713")
    assert not luhn("79927398710")


@given(st.from_regex("[0-9]{2,20}", fullmatch=True))
def test_luhn_is_presidios(number: str) -> None:
    assert luhn(number) is CreditCardRecognizer().validate_result(number)


@pytest.mark.parametrize("number", ["1M8GDM9AXKP042788", "1HGCM82633A004352", "WVWZZZ1JZXW000001"])
def test_vehicle_number_has_a_check_digit_in_the_ninth_place(number: str) -> None:
    good = [number[:8] + digit + number[9:] for digit in "0123456789X" if vehicle_number(number[:8] + digit + number[9:])]
    assert len(good) == 1


def test_vehicle_number_takes_the_example_of_49_cfr_565() -> None:
    assert vehicle_number("1M8GDM9AXKP042788")
    assert not vehicle_number("1M8GDM9A1KP042788")
    assert not vehicle_number("1" * 17)  # passes the sum; but nobody writes a car's number so


@pytest.mark.parametrize("number", ["S1234567D", "t1234567j", "F1234567N", "G1234567X", "M1234567K"])
def test_singapore(number: str) -> None:
    assert sg_nric(number)
    assert not sg_nric(number[:8] + ("A" if number[8].upper() != "A" else "B"))


def test_france_with_and_without_spaces_and_in_corsica() -> None:
    assert fr_nir("2 55 08 14 168 025 38")
    assert fr_nir("255081416802538")
    assert not fr_nir("255081416802539")
    key = 97 - int("1840719123456") % 97
    assert fr_nir(f"184072A123456{key:02}")


def test_the_netherlands() -> None:
    assert nl_bsn("111222333")
    assert not nl_bsn("111222334")
    assert not nl_bsn("000000000")


def test_brazil() -> None:
    assert br_cpf("529.982.247-25")
    assert not br_cpf("529.982.247-26")
    assert not br_cpf("111.111.111-11")
