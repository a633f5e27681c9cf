"""Whatever one unit did, it moves no figure by more than its bound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dp.budget import Budget, Unit
from gateway.dp.contributions import Fact, Row, bounded
from gateway.dp.question import ALL, OTHER, By, Figure, Measure, Question
from tests.dp.records import a_budget, a_question


def fact(call_id: str, subject: str = "ann", **more: object) -> Fact:
    plain = Fact(call_id=call_id, subject=subject, model="small", tokens=120, duration_ms=250, found={"PERSON": 2})
    return replace(plain, **more)  # type: ignore[arg-type]


def sums(rows: Sequence[Row]) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in rows:
        found[row.group] += row.value
    return found


OTHERS = [fact(f"o{n}", f"other{n % 7}") for n in range(40)]
QUESTIONS = [
    a_question(),
    a_question(by=By.MODEL, groups=("small", "large")),
    a_question(by=By.ENTITY, groups=("PERSON", "EMAIL")),
    a_question(by=By.ENTITY, groups=("PERSON",), figure=Figure.SUM, measure=Measure.FINDINGS, most=3),
    a_question(figure=Figure.SUM, measure=Measure.TOKENS, most=400),
]


def test_ten_thousand_requests_of_one_subject_count_as_five() -> None:
    many = [fact(f"m{n}") for n in range(10_000)]
    before, after = (sums(bounded(facts, a_budget(), a_question())) for facts in (OTHERS, [*OTHERS, *many]))
    assert after[ALL] - before[ALL] == 5


_FACTS = st.builds(
    lambda n, model, tokens, found: fact(f"x{n}", "eve", model=model, tokens=tokens, found=found),
    st.integers(0, 10**6),
    st.sampled_from([None, "small", "large", "secret"]),
    st.one_of(st.none(), st.integers(-5, 10**12)),
    st.dictionaries(st.sampled_from(["PERSON", "EMAIL", "CARD", "IBAN"]), st.integers(1, 99), max_size=4),
)


@pytest.mark.parametrize("question", QUESTIONS)
@given(added=st.lists(_FACTS, max_size=60))
def test_no_subject_moves_the_figures_further_than_the_noise_allows_for(question: Question, added: list[Fact]) -> None:
    budget = a_budget()
    before, after = (sums(bounded(facts, budget, question)) for facts in (OTHERS, [*added, *OTHERS]))
    moved = sqrt(sum((after[group] - before[group]) ** 2 for group in {*before, *after}))
    assert moved <= budget.contributions * question.most


@given(added=st.lists(_FACTS, max_size=30), order=st.randoms(use_true_random=False))
def test_what_others_did_and_in_which_order_changes_nothing_of_a_unit(added: list[Fact], order: object) -> None:
    facts = [*added, *OTHERS]
    order.shuffle(facts)  # type: ignore[attr-defined]
    question = a_question(by=By.ENTITY, groups=("PERSON", "EMAIL"))
    alone = sums(bounded(added, a_budget(), question))
    assert sums(bounded(facts, a_budget(), question)) == alone + sums(bounded(OTHERS, a_budget(), question))


@pytest.mark.parametrize(("unit", "counted"), [(Unit.SUBJECT, 2), (Unit.CONVERSATION, 7), (Unit.EXAMPLE, 9)])
def test_the_unit_is_what_is_bounded(unit: Unit, counted: int) -> None:
    """Three calls in each of two conversations, and three in none: each of these is a conversation by itself."""
    facts = [fact(f"c{n}", conversation=("a", "b", None)[n // 3]) for n in range(9)]
    budget = a_budget(unit=unit, contributions=2)
    assert sums(bounded(facts, budget, a_question()))[ALL] == counted


def test_which_rows_count_follows_from_the_salt_alone() -> None:
    facts = [fact(f"c{n}", tokens=n) for n in range(100)]
    question = a_question(figure=Figure.SUM, measure=Measure.TOKENS, most=1000)

    def drawn(budget: Budget) -> list[int]:
        return sorted(row.value for row in bounded(facts, budget, question))

    assert drawn(a_budget()) == drawn(a_budget())
    assert drawn(a_budget()) != drawn(a_budget(salt=b"t" * 32))


def test_names_that_were_not_asked_for_are_one_group() -> None:
    facts = [fact("c1", model="small"), fact("c2", model="another"), fact("c3", model=None)]
    assert sums(bounded(facts, a_budget(), a_question(by=By.MODEL, groups=("small",)))) == {"small": 1, OTHER: 2}
    types = [fact("c1", found={"PERSON": 2, "EMAIL": 3, "CARD": 4}), fact("c2", found={})]
    question = a_question(by=By.ENTITY, groups=("PERSON",))
    assert sums(bounded(types, a_budget(), question)) == {"PERSON": 1, OTHER: 1}
    findings = replace(question, figure=Figure.SUM, measure=Measure.FINDINGS, most=50)
    assert sums(bounded(types, a_budget(), findings)) == {"PERSON": 2, OTHER: 7}


def test_purposes_and_durations() -> None:
    facts = [fact("c1", purpose="support", duration_ms=70), fact("c2", purpose=None, duration_ms=None)]
    question = a_question(by=By.PURPOSE, groups=("support",), figure=Figure.QUANTILE, measure=Measure.DURATION, most=60)
    assert bounded(facts, a_budget(), question) == [Row("support", 60)]
    assert sums(bounded(facts, a_budget(), replace(question, measure=Measure.FINDINGS))) == {"support": 2, OTHER: 2}
