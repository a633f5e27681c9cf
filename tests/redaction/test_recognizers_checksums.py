import pytest

from gateway.redaction.recognizers.checksums import (
    hong_kong_id,
    luhn,
    resident_id,
    resident_id_check,
    resident_id_shape,
    social_credit_code,
    taiwan_id,
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
