from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from gateway.redaction.glued import LONGEST, Change, glued


def changes(text: str, *put: tuple[str, str, bool]) -> list[Change]:
    """What was put in place of which words of the text, in order; the last says whether it is a surrogate."""
    found, at = [], 0
    for old, new, surrogate in put:
        start = text.index(old, at)
        at = start + len(old)
        found.append(Change(start, at, new, surrogate, reversible=new != "***"))
    return found


def words(text: str, *put: tuple[str, str, bool]) -> list[tuple[str, str]]:
    return list(glued(text, changes(text, *put)))


def test_a_surrogate_by_itself_needs_no_word() -> None:
    assert words("Call 138, please", ("138", "100", True)) == []
    assert words("致电138吧", ("138", "100", True)) == []


def test_a_word_is_as_long_as_letters_and_digits_are() -> None:
    assert words("Call 138Dear sir", ("138", "100", True)) == [("138Dear", "100Dear")]
    assert words("x2ann@b.org_old", ("ann@b.org", "tim@c.org", True)) == [("x2ann@b.org", "x2tim@c.org")]
    assert words("a-b138c_d", ("138", "100", True)) == [("b138c", "b100c")]


def test_what_abuts_is_in_the_word_as_a_whole() -> None:
    met = ("ann@b.org", "tim@c.org", True), ("Li Na", "Wu Min", True)
    assert words("to ann@b.orgLi Nax.", *met) == [("ann@b.orgLi Nax", "tim@c.orgWu Minx")]
    assert words("ann@b.orgLi Na", met[0], ("Li Na", "<PERSON_1>", False)) == []
    assert words("138ann@b.org", ("138", "", False), ("ann@b.org", "tim@c.org", True)) == []


def test_what_cannot_come_back_takes_its_word_along() -> None:
    assert words("138x9", ("138", "100", True), ("9", "***", False)) == [("138x", "100x")]
    assert words("138x9y", ("138", "100", True), ("x9", "", False)) == [("138x9y", "100y")]
    dropped = [Change(0, 3, "100", surrogate=True, reversible=True), Change(3, 5, "", surrogate=False, reversible=False)]
    assert list(glued("138x9y", dropped)) == []


def test_a_very_long_word_is_not_remembered() -> None:
    assert words("138" + "x" * LONGEST, ("138", "100", True)) == []
    assert len(words("138" + "x" * (LONGEST - 3), ("138", "100", True))) == 1


@given(
    st.lists(st.tuples(st.text("ab 1-中", max_size=4), st.text("xy 2中", min_size=1, max_size=4), st.booleans()), max_size=6)
)
def test_words_stand_by_themselves_and_come_back(parts: list[tuple[str, str, bool]]) -> None:
    old, new, made = "", "", []
    for gap, put, surrogate in parts:
        old, new = old + gap, new + gap
        made.append(Change(len(old), len(old) + 1, put, surrogate, reversible=True))
        old, new = old + "V", new + put
    found = list(glued(old, made))
    at = 0
    for before, after in found:
        assert before in old
        at = new.index(after, at) + len(after)
        outside = new[at - len(after) - 1 : at - len(after)] + after[:1], after[-1:] + new[at : at + 1]
        assert not any(re.fullmatch("[A-Za-z0-9]{2}", pair) for pair in outside)
