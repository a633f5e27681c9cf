import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.pieces import Piece, overlapping, pieces

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


@given(st.integers(0, 500), st.integers(60, 120))
def test_overlapping_pieces_are_bounded_cover_the_text_and_say_what_they_share(size: int, limit: int) -> None:
    text = "".join(chr(0x4E00 + n) for n in range(size))
    found = list(overlapping(text, limit, 40))
    assert all(len(p.text) <= limit and text[p.offset : p.offset + len(p.text)] == p.text for p in found)
    assert found[0].offset == found[0].shared_before == found[-1].shared_after == 0
    assert found[-1].offset + len(found[-1].text) == size
    for one, other in pairwise(found):
        assert one.text[-one.shared_after :] == other.text[: other.shared_before]


@given(st.integers(100, 500), st.data())
def test_what_is_shorter_than_the_overlap_is_settled_by_a_piece_that_has_it_whole(size: int, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, size - 1))
    end = data.draw(st.integers(start + 1, min(size, start + 24)))
    whole = [p for p in overlapping("x" * size, 100, 40) if p.offset <= start and end <= p.offset + len(p.text)]
    assert any(p.settles(start - p.offset, end - p.offset) for p in whole)


def test_what_a_cut_may_have_shortened_is_settled_by_the_neighbour() -> None:
    first, second = overlapping("x" * 160, 100, 40)
    assert not first.settles(70, 100)
    assert not second.settles(0, 30)
    assert first.settles(20, 100)  # longer than the overlap: nobody has more of it
    assert second.settles(0, 100)
    assert Piece(0, "x" * 100).settles(0, 100)
