"""Texts in which people marked names: read from their files, cut between names, and how labels sway an opinion."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from training.marks import Part
from training.sources.annotated import ANNOTATED, Annotated, posts, swayed, utterances
from training.sources.written import SOURCES

POSTS = "WID:a\n王\tB-PER\n明\tI-PER\n在\tO\n宁\tB-LOC\n安\tI-LOC\n吃\tO\n火\tB-MISC\n锅\tI-MISC\n\nWID:b\n恒\tB-ORG\n晖\tI-ORG\n李\tB-PER\n"


def _names(text: Annotated) -> list[tuple[str, str]]:
    return [(text.text.text[start:end], label) for start, end, label in text.text.spans]


def _post(text: str, named: set[int]) -> bytes:
    """A post in which every pair of characters from these places on is a person's name."""
    tags = ["O"] * len(text)
    for at in named:
        tags[at : at + 2] = ["B-PER", "I-PER"]
    return "".join(f"{character}\t{tag}\n" for character, tag in zip(text, tags, strict=True)).encode()


def test_posts_have_the_names_of_our_kinds_and_say_nothing_of_others() -> None:
    first, second = posts(POSTS.encode(), random.Random(1))
    assert (first.text.text, _names(first), first.unknown) == (
        "王明在宁安吃火锅",
        [("王明", "PERSON"), ("宁安", "LOCATION")],
        ((6, 8),),
    )
    assert _names(second) == [("恒晖", "ORGANIZATION"), ("李", "PERSON")]


def test_parts_can_be_exchanged_but_for_single_characters() -> None:
    _, second = posts(POSTS.encode(), random.Random(1))
    assert second.parts() == (Part("恒晖", "O"), Part("李", ""))


@given(st.text("王明在吃，。", min_size=1, max_size=700), st.sets(st.integers(0, 340)))
def test_a_long_post_comes_in_pieces_and_no_name_is_cut(text: str, pairs: set[int]) -> None:
    named = {2 * at for at in pairs if 2 * at + 2 <= len(text)}
    pieces = list(posts(_post(text, named), random.Random(1)))
    assert "".join(piece.text.text for piece in pieces) == text
    assert sum(len(piece.text.spans) for piece in pieces) == len(named)
    assert all(len(name) == 2 for piece in pieces for name, _ in _names(piece))


@pytest.mark.parametrize("seed", range(6))
def test_utterances_have_their_names_in_brackets_and_lose_none(seed: int) -> None:
    content = "X1 [王明]在(宁 安)\nX2 今天<恒晖公司>开业\nX3 下雨\n"
    texts = list(utterances(content.encode(), random.Random(seed)))
    whole = "".join(text.text.text for text in texts)
    assert [mark for mark in "[]()<> " if mark in whole.replace(" ", "")] == []
    found = [name for text in texts for name in _names(text)]
    assert found == [("王明", "PERSON"), ("宁安", "LOCATION"), ("恒晖公司", "ORGANIZATION")]


def _swayed(opinion: int, tag: int, *, unknown: bool = False) -> NDArray[np.float16]:
    scores = np.full((1, 21), -6, np.float16)
    scores[0, opinion] = 0
    row: NDArray[np.float16] = swayed(scores, np.array([tag], np.int32), np.array([unknown]))[0]
    return row


def test_a_label_beats_a_doubt_and_is_beaten_by_certainty() -> None:
    assert _swayed(0, 4).tolist()[4] == -2
    assert _swayed(4, 0).tolist()[0] == -4


def test_a_place_may_be_an_address() -> None:
    assert _swayed(0, 8)[[8, 20]].tolist() == [-2, -2]


@pytest.mark.parametrize(("opinion", "tag", "unknown"), [(16, 0, False), (4, 0, True), (0, 4, True)])
def test_where_labels_say_nothing_the_opinion_stays(opinion: int, tag: int, unknown: bool) -> None:
    assert _swayed(opinion, tag, unknown=unknown).argmax() == opinion
    assert _swayed(opinion, tag, unknown=unknown)[tag if tag != opinion else 0] in (-6, 0)


def test_every_file_is_pinned_by_a_commit_and_a_digest_and_kept_beside_the_others() -> None:
    files = [(one, path) for one in (*SOURCES, *ANNOTATED) for path in one.files]
    assert len({one.kept(Path(), path) for one, path in files}) == len(files)
    assert all(one.commit in one.url(path) and len(one.files[path]) == 64 for one, path in files)
