"""What an inner level asks for and cannot have; places are found by what stands there."""

from __future__ import annotations

import pytest

from gateway.policy.reading.problems import Problem
from tests.support.policy_files import LEVELS, Load, Refuse


def _clerk(said: str) -> str:
    return LEVELS.replace("clerk: {}", f"clerk: {{{said}}}")


def _text_at(text: str, problem: Problem) -> str:
    return text.splitlines()[problem.line - 1][problem.column - 1 :]


@pytest.mark.parametrize(
    ("said", "at", "message"),
    [
        ("models: [chat, small]", "small]", "'small' is not allowed further out"),
        ("purposes: [support, research]", "research]", "'research' is not allowed further out"),
        ("allow_uninspected: [image]", "image]", "'image' is not allowed further out"),
        ("entities: {PERSON: keep}", "keep}", "keep protects PERSON less than surrogate, which holds further out"),
        ("entities: {SECRET: mask}", "mask}", "mask protects SECRET less than drop, which holds further out"),
        ("entities: {EMAIL_ADDRESS: keep}", "keep}", "keep protects EMAIL_ADDRESS less than placeholder, which"),
        ("entities: {default: keep}", "keep}", "keep protects default less than placeholder, which holds further out"),
        ("reply: {entities: {SECRET: keep}}", "keep}", "keep protects SECRET less than mask, which holds further out"),
        ("reply: {restore: true}", "true}", "restores although the level around it does not"),
        ("record: {content: redacted}", "redacted}", "keeps content although the level around it does not"),
        ("record: {originals: sealed}", "sealed}", "keeps originals although the level around it does not"),
        ("record: {retention_days: 31}", "31}", "longer than the 30 days that hold further out"),
        ("record: {entities: {PERSON: keep}}", "keep}", "keep protects PERSON less than surrogate, which holds in requests"),
        ("knowledge: {entities: {SECRET: mask}}", "mask}", "mask protects SECRET less than drop, which holds in requests"),
        ("cache: tenant", "tenant}", "shares more than principal, which holds further out"),
        ("cache: {share: tenant}", "tenant}", "shares more than principal, which holds further out"),
        ("cache: {ttl: 11m}", "11m}", "longer than the 600 seconds that hold further out"),
        ("cache: {when: always}", "always}", "keeps answers that the level around it does not"),
        ("cache: {semantic: true}", "true}", "gives answers to other words although the level around it does not"),
        ("cache: {max_bytes: 1048577}", "1048577}", "more than the 1048576 bytes that hold further out"),
        ("limits: {when_unavailable: count_locally}", "count_locally}", "counts although the level around it refuses"),
    ],
)
def test_a_level_that_asks_for_less_protection(refuse: Refuse, said: str, at: str, message: str) -> None:
    text = _clerk(said).replace(
        "        models: [chat]\n",
        "        models: [chat]\n        purposes: [support]\n        reply: {restore: false, entities: {SECRET: mask}}\n"
        "        record: {content: none, retention_days: 30}\n        cache: principal\n",
    )
    text = text.replace("    reply: {restore: true}\n", "    reply: {restore: true}\n    cache: tenant\n", 1)
    (problem,) = refuse(text)
    assert _text_at(text, problem).startswith(at)
    assert problem.message.startswith(message)


@pytest.mark.parametrize(
    "said",
    [
        "models: []",
        "models: [chat]",
        "purposes: [support]",
        "entities: {PERSON: placeholder}",  # as strong as a surrogate
        "entities: {PERSON: block, DATE_TIME: mask, default: hash}",
        "reply: {restore: false}",
        "reply: {restore: true}",
        "record: {content: none, retention_days: 3, entities: {DATE_TIME: drop}}",
        "knowledge: {entities: {PERSON: block}}",
        "cache: none",
        "cache: {ttl: 5m, when: deterministic, max_bytes: 1000}",
        "limits: {requests: 1000000/second}",
        "limits: {when_unavailable: refuse}",
    ],
)
def test_a_level_that_asks_for_as_much_or_more(load: Load, said: str) -> None:
    load(_clerk(said))


def test_the_ways_out_are_named(refuse: Refuse) -> None:
    (problem,) = refuse(_clerk("models: [small]"))
    assert problem.fix == "allow it further out, or write chat"
    (problem,) = refuse(_clerk("entities: {PERSON: keep}"))
    assert problem.fix == "an inner level can only add protection: remove it here, or allow more further out"
    (problem,) = refuse(LEVELS.replace("{PERSON: surrogate,", "{SECRET: keep, PERSON: surrogate,"))
    assert problem.message == "keep protects SECRET less than drop, which holds further out"


def test_what_the_organisation_leaves_unsaid_a_tenant_may_say(load: Load) -> None:
    load(LEVELS.replace("reply: {restore: true}", "reply: {restore: true}\n    allow_uninspected: [image]\n    cache: tenant"))


def test_originals_are_kept_only_beside_content(load: Load, refuse: Refuse) -> None:
    def bank(record: str) -> str:
        return LEVELS.replace("reply: {restore: true}", f"reply: {{restore: true}}\n    record: {{{record}}}")

    load(bank("content: redacted, originals: sealed"))
    load(bank("originals: sealed").replace("organisation:\n", "organisation:\n  record: {content: redacted}\n"))
    for said in ("originals: sealed", "content: none, originals: sealed"):
        (problem,) = refuse(bank(said))
        assert problem.message == "keeps the originals of content that is not kept"
        assert problem.fix == "write content: redacted beside it, or remove it"


def test_what_a_tenant_leaves_unsaid_is_closed(refuse: Refuse) -> None:
    text = LEVELS.replace("    reply: {restore: true}\n", "")
    for said in ("reply: {restore: true}", "record: {content: redacted}", "cache: principal", "allow_uninspected: [image]"):
        assert len(refuse(text.replace("clerk: {}", f"clerk: {{{said}}}"))) == 1


@pytest.mark.parametrize(
    ("demand", "at", "message"),
    [
        ("{}", "{}", "demands nothing"),
        ("{entities: {}}", "{entities: {}}", "demands nothing"),
        ("{reply: {restore: true}}", "true}", "a rule cannot restore"),
        ("{entities: {PERSON: keep}}", "keep}", "keep protects PERSON less than surrogate"),
        ("{reply: {entities: {PERSON: mask}}, cache: principal}", "principal}", "shares more than none"),
        ("{record: {content: redacted}}", "redacted}", "keeps content although the level around it does not"),
    ],
)
def test_a_rule_that_would_have_no_effect(refuse: Refuse, demand: str, at: str, message: str) -> None:
    text = _clerk(f"rules: {{r: {{when: request.stream, demand: {demand}}}}}")
    (problem,) = refuse(text)
    assert _text_at(text, problem).startswith(at)
    assert problem.message.startswith(message)


def test_a_rule_of_the_organisation_may_demand_what_some_tenant_demands_anyway(load: Load) -> None:
    rule = "  rules: {r: {when: request.stream, demand: {entities: {PERSON: placeholder, DATE_TIME: hash}}}}\n"
    load(LEVELS.replace("organisation:\n", "organisation:\n" + rule))
