from __future__ import annotations

import pytest

from tests.support.policy_files import LEVELS, Load, Refuse

RULE = "rules: {{{name}: {{when: {when}, demand: {demand}}}}}"


def _rules(outer: str, inner: str) -> str:
    """One rule at the organisation and one at the clerk."""
    text = LEVELS.replace("organisation:\n", f"organisation:\n  {RULE.format(name='z', when='request.stream', demand=outer)}\n")
    inside = RULE.format(name="a", when="request.tools > 1", demand=inner)
    return text.replace("clerk: {}", f"clerk: {{{inside}}}")


@pytest.mark.parametrize(
    ("outer", "inner", "entity", "operators"),
    [
        ("{entities: {PERSON: mask}}", "{entities: {PERSON: hash}}", "PERSON", ("hash", "mask")),
        ("{entities: {default: hash}}", "{entities: {default: mask}}", "default", ("mask", "hash")),
        ("{reply: {entities: {SECRET: mask}}}", "{reply: {entities: {SECRET: hash}}}", "SECRET", ("hash", "mask")),
        ("{record: {entities: {PERSON: mask}}}", "{record: {entities: {PERSON: hash}}}", "PERSON", ("hash", "mask")),
        ("{knowledge: {entities: {PERSON: mask}}}", "{knowledge: {entities: {PERSON: hash}}}", "PERSON", ("hash", "mask")),
    ],
)
def test_two_rules_of_which_neither_is_stricter(
    refuse: Refuse, outer: str, inner: str, entity: str, operators: tuple[str, str]
) -> None:
    text = _rules(outer, inner)
    (problem,) = refuse(text)
    place = text.splitlines()[problem.line - 1]
    assert "clerk" in place
    assert place[problem.column - 1 :].startswith(operators[0])
    told = f"{operators[0]} for {entity} contradicts organisation.rules.z, which demands {operators[1]}: neither is stricter"
    assert (problem.message, problem.fix) == (told, "demand the same in both, or something stricter in one")


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("{entities: {PERSON: mask}}", "{entities: {PERSON: mask}}"),
        ("{entities: {PERSON: mask}}", "{entities: {PERSON: drop}}"),
        ("{entities: {PERSON: mask}}", "{reply: {entities: {PERSON: hash}}}"),
        ("{entities: {PERSON: mask}}", "{entities: {EMAIL_ADDRESS: hash}}"),
        ("{entities: {default: mask}}", "{entities: {PERSON: hash}}"),  # what names the type holds
    ],
)
def test_rules_that_get_on(load: Load, outer: str, inner: str) -> None:
    load(_rules(outer, inner))


def test_rules_of_one_level_in_either_order(refuse: Refuse) -> None:
    one = "a.rules.b: {when: request.stream, demand: {entities: {PERSON: mask}}}"
    two = "c: {when: request.stream, demand: {entities: {PERSON: hash}}}"
    for rules in (f"{one}, {two}", f"{two}, {one}"):
        text = LEVELS.replace("organisation:\n", f"organisation:\n  rules: {{{rules}}}\n")
        (problem,) = refuse(text)
        assert text.splitlines()[problem.line - 1][problem.column - 1 :].startswith("hash")
        assert "contradicts organisation.rules.a.rules.b" in problem.message


def test_rules_of_two_teams_never_meet(load: Load) -> None:
    desk, board = (
        RULE.format(name="r", when="request.stream", demand=f"{{entities: {{PERSON: {op}}}}}") for op in ("mask", "hash")
    )
    load(
        LEVELS.replace("        models: [chat]\n", f"        models: [chat]\n        {desk}\n")
        + f"      board:\n        {board}\n"
    )
