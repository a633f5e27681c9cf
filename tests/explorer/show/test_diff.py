from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.exchange.content import Content, Mark
from gateway.explorer.show.diff import Run, diff_of, pointer_of
from gateway.obligations import OperatorKind


def mark(start: int, end: int, operator: OperatorKind = OperatorKind.PLACEHOLDER, pointer: str = "/messages/0/content") -> Mark:
    return Mark(pointer=pointer, start=start, end=end, entity="PERSON", operator=operator, recognizer="Names", score=0.9)


def asking(text: str) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": text}]}


def test_texts_are_cut_where_findings_stood() -> None:
    content = Content(request=asking("张伟先生，写给 <PERSON_1>!"), marks=(mark(8, 18),))
    (passage,) = [one for one in diff_of(content, restores=True).sent if one.spoken]
    assert (passage.pointer, passage.role) == ("/messages/0/content", "user")
    assert [(run.text, run.mark) for run in passage.runs] == [("张伟先生，写给 ", None), ("<PERSON_1>", 1), ("!", None)]


def test_a_dropped_value_is_marked_by_its_place() -> None:
    content = Content(request=asking("Call  now"), marks=(mark(5, 5, OperatorKind.DROP),))
    (passage,) = [one for one in diff_of(content, restores=True).sent if one.spoken]
    assert [run.mark for run in passage.runs] == [None, 1, None]


def test_marks_that_do_not_fit_cut_nothing() -> None:
    marks = (mark(0, 2), mark(1, 3), mark(50, 60), mark(3, 2), mark(0, 1, pointer="/messages/7/content"), mark(-5, 1))
    (passage,) = [one for one in diff_of(Content(request=asking("Hello"), marks=marks), restores=True).sent if one.spoken]
    assert "".join(run.text for run in passage.runs) == "Hello"
    assert [run.mark for run in passage.runs if run.mark] == [1]


def test_what_stands_for_somebody_is_found_in_the_reply() -> None:
    content = Content(request=asking("<PERSON_1>"), reply="Dear <PERSON_1>, <PERSON_2>", marks=(mark(0, 10),))
    diff = diff_of(content, restores=True)
    assert diff.received == (Run("Dear "), Run("<PERSON_1>", 1), Run(", <PERSON_2>"))
    assert diff.restored == diff.received
    assert diff_of(content, restores=False).restored is None


def test_originals_take_their_places_where_leave_was_given() -> None:
    content = Content(
        request=asking("<PERSON_1>"), reply="Dear <PERSON_1>", marks=(mark(0, 10),), originals={"<PERSON_1>": "Alice"}
    )
    assert diff_of(content, restores=True).restored == (Run("Dear "), Run("<PERSON_1>", 1, "Alice"))
    assert "Alice" not in repr(diff_of(content, restores=True))


def test_a_mask_stands_for_nobody_in_the_reply() -> None:
    content = Content(request=asking("****"), reply="****", marks=(mark(0, 4, OperatorKind.MASK),))
    assert diff_of(content, restores=True).received == (Run("****"),)
    assert diff_of(content, restores=True).restored is None


def test_nothing_kept_is_nothing_shown() -> None:
    diff = diff_of(Content(), restores=True)
    assert (diff.sent, diff.received, diff.restored) == ((), None, None)


def test_pointers_are_written_as_rfc_6901_has_it() -> None:
    assert pointer_of(("a/b", 0, "m~n")) == "/a~1b/0/m~0n"


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(-3, 45), st.integers(-3, 45)), max_size=6))
def test_no_text_is_lost_or_said_twice(text: str, spans: list[tuple[int, int]]) -> None:
    content = Content(request=asking(text), reply=text, marks=tuple(mark(start, end) for start, end in spans))
    diff = diff_of(content, restores=True)
    for passage in diff.sent:
        if passage.pointer == "/messages/0/content":
            assert "".join(run.text for run in passage.runs) == text
    assert "".join(run.text for run in diff.received or ()) == text
