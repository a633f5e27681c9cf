import re

from hypothesis import given
from hypothesis import strategies as st

from gateway.redaction.recognizers.pieces import pieces

TEXTS = st.text(alphabet="ab 。，\n.é张😀", max_size=400)


@given(TEXTS, st.integers(20, 90))
def test_pieces_are_bounded_cover_the_text_and_lie_where_they_say(text: str, limit: int) -> None:
    covered = 0
    for offset, piece in pieces(text, limit, overlap=8):
        assert len(piece) <= limit
        assert text[offset : offset + len(piece)] == piece
        assert offset <= covered
        covered = max(covered, offset + len(piece))
    assert covered == len(text)


def test_cuts_fall_at_the_ends_of_sentences() -> None:
    text = "我们今天去了北京。" * 20
    for offset, _ in pieces(text, 50):
        assert offset % 9 == 0


def test_a_word_that_a_cut_divides_is_whole_in_the_next_piece() -> None:
    text = " ".join(f"name{n:04}" for n in range(200))
    found = {word for _, piece in pieces(text, 100, overlap=20) for word in re.findall(r"name\d{4}", piece)}
    assert found == set(text.split())
