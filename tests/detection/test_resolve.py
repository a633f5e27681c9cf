from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.kept import Kept, Types
from gateway.detection.resolve import Candidate, Rank, resolve
from gateway.exchange import Finding


def _candidate(start: int, end: int, entity: str = "X", score: float = 0.5, rank: Rank = Rank.PATTERN) -> Candidate:
    return Candidate(Finding(start, end, entity, score, "test"), rank)


TEXT = "Ann Lee, a@b.io"


def test_a_pattern_beats_a_longer_tagger() -> None:
    tagger = _candidate(0, 15, "PERSON", 0.9, Rank.TAGGER)
    found = resolve(TEXT, [tagger, _candidate(9, 15, "EMAIL_ADDRESS", 0.7)])
    assert [(f.start, f.end, f.entity) for f in found] == [(0, 7, "PERSON"), (9, 15, "EMAIL_ADDRESS")]


@pytest.mark.parametrize(
    ("holder", "rank", "score", "kept", "expected"),
    [
        ("LOCATION", Rank.TAGGER, 0.5, (), [(0, 15, "LOCATION")]),  # a house number is part of the address
        ("PERSON", Rank.TAGGER, 0.5, (), [(0, 15, "PERSON")]),
        ("LOCATION", Rank.TAGGER, 0.6, (), [(0, 7, "LOCATION"), (9, 15, "X")]),
        ("ORGANIZATION", Rank.TAGGER, 0.5, (), [(0, 7, "ORGANIZATION"), (9, 15, "X")]),
        ("LOCATION", Rank.PATTERN, 0.5, (), [(0, 15, "LOCATION")]),
        ("LOCATION", Rank.TAGGER, 0.5, ("LOCATION",), [(0, 7, "LOCATION"), (9, 15, "X")]),
    ],
)
def test_a_weak_pattern_inside_a_name_is_part_of_it(
    holder: str, rank: Rank, score: float, kept: tuple[str, ...], expected: list[tuple[int, int, str]]
) -> None:
    found = resolve(TEXT, [_candidate(0, 15, holder, 0.8, rank), _candidate(9, 15, "X", score)], kept)
    assert [(f.start, f.end, f.entity) for f in found] == expected


@pytest.mark.parametrize(("entity", "number"), [("ORGANIZATION", 1), ("PERSON", 1), ("NRP", 2)])
def test_a_pattern_that_says_the_same_as_a_longer_name_is_part_of_it(entity: str, number: int) -> None:
    found = resolve(TEXT, [_candidate(0, 15, entity, 0.8, Rank.TAGGER), _candidate(0, 7, entity, 0.7)])
    assert len(found) == number


def test_a_weak_pattern_that_is_as_long_as_the_name_or_sticks_out_stays() -> None:
    place = _candidate(0, 7, "LOCATION", 0.8, Rank.TAGGER)
    assert [f.entity for f in resolve(TEXT, [place, _candidate(0, 7, "X", 0.5)])] == ["X"]
    assert [f.entity for f in resolve(TEXT, [place, _candidate(4, 9, "X", 0.5)])] == ["LOCATION", "X"]


def test_longer_beats_shorter_then_score() -> None:
    found = resolve(TEXT, [_candidate(0, 3, "A", 1.0), _candidate(0, 7, "B", 0.4), _candidate(0, 7, "C", 0.6)])
    assert [(f.start, f.end, f.entity) for f in found] == [(0, 7, "C")]


def test_a_url_gives_way_to_what_it_holds() -> None:
    text = "http://x/?q=a@b.io&r=1"
    found = resolve(text, [_candidate(0, 22, "URL", 0.9, Rank.CONTAINER), _candidate(12, 18, "EMAIL_ADDRESS", 0.4)])
    assert [(f.start, f.end, f.entity) for f in found] == [(0, 12, "URL"), (12, 18, "EMAIL_ADDRESS"), (18, 22, "URL")]


def test_a_remainder_of_punctuation_is_no_finding() -> None:
    assert len(resolve("ab ..", [_candidate(0, 2), _candidate(0, 5, rank=Rank.TAGGER)])) == 1


