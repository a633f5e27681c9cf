"""A value is found in a short text by its tag alone, as whole words, however the words are joined."""

from __future__ import annotations

import pytest

from gateway.keys.data_key import TenantKey
from gateway.knowledge.named import is_named

KEY = TenantKey("bank", b"k" * 32)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Anna Schmidt", "/srv/files/anna_SCHMIDT-2026.pdf"),
        ("Anna Schmidt", "Letter to Anna  Schmidt.docx"),
        ("Schmidt-Lee", "Schmidt-Lee"),
        ("O'Brien", "cases/O’Brien.md"),
        ("Müller", "Mu\u0308ller.txt"),
        ("Dr. Ann Lee", "Dr._Ann_Lee.txt"),
        ("J. R.", "notes of J. R."),
        ("anna_s@example.com", "anna_s@example.com.md"),
        ("+49 30 1234567", "call (+49 30 1234567).txt"),
        ("(030) 123 4567", "call (030) 123-4567.txt"),
        ("4111 1111 1111 1111", "4111-1111-1111-1111.csv"),
        ("+49 30 5550123", "call_49305550123.txt"),
        ("+49 30 5550123", "call 49_30_5550123.txt"),
        ("Anna Schmidt", "AnnaSchmidt.pdf"),
        ("Anna Schmidt", "CV_AnnaSchmidt_2026.pdf"),
        ("Özlem Öztürk", "ÖzlemÖztürk.pdf"),
        ("Anna van der Lee", "annaVanDerLee.pdf"),
        ("#1234-AB", "order #1234-AB.txt"),
        ("@anna_s", "chat with @anna_s.txt"),
        ("张伟", "政策/关于张伟的辞退.docx"),
        ("张 伟", "张伟"),
    ],
)
def test_a_value_in_a_text(value: str, text: str) -> None:
    assert is_named(KEY, {KEY.tag(value), KEY.tag("somebody else")}, text)
    assert not is_named(TenantKey("shop", b"s" * 32), {KEY.tag(value)}, text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Anna", "Annabel.txt"),
        ("Anna Schmidt", "Anna Maria Schmidt.txt"),
        ("Lee", ""),
        ("1990", "19901.txt"),
        ("Donald", "McDonald.txt"),
        ("+1990", "1990.txt"),
    ],
)
def test_a_part_of_a_word_is_another_word(value: str, text: str) -> None:
    assert not is_named(KEY, {KEY.tag(value)}, text)
