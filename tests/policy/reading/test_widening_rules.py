"""What a rule demands although no level can allow more than that: it would be said to apply, and change nothing."""

from __future__ import annotations

import pytest

from tests.support.policy_files import LEVELS, Load, Refuse

_WIDEST = [
    ("{record: {content: redacted}}", "redacted"),
    ("{cache: tenant}", "tenant"),
    ("{cache: {share: tenant, ttl: 1h}}", "tenant"),
    ("{cache: {when: always}}", "always"),
    ("{cache: {semantic: true}}", "true"),
    ("{pseudonyms: {scope: tenant}}", "tenant"),
    ("{knowledge: {collections: ['*']}}", "'*'"),
    ("{knowledge: {collections: [handbook, '*']}}", "'*'"),
    ("{knowledge: {when: asked}}", "asked"),
    ("{knowledge: {else: answer}}", "answer"),
    ("{entities: {PERSON: mask, EMAIL_ADDRESS: keep}}", "keep"),
    ("{entities: {default: keep}}", "keep"),
    ("{reply: {entities: {PERSON: keep}}}", "keep"),
    ("{record: {entities: {PERSON: keep}}}", "keep"),
    ("{knowledge: {entities: {PERSON: keep}}}", "keep"),
]


def _ruled(demand: str, said: str = "") -> str:
    """The organisation, with what it says itself and a rule that demands this."""
    rule = f"  rules: {{r: {{when: request.stream, demand: {demand}}}}}\n{said}"
    return LEVELS.replace("organisation:\n", f"organisation:\n{rule}")


@pytest.mark.parametrize(("demand", "at"), _WIDEST)
def test_a_rule_of_the_organisation_that_can_have_no_effect(refuse: Refuse, demand: str, at: str) -> None:
    text = _ruled(demand)
    (problem,) = refuse(text)
    assert text.splitlines()[problem.line - 1][problem.column - 1 :].startswith(at)
    assert problem.message == "adds nothing: no level can allow more than this"
    assert problem.fix == "a rule can only add protection: say it at a level, or ask for more"


def test_each_place_is_told_once(refuse: Refuse) -> None:
    both = refuse(_ruled("{record: {content: redacted, originals: sealed}}"))
    assert [problem.message for problem in both] == ["adds nothing: no level can allow more than this"] * 2
    (alone,) = refuse(_ruled("{record: {originals: sealed}}"))
    assert alone.message == "keeps the originals of content that is not kept"
    (beside,) = refuse(_ruled("{record: {originals: sealed}}", "  record: {content: redacted}\n"))
    assert beside.message == "adds nothing: no level can allow more than this"


@pytest.mark.parametrize(
    ("said", "demand"),
    [
        ("  record: {content: redacted, originals: sealed}\n", "{record: {content: redacted, originals: sealed}}"),
        ("  cache: {share: tenant, when: always, semantic: true}\n", "{cache: {share: tenant, when: always, semantic: true}}"),
        ("  pseudonyms: {scope: tenant}\n", "{pseudonyms: {scope: tenant}}"),
        ("  knowledge: {collections: ['*']}\n", "{knowledge: {collections: ['*']}}"),
    ],
)
def test_what_the_organisation_says_its_rule_may_repeat(load: Load, said: str, demand: str) -> None:
    load(_ruled(demand, said))


@pytest.mark.parametrize(
    "demand",
    [
        "{record: {content: none}}",
        "{record: {originals: none, retention_days: 3}}",
        "{cache: principal}",
        "{cache: {when: deterministic, semantic: false, ttl: 1h}}",
        "{pseudonyms: {scope: conversation}}",
        "{knowledge: {collections: [handbook], labels: [hr], passages: 7}}",
        "{knowledge: {when: always, else: say_so}}",
        "{entities: {default: drop, DATE_TIME: keep}}",  # all but dates
        "{reply: {entities: {default: mask, DATE_TIME: keep}}}",
    ],
)
def test_what_may_narrow_some_tenant(load: Load, demand: str) -> None:
    load(_ruled(demand))


@pytest.mark.parametrize("granted", ["", "    knowledge: {collections: [handbook]}\n"])
def test_all_collections_are_no_fewer_inside_a_tenant_either(refuse: Refuse, granted: str) -> None:
    rule = "    rules: {r: {when: request.stream, demand: {knowledge: {collections: ['*']}}}}\n"
    (problem,) = refuse(LEVELS.replace("    reply: {restore: true}\n", f"    reply: {{restore: true}}\n{granted}{rule}", 1))
    assert problem.message == "adds nothing: no level can allow more than this"
