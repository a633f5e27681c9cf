"""What only a walk over all levels shows: conditions and templates, each with its place inside of the text."""

from __future__ import annotations

import json

import pytest

from tests.support.policy_files import LEVELS, Load, Refuse

_AT = {
    "organisation": ("organisation:\n", "organisation:\n  {}\n"),
    "tenant": ("    models: [chat, small]\n", "    models: [chat, small]\n    {}\n"),
    "principal": ("      app: {}\n", "      app:\n        {}\n"),
    "team": ("        models: [chat]\n", "        models: [chat]\n        {}\n"),
    "member": ("          clerk: {}\n", "          clerk:\n            {}\n"),
}


def _said(level: str, said: str) -> str:
    old, new = _AT[level]
    assert old in LEVELS
    return LEVELS.replace(old, new.format(said), 1)


@pytest.mark.parametrize("level", _AT)
def test_conditions_are_checked_at_every_level(refuse: Refuse, level: str) -> None:
    text = _said(level, "rules: {r: {when: request.stream && request.modle == 'x', deny: never}}")
    (problem,) = refuse(text)
    assert text.splitlines()[problem.line - 1][problem.column - 1 :].startswith(".modle")
    assert problem.message == "undeclared reference to 'request.modle'"
    assert "request.model" in problem.fix
    assert "findings.<TYPE>" in problem.fix
    assert problem.fix.endswith("did you mean 'request.model'?")


def test_a_misspelt_type_in_a_condition_has_its_nearest(refuse: Refuse) -> None:
    (problem,) = refuse(_said("tenant", "rules: {r: {when: findings.PRESON > 1, deny: never}}"))
    assert problem.fix.endswith("did you mean 'findings.PERSON'?")


@pytest.mark.parametrize("condition", ["request.stream and request.tools > 1", "request.model = 'chat'"])
def test_operators_of_other_languages_are_told_from_those_of_cel(refuse: Refuse, condition: str) -> None:
    (problem,) = refuse(_said("tenant", f"rules: {{r: {{when: {json.dumps(condition)}, deny: never}}}}"))
    assert problem.fix.startswith("CEL writes == for equals, && for and, || for or, ! for not")


def test_a_backspace_in_a_condition_was_meant_as_a_border(refuse: Refuse) -> None:
    (problem,) = refuse(_said("tenant", "rules: {r: {when: \"principal.id.matches(r'\\bbatch')\", deny: never}}"))
    assert "single quotes" in problem.message


@pytest.mark.parametrize(
    ("written", "line", "column"),
    [
        ("request.modle == 'x'", 15, 20),
        ("'request.modle == \"x\"'", 15, 21),
        ("|\n        request.stream\n          && request.modle == 'x'", 17, 21),
        ("\"request.stream && request.modle == 'x'\"", 15, 39),
    ],
)
def test_the_place_lies_inside_the_condition(refuse: Refuse, written: str, line: int, column: int) -> None:
    text = LEVELS.replace("organisation:\n", f"organisation:\n  rules:\n    r:\n      when: {written}\n      deny: never\n")
    (problem,) = refuse(text)
    assert (problem.line, problem.column) == (line, column)
    assert text.splitlines()[line - 1][column - 1 :].startswith(".modle")


def test_every_wrong_condition_is_told(refuse: Refuse) -> None:
    rules = "rules: {a: {when: request.bytes, deny: never}, b: {when: findings.NAME > 1, deny: never}}"
    problems = refuse(_said("tenant", rules))
    assert {problem.message for problem in problems} == {
        "this is no condition: it is neither true nor false",
        "undeclared reference to 'findings.NAME'",
    }


def test_types_of_a_tenants_own_are_known_there_alone(load: Load, refuse: Refuse) -> None:
    own = "detection: {recognizers: [{entity: CUSTOMER_NO, words: [K-12345678]}]}"
    rule = "rules: {r: {when: findings.CUSTOMER_NO > 1, deny: never}}"
    text = _said("tenant", own)
    load(text.replace("          clerk: {}\n", f"          clerk:\n            {rule}\n"))
    (problem,) = refuse(text.replace("organisation:\n", f"organisation:\n  {rule}\n"))
    assert problem.message == "undeclared reference to 'findings.CUSTOMER_NO'"


@pytest.mark.parametrize("level", _AT)
def test_templates_are_checked_at_every_level(refuse: Refuse, level: str) -> None:
    text = _said(level, "guide: {system: 'You serve {customer}.'}")
    (problem,) = refuse(text)
    assert text.splitlines()[problem.line - 1][problem.column - 1 :].startswith("'You serve")
    assert "hold no known name" in problem.message
    assert "{{ for a brace" in problem.fix


@pytest.mark.parametrize(
    ("condition", "message", "fix"),
    [
        ('request.purpose == "suport"', "unknown purpose 'suport'", "support"),
        ("'no-such' != request.model && findings.PERSON > 1", "unknown model 'no-such'", "small"),
        ("request.model in ['small', 'smal']", "unknown model 'smal'", "small"),
        ("request.surface == 'chat'", "unknown surface 'chat'", "chat/completions"),
        ("!(request.surface in ['embedding'])", "unknown surface 'embedding'", "embeddings"),
        ("principal.tenant == 'bnak'", "unknown tenant 'bnak'", "bank"),
        ("principal.team in ['dsk', '']", "unknown team 'dsk'", "desk"),
    ],
)
def test_a_condition_on_a_name_that_nothing_has(refuse: Refuse, condition: str, message: str, fix: str) -> None:
    rule = f"rules: {{r: {{when: {json.dumps(condition)}, deny: never}}}}"
    (problem,) = refuse(_said("team", rule))
    assert problem.message == message
    assert fix in problem.fix
