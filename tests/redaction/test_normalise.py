from hypothesis import given
from hypothesis import strategies as st

from gateway.redaction.normalise import normalise


def test_plain_texts_need_no_copy() -> None:
    assert normalise("plain, 13812345678") is None
    assert normalise("你好，世界！（测试）") is None


def test_full_width_and_invisible_characters() -> None:
    copy = normalise("１３８\u200b１２３４\u20115678 Ｊｏｈｎ")
    assert copy is not None
    assert copy.text == "1381234-5678 John"
    assert copy.original(0, 7) == (0, 8)
    assert copy.original(0, 3) == (0, 3)


def test_digits_of_other_scripts() -> None:
    copy = normalise("٠١٢𝟑")
    assert copy is not None
    assert copy.text == "0123"


@given(st.text(alphabet="a1😀é１Ａ\u200b\ufeff\u00a0–e\u0301\r\n", min_size=1, max_size=60))
def test_every_span_of_the_copy_maps_to_the_characters_it_came_from(text: str) -> None:
    copy = normalise(text)
    if copy is None:
        return
    for start in range(len(copy.text)):
        low, high = copy.original(start, len(copy.text))
        assert 0 <= low < high <= len(text)
        again = normalise(text[low:high])
        assert (again.text if again else text[low:high]) == copy.text[start:]
