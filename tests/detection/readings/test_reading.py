from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.readings.reading import Edit, Reading, ReadingKind


def test_characters_left_out_inside_a_span_belong_to_it_and_those_beside_it_do_not() -> None:
    reading = Reading("..12..34..").rewritten([(0, 2, ""), (4, 6, ""), (8, 10, "")], ReadingKind.PLAIN)
    assert reading.text == "1234"
    assert reading.original(0, 4) == (2, 8)
    assert reading.original(0, 2) == (2, 4)
    assert reading.original(2, 3) == (6, 7)


def test_what_is_as_long_as_before_is_mapped_character_by_character_and_else_as_a_whole() -> None:
    reading = Reading("x ABC %41%42 y").rewritten([(2, 5, "abc"), (6, 12, "AB")], ReadingKind.DECODED)
    assert reading.text == "x abc AB y"
    assert reading.original(3, 4) == (3, 4)
    assert reading.original(7, 8) == (6, 12)
    assert reading.original(9, 10) == (13, 14)


def test_rewritings_of_rewritings() -> None:
    plain = Reading("1_2_3").rewritten([(1, 2, ""), (3, 4, "-")], ReadingKind.PLAIN)
    joined = plain.rewritten([(2, 3, "")], ReadingKind.JOINED)
    assert (plain.text, joined.text) == ("12-3", "123")
    assert joined.original(0, 3) == (0, 5)
    assert not joined.is_rewritten(0, 2)
    assert joined.is_rewritten(1, 3)
    again = joined.rewritten([(0, 1, "7")], ReadingKind.JOINED)
    assert again.is_rewritten(0, 1)
    assert again.is_rewritten(1, 3)
    assert not again.is_rewritten(2, 3)


def test_nothing_to_rewrite() -> None:
    reading = Reading("text")
    assert reading.rewritten([], ReadingKind.JOINED) is reading
    assert reading.original(1, 3) == (1, 3)
    assert not reading.is_rewritten(0, 4)


def test_no_text_in_a_repr() -> None:
    assert "secret" not in repr(Reading("secret").rewritten([(0, 1, "secret")], ReadingKind.PLAIN))


@st.composite
def _edits(draw: st.DrawFn) -> list[Edit]:
    edges = sorted(draw(st.sets(st.integers(0, 30), max_size=12)))
    texts = st.sampled_from(["", "a", "bc"])
    return [(start, end, draw(texts)) for start, end in zip(edges[::2], edges[1::2], strict=False)]


@given(_edits())
def test_every_span_maps_to_the_characters_that_it_stands_for(edits: list[Edit]) -> None:
    original = "".join(chr(0x4E00 + n) for n in range(30))
    reading = Reading(original).rewritten(edits, ReadingKind.DECODED)
    untouched = [n for n in range(30) if not any(start <= n < end for start, end, _ in edits)]
    for start in range(len(reading.text)):
        for end in range(start + 1, len(reading.text) + 1):
            low, high = reading.original(start, end)
            assert 0 <= low < high <= 30
            plain = [n for n in untouched if low <= n < high]
            assert [c for c in reading.text[start:end] if c >= "\u4e00"] == [original[n] for n in plain]
