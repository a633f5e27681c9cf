"""Readings end to end: what is found in disguise, where, and what must not be."""

from __future__ import annotations

import base64
import random

import pytest

from gateway.detection.detect import PresidioDetector
from gateway.detection.gate import Gate
from gateway.detection.readings.reader import Reader
from gateway.detection.readings.reading import ReadingKind
from gateway.detection.recognizers.registry import pattern_recognizers

CORE = PresidioDetector(pattern_recognizers())
NOISE = base64.b64encode(random.Random(7).randbytes(1_500)).decode()
CARD = "4 5 3 9 1 4 8 8 0 3 4 3 6 4 6 7"


@pytest.mark.parametrize(
    ("before", "value", "after", "entity"),
    [
        ("Card ", "45391\u202d4880\u202c3436467", ".", "CREDIT_CARD"),
        ("Card ", "45391🙂48803436467", ".", "CREDIT_CARD"),
        ("Card ", "45391\u030148803436467", ".", "CREDIT_CARD"),
        ("Card ", "④⑤③⑨①④⑧⑧⓪③④③⑥④⑥⑦", ".", "CREDIT_CARD"),
        ("Card ", CARD, ".", "CREDIT_CARD"),
        ("Card ", "4.5.3.9.1.4.8.8.0.3.4.3.6.4.6.7", " ok", "CREDIT_CARD"),
        ("Card ", "45391488O3436467", ".", "CREDIT_CARD"),
        ("Card ", "4539.1488.0343.6467", ".", "CREDIT_CARD"),
        ("Card number ", "45391\n48803436467", ", please", "CREDIT_CARD"),
        ("我的手机号是", "13812\n345678", "，谢谢", "PHONE_NUMBER"),
        ("手机", "1️⃣3️⃣8️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8", "谢谢", "PHONE_NUMBER"),
        ("身份证", "1 1 0 1 0 5 1 9 4 9 1 2 3 1 0 0 2 X", "。", "CN_ID"),
        ("pay ", "D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0", " now", "IBAN_CODE"),
        ("Write to ", "jаne.rоe@example.com", ".", "EMAIL_ADDRESS"),
        ("Write to ", "jane.roe%40example%2Ecom", ".", "EMAIL_ADDRESS"),
        ("Write to ", "&#106;ane&#46;roe&commat;example.com", ".", "EMAIL_ADDRESS"),
        ("Write to ", "amFuZS5yb2VAZXhhbXBsZS5jb20=", ".", "EMAIL_ADDRESS"),
        ("id ", base64.urlsafe_b64encode("手机13812345678".encode()).decode(), ".", "PHONE_NUMBER"),
        ("\ud800 to ", "jane@example.com", " \udfff", "EMAIL_ADDRESS"),
        ("call\u3000", "+49\u00a01511\u00a02345678", "\u3000", "PHONE_NUMBER"),
    ],
)
def test_a_value_in_disguise_is_found_whole(before: str, value: str, after: str, entity: str) -> None:
    text = f"{before}{value}{after}"
    found = [(text[one.start : one.end], one.entity) for one in CORE.analyze(text)]
    assert found == [(value, entity)]


@pytest.mark.parametrize(
    "text",
    [
        NOISE,
        "\n".join(NOISE[n : n + 64] for n in range(0, len(NOISE), 64)),
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
        "c2hhMjU2IGRpZ2VzdCBvZiBhIGxheWVy and 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "/search?q=%E5%A4%A9%E6%B0%94%20today&sort=a%2Bb",
        "version 1.2.3.4.5.6.7.8.9.10.11, oid 1.3.6.1.5.5.7.3.1",
        f"{CARD}\n{CARD}\n{CARD}",
        f"[{CARD}]\n[{CARD}]",
        "\n".join(" ".join(str(random.Random(row).randrange(10)) for _ in range(16)) for row in range(40)),
        " /\\_/\\ \n( o . o )\n > ^ < \n- - - - - - - - - -\n| | | | | | | |\no o o o o o o o o",
        "Press 1 2 3 4 5 6 7 8 9 0 to begin",
        "C H A P T E R   O N E, and I N T R O D U C T I O N",
        "rows: 12345678\n87654321\n11112222\n",
        "1 0 1 1 0 0 1 0 1 1 1 0 0 1 0 1",
        "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5]",
        "x² + y² = z², ①②③④⑤⑥⑦⑧⑨",
        "Ответ: А или В, CSV-обмен",
    ],
)
def test_what_only_looks_like_a_disguise_is_no_finding(text: str) -> None:
    assert CORE.analyze(text) == ()


def test_a_telephone_does_not_go_on_over_the_number_on_the_next_line() -> None:
    text = "My phone is 13812345678\n100 people came"
    assert [text[one.start : one.end] for one in CORE.analyze(text)] == ["13812345678"]


def test_a_word_in_disguise_says_what_a_number_is() -> None:
    (found,) = CORE.analyze("r\u200bouting number 021000021")
    assert found.entity == "ABA_ROUTING_NUMBER"


def test_texts_that_differ_in_spaces_alone_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def opened(_: Gate, text: str) -> tuple[()]:
        read.append(text)
        return ()

    monkeypatch.setattr(Gate, "open", opened)
    CORE.analyze("\u3000\u3000段首，\u00a0然后 plain")
    assert read == ["  段首， 然后 plain"]
    CORE.analyze("１３８ and jane%40x.org")
    assert read[1:] == ["１３８ and jane%40x.org", "138 and jane%40x.org", "138 and jane@x.org"]


@pytest.mark.parametrize(
    "unit", ["%41", "&#65;", "YWJj", "1\u200b", "①", "1 ", "e\u0301", "1🙂", "аb", "\ud800", "%F0%9F%99%82"]
)
def test_no_reading_is_longer_than_the_text(unit: str) -> None:
    text = unit * 2_000
    readings = Reader().read(text)
    assert all(len(one.text) <= len(text) for one in readings.texts)
    assert readings.joined is None or len(readings.joined.text) <= len(text)


def test_readings_by_kind() -> None:
    readings = Reader().read("１ jane%40x.org 1-2-3-4-5-6-7-8-9")
    assert [one.kind for one in readings.texts] == [ReadingKind.AS_IT_IS, ReadingKind.PLAIN, ReadingKind.DECODED]
    assert readings.joined is not None
    assert readings.joined.kind is ReadingKind.JOINED
    assert readings.joined.text == "1 jane@x.org 123456789"
