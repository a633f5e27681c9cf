from __future__ import annotations

import base64
import hashlib
import html
import random
from collections.abc import Callable
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.readings.reader import Reader

READER = Reader()
NOISE = base64.b64encode(random.Random(5).randbytes(6_000)).decode()


def _references(value: str) -> str:
    return "".join(f"&#{ord(c)};" for c in value)


def _decoded(text: str) -> str | None:
    """None where nothing is encoded."""
    texts = READER.read(text).texts
    return None if len(texts) == 1 else texts[-1].text


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("jane%40example%2Ecom", "jane@example.com"),
        ("?q=%E7%8E%8B%E5%B0%8F%E6%98%8E&p=1", "?q=王小明&p=1"),
        ("%EF%BC%91%E2%80%8B%EF%BC%92", "12"),
        ("&#106;&#x61;ne&commat;example&period;com", "jane@example.com"),
        ("138&nbsp;1234&nbsp;5678", "138 1234 5678"),
        ("Jos&eacute; Mu&ntilde;oz", "José Muñoz"),
        ("Sean O&rsquo;Brien, 卡尔&middot;马克思", "Sean O’Brien, 卡尔·马克思"),
        ("138<wbr>1234<WBR/>5678", "13812345678"),
        ('jane<span class="at">@</span>example<!-- no -->.com', "jane@example.com"),
        ("x amFuZS5yb2VAZXhhbXBsZS5jb20= y", "x jane.roe@example.com y"),
        ("x MTM4MTIzNDU2Nzg= y", "x 13812345678 y"),
        ("https://x.org/u/amFuZS5yb2VAZXhhbXBsZS5jb20/edit", "https://x.org/u/jane.roe@example.com/edit"),
        (base64.urlsafe_b64encode("名字：王小明，电话".encode()).decode(), "名字：王小明，电话"),
        (base64.b64encode(("长文" * 99).encode()).decode(), "长文" * 99),
    ],
)
def test_what_stands_behind_an_encoding(text: str, decoded: str) -> None:
    assert _decoded(text) == decoded


@pytest.mark.parametrize(
    "text",
    [
        "50% of 20%ab?",
        "<td>12</td><td>34</td>, a<b and b>c, <b>bold</b> text",
        "%FF%FE%80 is no UTF-8",
        "a && b &lt; c &gt; d &amp; e &quot;f&quot;",
        "&nosuch; &#; &",
        NOISE,
        "\n".join(NOISE[n : n + 76] for n in range(0, len(NOISE), 76)),
        f"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA{NOISE[:400]}",
        *(hashlib.new(name, b"x").hexdigest() for name in ("md5", "sha1", "sha256", "sha512")),
        "sha512-" + base64.b64encode(hashlib.sha512(b"x").digest()).decode(),
        '{"version":3,"mappings":"AAAA,SAASA,QAAQC,GACbC,QAAQC,IAAI,UAAYF"}',
        "de305d54-75b4-431b-adb2-eb6b9e546014",
        "internationalisation/DefaultRecognizerRegistry/__init_subclass__",
        "----------------====================________________",
    ],
)
def test_what_is_no_encoded_text_is_left_alone(text: str) -> None:
    assert _decoded(text) is None


@given(st.text("az19@é王𠮷", min_size=1, max_size=12), st.sampled_from([quote, _references]))
def test_every_span_of_a_decoded_text_covers_the_whole_code_of_its_characters(value: str, encode: Callable[[str], str]) -> None:
    text = f"({encode(value)})"
    copy = READER.read(text).texts[-1]
    assert copy.text == f"({value})"
    for start in range(len(copy.text)):
        for end in range(start + 1, len(copy.text) + 1):
            low, high = copy.original(start, end)
            assert html.unescape(unquote(text[low:high])) == copy.text[start:end]


def test_a_span_in_base64_covers_the_whole_token() -> None:
    copy = READER.read("x amFuZS5yb2VAZXhhbXBsZS5jb20= y").texts[-1]
    assert copy.original(4, 6) == (2, 30)