SPANS = st.tuples(st.integers(0, 40), st.integers(1, 12), st.sampled_from("ABC"), st.sampled_from(list(Rank)), st.floats(0, 1))


@given(st.lists(SPANS, max_size=25))
def test_sorted_disjoint_and_nothing_found_is_uncovered(spans: list[tuple[int, int, str, Rank, float]]) -> None:
    text = "x" * 60
    candidates = [_candidate(s, s + n, e, score, rank) for s, n, e, rank, score in spans]
    found = resolve(text, candidates)
    assert all(a.end <= b.start for a, b in pairwise(found))
    covered = {n for f in found for n in range(f.start, f.end)}
    assert covered == {n for c in candidates for n in range(c.finding.start, c.finding.end)}


@given(st.lists(SPANS, max_size=25), st.randoms())
def test_the_order_of_recognizers_does_not_matter(spans: list[tuple[int, int, str, Rank, float]], random) -> None:  # type: ignore[no-untyped-def]
    text = "some text, with: punctuation and more of it than that, 60 ch"
    candidates = [_candidate(s, s + n, e, score, rank) for s, n, e, rank, score in spans]
    shuffled = random.sample(candidates, len(candidates))
    assert resolve(text, candidates) == resolve(text, shuffled)


def test_what_is_kept_hides_nothing_that_is_not() -> None:
    text = "password: a@b.io!!9"
    secret, mail = _candidate(10, 19, "SECRET", 0.9, Rank.SECRET), _candidate(10, 16, "EMAIL_ADDRESS", 0.4)
    assert [(f.start, f.end, f.entity) for f in resolve(text, [secret, mail])] == [(10, 19, "SECRET")]
    found = resolve(text, [secret, mail], {"SECRET"})
    assert [(f.start, f.end, f.entity) for f in found] == [(10, 16, "EMAIL_ADDRESS"), (16, 19, "SECRET")]


@given(st.lists(SPANS, max_size=25), st.sets(st.sampled_from("ABC")))
def test_every_character_of_what_is_not_kept_is_covered_by_what_is_not_kept(
    spans: list[tuple[int, int, str, Rank, float]], kept: set[str]
) -> None:
    candidates = [_candidate(s, s + n, e, score, rank) for s, n, e, rank, score in spans]
    strict = [c.finding for c in candidates if c.finding.entity not in kept]
    found = [f for f in resolve("x" * 60, candidates, kept) if f.entity not in kept]
    assert {n for f in found for n in range(f.start, f.end)} == {n for f in strict for n in range(f.start, f.end)}


def test_a_pattern_for_part_of_an_address_is_part_of_it() -> None:
    place = _candidate(0, 15, "LOCATION", 0.9, Rank.TAGGER)
    street = _candidate(0, 7, "LOCATION", 0.7)
    assert [(f.start, f.end) for f in resolve(TEXT, [place, street])] == [(0, 15)]


@given(st.lists(SPANS, max_size=25), st.sets(st.sampled_from("ABC")), st.sampled_from("ABC"))
def test_what_is_blocked_is_never_hidden(spans: list[tuple[int, int, str, Rank, float]], kept: set[str], blocked: str) -> None:
    candidates = [_candidate(s, s + n, e, score, rank) for s, n, e, rank, score in spans]
    policy = Kept(frozenset(kept - {blocked}), blocked=Types(frozenset({blocked})))
    found = [f for f in resolve("x" * 60, candidates, policy) if f.entity == blocked]
    covered = {n for f in found for n in range(f.start, f.end)}
    assert covered == {n for c in candidates if c.finding.entity == blocked for n in range(c.finding.start, c.finding.end)}


def test_a_weak_blocked_pattern_inside_a_name_stays() -> None:
    place, number = _candidate(0, 15, "LOCATION", 0.8, Rank.TAGGER), _candidate(9, 15, "X", 0.5)
    found = resolve(TEXT, [place, number], Kept(blocked=Types(frozenset({"X"}))))
    assert [(f.start, f.end, f.entity) for f in found] == [(0, 7, "LOCATION"), (9, 15, "X")]
