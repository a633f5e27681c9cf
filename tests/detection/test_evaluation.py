from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.evaluation import ALL, Gold, Scores, Span, Tally, label_of, labelled, score
from gateway.exchange import Finding

TEXT = "Ann Lee, Leeds, 555-0199"
LABELS = ("PERSON", "LOCATION", "PHONE")


def test_everything_right() -> None:
    gold = Gold(TEXT, [(0, 7, "PERSON"), (9, 14, "LOCATION"), (16, 24, "PHONE")])
    scores = score([gold], [list(gold.spans)])
    assert list(scores.rows) == ["LOCATION", "PERSON", "PHONE", ALL]
    assert {(r.n, r.precision, r.recall, r.f1, r.f2, r.strict_f1) for r in scores.rows.values()} == {
        (1, 1, 1, 1, 1, 1),
        (3, 1, 1, 1, 1, 1),
    }
    assert (scores.leak, scores.over) == (0, 0)


def test_worked_by_hand() -> None:
    """Half a name, a place as an organisation, a phone not at all, a comma too much."""
    gold = Gold(TEXT, [(0, 7, "PERSON"), (9, 14, "LOCATION"), (16, 24, "PHONE")])
    scores = score([gold], [[(0, 3, "PERSON"), (9, 15, "ORGANIZATION")]])
    person, whole = scores.rows["PERSON"], scores.rows[ALL]
    assert (person.precision, person.recall, person.f1, person.strict_f1) == (1, 1, 1, 0)
    assert whole.precision == 1  # the organisation is a label that the text never uses
    assert whole.recall == pytest.approx(1 / 3)
    assert whole.f1 == pytest.approx(0.5)
    assert whole.f2 == pytest.approx(5 / 13)
    assert scores.leak == pytest.approx(2 / 3)  # the place is covered, by whatever label
    assert scores.over == pytest.approx(1 / 4)  # of `, `, `, ` one comma


def test_ignored_spans_are_neither_right_nor_wrong() -> None:
    gold = Gold("Ann on Tuesday", [(0, 3, "PERSON")], [(7, 14)])
    scores = score([gold], [[(0, 3, "PERSON"), (7, 14, "PERSON")]])
    assert (scores.rows["PERSON"].precision, scores.over) == (1, 0)
    assert score([Gold(gold.text, gold.spans)], [[(0, 3, "PERSON"), (7, 14, "PERSON")]]).rows["PERSON"].precision == 0.5


def test_a_span_may_end_behind_the_text() -> None:
    assert score([Gold("Ann", [(0, 3, "PERSON")])], [[(0, 9, "PERSON")]]).leak == 0


def test_nothing_to_divide_by_is_zero() -> None:
    scores = score([Gold("", ())], [[]])
    assert (scores.leak, scores.over, scores.rows[ALL].f1) == (0, 0, 0)


def test_as_many_as_texts() -> None:
    with pytest.raises(ValueError, match="zip"):
        score([Gold("a", ())], [])


def test_labels() -> None:
    assert [label_of(e) for e in ("EMAIL_ADDRESS", "CN_BANK_CARD", "PERSON", "CN_ID")] == ["EMAIL", "CARD", "PERSON", "CN_ID"]
    assert labelled([Finding(1, 4, "US_SSN", 1.0, "UsSsn")]) == [(1, 4, "SSN")]


def _spans(most: int) -> st.SearchStrategy[list[Span]]:
    one = st.tuples(st.integers(0, 11), st.integers(1, 6), st.sampled_from(LABELS))
    return st.lists(one.map(lambda s: (s[0], s[0] + s[1], s[2])), max_size=most)


_GOLDS = st.builds(
    lambda spans, ignore: Gold("x" * 18, spans, [(start, end) for start, end, _ in ignore]), _spans(4), _spans(2)
)


@given(st.lists(st.tuples(_GOLDS, _spans(5)), min_size=1, max_size=4))
def test_equals_a_second_implementation(cases: list[tuple[Gold, list[Span]]]) -> None:
    tally = Tally()
    for gold, found in cases:
        tally.add(gold, found)
    assert _flat(tally.scores()) == pytest.approx(_by_characters(cases))


def _flat(scores: Scores) -> dict[str, float]:
    flat = {"leak": scores.leak, "over": scores.over}
    for label, row in scores.rows.items():
        flat |= {f"{label} n": row.n, f"{label} f1": row.f1, f"{label} f2": row.f2, f"{label} strict": row.strict_f1}
    return flat


def _by_characters(cases: list[tuple[Gold, list[Span]]]) -> dict[str, float]:
    """The same by sets of character positions, one label at a time."""

    def chars(span: Any) -> set[int]:
        return set(range(span[0], span[1]))

    pairs: dict[str, list[int]] = {}
    leaked = total = spoilt = clean = 0
    for gold, found in cases:
        covered = set().union(*map(chars, found)) & chars((0, 18))
        fine = set().union(*map(chars, [*gold.spans, *gold.ignore]))
        leaked += sum(not chars(s) & chars((0, 18)) <= covered for s in gold.spans)
        total += len(gold.spans)
        spoilt, clean = spoilt + len(covered - fine), clean + 18 - len(fine)
        for label in LABELS:
            wanted, own = ([s for s in spans if s[2] == label] for spans in (gold.spans, found))
            hits = [any(chars(f) & chars(w) for w in wanted) for f in own]
            counted = [h or not any(chars(f) & chars(i) for i in gold.ignore) for f, h in zip(own, hits, strict=True)]
            sums = [len(wanted), sum(any(chars(w) & chars(f) for f in own) for w in wanted), sum(w in own for w in wanted)]
            sums += [sum(counted), sum(hits)]
            pairs[label] = [a + b for a, b in zip(pairs.get(label, [0] * 5), sums, strict=True)]
    used = {label: counts for label, counts in pairs.items() if counts[0]}
    used[ALL] = [sum(counts[n] for counts in used.values()) for n in range(5)]
    flat: dict[str, float] = {"leak": leaked / total if total else 0, "over": spoilt / clean if clean else 0}
    for label, (n, reached, exact, predicted, right) in used.items():
        p, r = (right / predicted if predicted else 0), (reached / n if n else 0)
        flat |= {
            f"{label} n": n,
            f"{label} f1": 2 * p * r / (p + r) if p + r else 0,
            f"{label} f2": 5 * p * r / (4 * p + r) if p + r else 0,
            f"{label} strict": 2 * exact / (predicted + n) if predicted and n else 0,
        }
    return flat
