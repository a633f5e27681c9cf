"""What `make proof-state` would call broken is called broken."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.state.faults import Felt
from bench.state.load import Call, _read
from bench.state.planted import address, question, wrong
from bench.state.verdict import Verdict

OWN = address(1, 1)
CALL = Call(began=1.0, ended=1.1, status=200, id="req_1", whole=True, wrong=False, cache="hit")
VERDICT = Verdict(calls=[CALL], faults=[], leaks=0, opened=frozenset({"req_1"}), completed=frozenset({"req_1"}), log="verified")


@pytest.mark.parametrize(
    ("text", "whole", "expected"),
    [
        (question(1, 1), True, False),
        (f"for {OWN} and {address(2, 1)}", True, True),
        ("to <EMAIL_ADDRESS_1>", True, True),
        ("Please wri", False, False),
        (f"{address(1, 2)} was ", False, True),
    ],
)
def test_an_answer_is_wrong_when_a_value_is_not_where_it_belongs(text: str, whole: bool, expected: bool) -> None:
    assert wrong(text, OWN, whole=whole) is expected


@pytest.mark.parametrize(
    "broken",
    [
        replace(VERDICT, leaks=1),
        replace(VERDICT, opened=frozenset()),
        replace(VERDICT, calls=[replace(CALL, wrong=True)]),
    ],
)
def test_each_promise_breaks_the_proof(broken: Verdict) -> None:
    assert VERDICT.holds
    assert not broken.holds


def test_the_end_of_an_exchange_may_be_missing_and_is_told() -> None:
    cut = replace(VERDICT, completed=frozenset())
    assert cut.holds
    assert "1 without their end" in cut.text()


def test_how_soon_all_was_well_is_read_from_calls_that_no_other_fault_met() -> None:
    refused = replace(CALL, status=503, whole=False)
    calls = [
        replace(refused, began=10.5, ended=10.6),
        replace(refused, began=12.5, ended=12.6),
        replace(refused, began=19.9, ended=20.5),
    ]
    told = replace(VERDICT, calls=calls, faults=[Felt("redis", 10.0, 12.0), Felt("other", 20.0, 21.0)]).text()
    first = told.splitlines()[0]
    assert "1 calls" in first
    assert "100.0 % failed" in first
    assert "0.5 s after it was back" in first


def test_words_are_read_from_streams_that_broke_off() -> None:
    event = b'data: {"choices":[{"delta":{"content":"to c1"}}]}\n\n'
    assert _read(event, stream=True) == ("to c1", False)
    assert _read(event * 2 + b"data: [DONE]\n\n", stream=True) == ("to c1to c1", True)
    assert _read(b'{"choices":[{"message":{"content":"all"}}]}', stream=False) == ("all", True)
    assert _read(b"<html>", stream=False) == ("<html>", False)
