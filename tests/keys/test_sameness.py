from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.keys.sameness import normalised


@pytest.mark.parametrize(
    "spellings",
    [
        ("Anna Schmidt", "anna schmidt", "  ANNA \t Schmidt\n", "Ａｎｎａ　Ｓｃｈｍｉｄｔ", "Anna\u00a0Schmidt"),
        ("Strauß", "STRAUSS", "strauß"),
        ("Renée", "Rene\u0301e", "RENÉE"),
        ("O'Brien", "O’Brien", "o‘brien"),
        ("Anne-Marie", "Anne‑Marie", "anne–marie"),
        ("张伟", "张 伟", "张　伟", "张\u200b伟"),
        ("阿凡提·买买提", "阿凡提 · 买买提"),
        ("anna@example.com", "Anna@Example.COM", "ａｎｎａ＠example.com"),
        ("13800138000", "138 0013 8000", "138-0013-8000", "+86 138 0013 8000", "0086-13800138000", "１３８００１３８０００"),
        ("11010519491231002X", "110105 19491231 002x", "１１０１０５19491231002Ｘ"),
        ("DE89370400440532013000", "DE89 3704 0044 0532 0130 00", "de89-3704-0044-0532-0130-00"),
        ("4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111"),
        ("03012345678", "(030) 1234-5678", "030.1234.5678", "030 – 1234 5678"),
    ],
)
def test_spellings_of_one_value(spellings: tuple[str, ...]) -> None:
    assert len({normalised(one) for one in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.12.1990", "11.2.1990"),
        ("1990-01-12", "1990-11-2"),
        ("1.23.4.5", "12.3.4.5"),
        ("192.168.100.11", "192.168.10.011"),
        ("Anna Schmidt", "Schmidt"),
        ("张伟", "張偉"),
        ("王 Anna", "王Anna"),
        ("13800138000", "+1 13800138000"),
        ("13800138000", "13800138001"),
        ("123 45", "1 2345"),
        ("anna.schmidt@example.com", "annaschmidt@example.com"),
        ("AB-123456", "AB123456"),
    ],
)
def test_values_that_are_not_the_same(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


@pytest.mark.parametrize(("first", "last"), [(0x3007, 0x3007), (0x3400, 0x4DBF), (0x4E00, 0x9FFF)])
def test_a_chinese_character_of_these_has_one_form_whatever_stands_beside_it(first: int, last: int) -> None:
    for one in map(chr, range(first, last + 1)):
        assert normalised(one) == one
        assert normalised(f"{one} x") == f"{one} x"


@given(st.text(max_size=40))
def test_the_form_of_a_form_is_itself(value: str) -> None:
    assert normalised(normalised(value)) == normalised(value)


@given(st.text(alphabet="aZéß张 1234567890-+().", max_size=24))
def test_white_space_around_and_case_never_matter(value: str) -> None:
    assert normalised(f"  {value}\n") == normalised(value) == normalised(value.upper())
