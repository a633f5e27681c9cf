"""What is chosen of one unit, whatever others did."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.dp.dataset.choose import Candidate, chosen, unit_name
from gateway.dp.dataset.example import Example, Turn

SALT = b"s" * 32


def candidate(unit: str, number: int, *, text: str = "", conversation: str | None = None) -> Candidate:
    turns = (Turn("user", text or f"question {unit} {number}"), Turn("assistant", "answer"))
    example = Example(tenant="acme", unit=unit, turns=turns)
    return Candidate(call_id=f"{unit}{number}", at=f"2026-01-{number + 1:02}", conversation=conversation, example=example)


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 20), st.integers(0, 3)), max_size=30, unique_by=lambda x: x[:2])
)
@settings(max_examples=25)
def test_a_unit_changes_nothing_of_another(drawn: list[tuple[str, int, int]]) -> None:
    rows = [candidate(unit, number, text=f"text {text}") for unit, number, text in drawn]
    with_all, _ = chosen(rows, SALT, 2)
    without, _ = chosen([row for row in rows if row.example.unit != "a"], SALT, 2)
    assert [one for one in with_all if one.unit != "a"] == without
    assert sum(one.unit == "a" for one in with_all) <= 2


def test_the_cap_draws_by_key_and_not_by_time() -> None:
    rows = [candidate("a", number) for number in range(20)]
    kept, left_out = chosen(rows, SALT, 5)
    again, _ = chosen(rows[::-1], SALT, 5)
    other, _ = chosen(rows, b"t" * 32, 5)
    assert kept == again
    assert kept != other
    assert left_out["over_the_cap"] == 15


def test_equal_texts_of_one_unit_count_once_and_of_two_units_twice() -> None:
    rows = [candidate("a", 1, text="Same"), candidate("a", 2, text="same "), candidate("b", 3, text="SAME")]
    kept, left_out = chosen(rows, SALT, 5)
    assert [one.unit for one in kept] == ["a", "b"]
    assert left_out["duplicates"] == 1


def test_of_a_chat_the_newest_turn_is_there() -> None:
    rows = [candidate("a", 2, conversation="c"), candidate("a", 1, conversation="c"), candidate("a", 3)]
    kept, left_out = chosen(rows, SALT, 5)
    assert sorted(one.turns[0].content for one in kept) == ["question a 2", "question a 3"]
    assert left_out["earlier_turns"] == 1


def test_names_of_units_say_nothing_without_the_key() -> None:
    assert unit_name(SALT, "ann") == unit_name(SALT, "ann") != unit_name(b"t" * 32, "ann")
    assert "ann" not in unit_name(SALT, "ann")
