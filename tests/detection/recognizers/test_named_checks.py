from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.recognizers.named_checks import named_check
from gateway.rules.detection import Checksum

VALID = {
    Checksum.LUHN: "4111 1111 1111 1111",
    Checksum.MOD97: "5493001KJTIIGC8Y1R12",
    Checksum.IBAN: "gb82 WEST 1234 5698 7654 32",
    Checksum.CN_RESIDENT_ID: "11010519491231002x",
    Checksum.CN_USCC: "91350100M000100Y43",
    Checksum.HK_ID: "A123456(3)",
    Checksum.TW_ID: "A123456789",
    Checksum.SG_NRIC: "S1234567D",
    Checksum.US_NPI: "1234567893",
    Checksum.US_ABA: "021000021",
    Checksum.UK_NHS: "943 476 5919",
    Checksum.AU_ABN: "51 824 753 556",
    Checksum.AU_ACN: "000 000 019",
    Checksum.AU_TFN: "876 543 210",
    Checksum.AU_MEDICARE: "2123 45670 1",
    Checksum.IN_AADHAAR: "3123 4567 8909",
    Checksum.DE_TAX_ID: "86 095 742 719",
    Checksum.ES_NIF: "12345678-Z",
    Checksum.FR_NIR: "2 55 08 14 168 025 38",
    Checksum.IT_FISCAL_CODE: "RSSMRA85T10A562S",
    Checksum.NL_BSN: "111222333",
    Checksum.PL_PESEL: "44051401359",
    Checksum.BR_CPF: "529.982.247-25",
    Checksum.VIN: "1M8GDM9AXKP042788",
}


@pytest.mark.parametrize("name", Checksum)
def test_right_digits_pass_and_a_wrong_one_does_not(name: Checksum) -> None:
    holds, value = named_check(name), VALID[name]
    assert holds(value)
    assert not holds("")
    assert not holds(f"{value}?")
    changed = [f"{value[:n]}{(int(c) + 1) % 10}{value[n + 1 :]}" for n, c in enumerate(value) if c.isdecimal()]
    # The last digit of an Australian Medicare number counts cards and is not checked.
    assert [one for one in changed if holds(one)] == (changed[-1:] if name is Checksum.AU_MEDICARE else [])


@given(st.sampled_from(Checksum), st.text("0123456789ABCXZİß１ -()", max_size=24))
def test_no_text_is_too_strange(name: Checksum, text: str) -> None:
    assert named_check(name)(text) in (True, False)
