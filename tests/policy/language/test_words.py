from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from gateway.obligations import OperatorKind
from gateway.policy.language.words import (
    Concurrent,
    Days,
    Id,
    Label,
    ModelName,
    Money,
    Rate,
    RecordOperator,
    ReplyOperator,
    Seconds,
    SpendRate,
    parse_rate,
)


@pytest.mark.parametrize(
    ("text", "amount", "seconds"),
    [
        ("60/minute", 60, 60),
        ("1/second", 1, 1),
        (" 1_000 / hour ", 1_000, 3_600),
        ("25.50/day", 25.5, 86_400),
        ("0.000001/day", 0.000001, 86_400),
    ],
)
def test_a_rate_is_a_number_and_a_time(text: str, amount: float, seconds: int) -> None:
    assert parse_rate(text) == (amount, seconds)
    assert TypeAdapter(SpendRate).validate_python(text) == text.strip()


@pytest.mark.parametrize("text", ["", "60", "/minute", "60/week", "60 per minute", "-1/day", "1e3/day", "60/minutes", "６/day"])
def test_what_is_no_rate(text: str) -> None:
    with pytest.raises(ValueError, match="not a rate"):
        parse_rate(text)


@given(st.text(max_size=12))
def test_any_text_is_a_rate_or_a_value_error(text: str) -> None:
    try:
        amount, seconds = parse_rate(text)
    except ValueError:
        return
    assert amount >= 0
    assert seconds > 0


@pytest.mark.parametrize(
    ("word", "good", "bad"),
    [
        (Rate, ["1/day", "999_999/second"], ["0/day", "2.5/day", "1000000000000000000/day", 60, "often"]),
        (SpendRate, ["0.01/hour", "3/day"], ["0/day", "0.0/day", "1.1234567/day", True]),
        (Concurrent, [1, 1_000_000], [0, -1, 1_000_001, 1.0, "1", True]),
        (Days, [0, 36_500], [-1, 36_501, "7", False]),
        (Seconds, [0.1, 86_400.0], [0, -1, float("inf"), float("nan"), "1"]),
        (Money, [0, 0.15], [-0.1, float("nan"), "1"]),
        (Id, ["a", "A.b_c@d-e", "0"], ["", "-a", "a b", "a/b", "名", "a" * 129]),
        (Label, ["eu", "gpu-a100"], ["EU", "", "-x", "a b"]),
        (ModelName, ["Qwen/Qwen2.5", "模型"], ["", "a b", "a\n", "x" * 201]),
        (RecordOperator, ["keep", "drop"], ["block", "encrypt"]),
    ],
)
def test_what_may_be_written(word: Any, good: list[Any], bad: list[Any]) -> None:
    adapter = TypeAdapter(word)
    for value in good:
        assert adapter.validate_python(value) == value
    for value in bad:
        with pytest.raises(ValidationError):
            adapter.validate_python(value)


@pytest.mark.parametrize("operator", OperatorKind)
def test_in_a_reply_nothing_is_replaced_by_what_nobody_could_restore(operator: OperatorKind) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(ReplyOperator)
    if operator in ("placeholder", "surrogate"):
        with pytest.raises(ValidationError, match="nobody could restore it"):
            adapter.validate_python(operator.value)
    else:
        assert adapter.validate_python(operator.value) is operator
