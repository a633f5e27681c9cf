from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.policy.language.condition import ConditionError, Language, compared_in, names, sought_in
from tests.support.policy_files import KNOWN

LANGUAGE = Language.over(KNOWN)


@pytest.mark.parametrize(
    ("condition", "line", "column", "message"),
    [
        ("request.modle == 'x'", 1, 8, "undeclared reference to 'request.modle'"),
        ("findings.PRESON > 1", 1, 9, "undeclared reference to 'findings.PRESON'"),
        ("request.tools > 1 &&\n  request.bytes == 'x'", 2, 17, "found no matching overload for '_==_'"),
        ("request.bytes > 1.5", 1, 15, "found no matching overload for '_>_'"),
        ("principal.roles == 'auditor'", 1, 17, "found no matching overload"),
        ("findings['PERSON'] > 1", 1, 1, "undeclared reference to 'findings'"),
        ("request.tools >", 1, 16, "Syntax error: mismatched input '<EOF>'"),
        ("true), (true", 1, 5, "Syntax error: mismatched input ')'"),
        ("true)", 1, 5, "Syntax error: extraneous input ')'"),
        ("'open", 1, 1, "Syntax error"),
        ("  ", 1, 3, "Syntax error"),
        ("// only a comment", 1, 18, "Syntax error"),
        ("request.bytes", 1, 1, "this is no condition: it is neither true nor false"),
        ('request.model.matches("(")', 1, 23, "this is no regular expression (RE2)"),
        ("true &&\n request.model.matches('[a')", 2, 24, "this is no regular expression (RE2)"),
        ("dyn(request.stream)", 1, 1, "this is no condition"),
        ("[request.stream]", 1, 1, "this is no condition"),
        ("(" * 31 + "true" + ")" * 31, 1, 1, "nested too deep"),
        ("(" * 400 + "true" + ")" * 400, 1, 1, "nested too deep"),
    ],
)
def test_place_and_message(condition: str, line: int, column: int, message: str) -> None:
    with pytest.raises(ConditionError) as caught:
        LANGUAGE.check(condition)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert caught.value.message.startswith(message)
    assert "container" not in caught.value.message
    assert "{" not in caught.value.message


def test_patterns_that_can_be_used_or_are_only_spoken_of() -> None:
    LANGUAGE.check(r"request.model.matches(r'^qwen-\d+$') || request.model == 'x.matches(\"(\")'")


def test_three_loops_are_one_too_many() -> None:
    two = "principal.roles.exists(a, principal.roles.all(b, a == b))"
    LANGUAGE.check(two)
    LANGUAGE.check(f"{two} && request.model != '.all( .map( .filter('  // x.exists(y)")
    with pytest.raises(ConditionError, match="more than 2 loops"):
        LANGUAGE.check(f"{two} && principal.roles . exists_one (c, c == 'x')")


@pytest.mark.parametrize(
    ("condition", "sought"),
    [
        ("findings.PERSON > 3 && findings.SECRET == 0", {"PERSON", "SECRET"}),
        ("findings.total > 3", {"total"}),
        ("findings\n  . PERSON > 1", {"PERSON"}),
        ("findings // how many\n .PERSON > 1", {"PERSON"}),
        ("findings.`PERSON` > 1", {"PERSON"}),
        ("request.model == 'findings.PERSON'", set()),
        ('request.model == "findings.PERSON \\" findings.SECRET"', set()),
        ("request.model == '''findings.PERSON ' findings.SECRET'''", set()),
        ('request.model == """a " \\""" findings.SECRET """', set()),
        ("request.stream // findings.PERSON", set()),
        ("request.model == '//' || findings.PERSON > 1", {"PERSON"}),
        ("request.model == r'\\d' || findings.PERSON > 1", {"PERSON"}),
    ],
)
def test_the_findings_that_a_condition_counts(condition: str, sought: set[str]) -> None:
    LANGUAGE.check(condition)
    assert sought_in(condition) == sought


def test_every_name_can_be_used() -> None:
    for name in names():
        LANGUAGE.check(f"{name} == {name}")


def test_types_of_a_tenants_own() -> None:
    Language.over(KNOWN | {"CUSTOMER_NO"}).check("findings.CUSTOMER_NO > 1")
    with pytest.raises(ConditionError, match=r"findings\.CUSTOMER_NO"):
        LANGUAGE.check("findings.CUSTOMER_NO > 1")


_TOKENS = st.lists(
    st.sampled_from(["findings", ".", "PERSON", " ", "'", '"', '"""', "\\", "//", "\n", "(", ")", "==", "1", "&&", "`", "中"]),
    max_size=14,
)


@settings(max_examples=150, deadline=None)
@given(_TOKENS.map("".join) | st.text(max_size=12))
def test_any_text_is_a_condition_or_an_error_with_a_place_in_it(text: str) -> None:
    error = _refusal(text)
    if error is not None:
        assert error.message
        assert 1 <= error.line <= text.count("\n") + 2
        assert error.column >= 1


def _refusal(text: str) -> ConditionError | None:
    try:
        LANGUAGE.check(text)
    except ConditionError as error:
        return error
    return None


def test_the_texts_that_a_name_is_compared_with() -> None:
    condition = 'request.purpose == "a" || \'b\'!=request.purpose || request.purposes == "c" || request.model == "d"'
    assert compared_in(condition, "request.purpose") == {"a", "b"}
    assert compared_in("request.model in [\"a\",\n 'b'] || request.modelx in ['c']", "request.model") == {"a", "b"}


@pytest.mark.parametrize(
    "condition",
    [
        "request.stream // until March: principal.team == 'a'",
        "principal.team == 'desk-' + request.purpose",
        "principal.team == request.purpose + 'a' || request.purpose +'a' == principal.team",
        "'deskdesk' == principal.team + principal.team",
        "principal.team == 'a'.replace('a', 'b')",
        "principal.team in ['desk-' + request.purpose, request.purpose + 'a']",
    ],
)
def test_a_text_that_is_no_name_by_itself_is_not_taken_for_one(condition: str) -> None:
    assert compared_in(condition, "principal.team") == frozenset()
