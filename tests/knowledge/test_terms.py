"""What a text is found by."""

from __future__ import annotations

from gateway.keys.data_key import TenantKey
from gateway.knowledge.terms import keyed, terms


def test_english_words_without_endings_case_and_accents() -> None:
    assert set(terms("The Contracts were signed")) == {"contract", "sign"}
    assert set(terms("Zürich café")) == {"zurich", "cafe"}
    assert terms("sign, signed, signing") == {"sign": 3}


def test_chinese_in_pairs() -> None:
    assert set(terms("供应合同")) == {"供应", "应合", "合同"}
    assert set(terms("法 A4纸")) == {"法", "a4", "纸"}


def test_placeholders_stay_whole() -> None:
    assert set(terms("<PERSON_1>签署 <EMAIL_ADDRESS#5f1c>")) == {"<PERSON_1>", "签署", "<EMAIL_ADDRESS#5f1c>"}


def test_a_term_says_nothing_without_the_key_and_differs_between_shelves() -> None:
    key, other = TenantKey("bank", b"k" * 32), TenantKey("law", b"l" * 32)
    names = {keyed(key, 1, "contract"), keyed(key, 2, "contract"), keyed(other, 1, "contract"), keyed(key, 1, "lease")}
    assert len(names) == 4
    assert keyed(key, 1, "contract") == keyed(key, 1, "contract")
    assert all(-(2**63) <= name < 2**63 for name in names)
