from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.readings.normalise import readable
from gateway.detection.readings.reader import Reader

READER = Reader()


def _plain(text: str) -> str | None:
    """None where the text is read as it is."""
    texts = READER.read(text).texts
    return None if len(texts) == 1 else texts[1].text


@pytest.mark.parametrize(
    "text",
    [
        "plain, 13812345678",
        "二〇二四年五月二十一日，一二三四五，三三两两",
        "你好，世界！（测试）",
        "\u3000\u3000段首有两个空格，还有\u00a0不换行的。",
        "👩‍👩‍👧 call me ❤️ 😀",
        "\ufeffa byte-order mark",
        "an en dash – as in prose",
        "①第一点 ②第二点, 10² m, x₁",
        "Привет, мир: а CSV-обмен",
        "5 µm, Δt = 3 μs, café",
    ],
)
def test_what_is_plain_enough_is_read_as_it_is(text: str) -> None:
    assert _plain(text) is None


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("１３８\u200b１２３４\u20115678 Ｊｏｈｎ", "1381234-5678 John"),
        ("٠١٢𝟑 ०१२", "0123 012"),
        ("𝐣𝐚𝐧𝐞@x.org", "jane@x.org"),
        ("打一三九零一七二五五八八", "打13901725588"),
        ("幺三九 零〇两二 五五八八，", "139 0022 5588，"),
        ("4539\u202d1488\u202c03", "4539148803"),
        ("13\ufe0f8", "138"),
        ("1\ufe0f\u20e33\ufe0f\u20e38\ufe0f\u20e3", "138"),
        ("45\u030139 jane.\u0301roe@x.org", "4539 jane.roe@x.org"),
        ("Jose\u0301", "José"),
        ("e\u0316\u0301", "é"),
        ("john.doe@exa\u0323mple.com", "john.doe@example.com"),
        ("N\u0323guye\u0302\u0303n", "Nguyen"),
        ("4539🙂🙂\ufe0f1488", "45391488"),
        ("①③⑧①②③④", "1381234"),
        ("1③8①2③4⑤", "13812345"),
        ("❶⓪➂⑴⒈", "10311"),
        ("jаnе.rое@ехample.com", "jane.roe@example.com"),
        ("ΑΒ-Corp Ηello", "AB-Corp Hello"),
        ("138–1234−5678", "138-1234-5678"),
        ("王\u200b小明", "王小明"),
        ("全角，标点；１２３！", "全角，标点；123！"),
    ],
)
def test_plain_characters(text: str, plain: str) -> None:
    assert _plain(text) == plain


def test_marks_in_no_order_are_read_in_linear_time() -> None:
    """NFC sorts marks of different combining classes, in quadratic time."""

    def cost(marks: int) -> float:
        text, before = "a" + "\u0300\u0316" * marks, time.process_time()
        assert _plain(text) == "à"
        return time.process_time() - before

    small, large = (max(1e-4, min(cost(marks) for _ in range(3))) for marks in (2_000, 8_000))
    assert large / small < 12


def test_look_alikes_stay_where_other_letters_say_that_they_are_none() -> None:
    assert _plain("иван@mail.ru, PDF-оба") is None


def test_a_readable_text_is_as_long_as_the_text_and_has_a_utf8_form() -> None:
    text = "a\ud800b\u00a0c\u3000d\udfff𝒳"
    assert readable(text) == "a\ufffdb c d\ufffd𝒳"
    assert len(readable(text)) == len(text)


@given(st.text(alphabet="a1😀é１Ａ\u200b\ufeff\u00a0–e\u0301\r\n①\ud800\u202eо@", min_size=1, max_size=60))
def test_every_span_of_the_copy_maps_to_characters_that_read_like_it(text: str) -> None:
    copy = READER.read(text).texts[-1]
    for start in range(len(copy.text)):
        low, high = copy.original(start, len(copy.text))
        assert 0 <= low < high <= len(text)
        assert len(readable(text[low:high])) >= len(copy.text) - start
