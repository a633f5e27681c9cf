"""The `detection` part of a tenant; the base policy's lines are counted in tests/support/policy_files.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.policy.reading.load import load_policy
from gateway.policy.reading.problems import PolicyError
from gateway.policy.source import PolicySource
from gateway.rules.detection import Checksum, DetectionRules, PatternRules, PluginOffer, PluginRules, WordRules
from tests.support.policy_files import KNOWN, SURROGATES, Compile, Load, Refuse

ENTITIES = "    entities: {CREDIT_CARD: mask}\n"
STAFF = "{entity: STAFF_ID, patterns: ['S-[0-9]+']}"


def _with(base: str, *lines: str, entities: str = "") -> str:
    """The base policy with these lines under `detection`, which begins on line 10."""
    own = "".join(f"      {line}\n" for line in lines)
    return base.replace(ENTITIES, f"    detection:\n{own}    entities: {{CREDIT_CARD: mask{entities}}}\n")


def _offer(name: str) -> PluginOffer:
    if name == "badges":
        return PluginOffer(entities=frozenset({"ACME_BADGE"}))
    return PluginOffer(problem="no installed package offers this recognizer", fix="install it")


def _rules(compiled: Compile, text: str) -> DetectionRules:
    (rules,) = compiled(text).detections
    return rules


def test_what_is_not_written_is_the_standard(compiled: Compile, base: str) -> None:
    assert _rules(compiled, base) == DetectionRules(tenant="demo")


def test_what_is_written_becomes_values(compiled: Compile, base: str) -> None:
    text = _with(
        base,
        "profile: high_recall",
        "max_characters: 5000",
        "allow: [Alice  Springs, ACME]",
        "recognizers:",
        "  - {entity: STAFF_ID, patterns: ['S-[0-9]+'], score: 0.7, context: [badge, 工号], checksum: luhn}",
        "  - {entity: MEMBER, patterns: ['M[0-9]+'], checksum: mod97}",
        "  - {entity: VISITOR, patterns: ['V[0-9]+']}",
        "  - {entity: PROJECT, words: [蓝鸟, Bluebird], ignore_case: true}",
    )
    assert _rules(compiled, text) == DetectionRules(
        tenant="demo",
        high_recall=True,
        recognizers=(
            PatternRules(
                entity="STAFF_ID",
                patterns=("S-[0-9]+",),
                score=0.7,
                context=frozenset({"工号", "badge"}),
                checksum=Checksum.LUHN,
            ),
            PatternRules(entity="MEMBER", patterns=("M[0-9]+",), score=1.0, checksum=Checksum.MOD97),
            PatternRules(entity="VISITOR", patterns=("V[0-9]+",), score=0.6),
            WordRules(entity="PROJECT", words=frozenset({"Bluebird", "蓝鸟"}), score=1.0, ignore_case=True),
        ),
        allow=frozenset({"alice springs", "acme"}),
        max_characters=5000,
    )


@pytest.mark.parametrize(
    ("line", "column", "message", "fix"),
    [
        ("profile: high", 16, "unknown value 'high'", "standard, high_recall"),
        ("profil: standard", 7, "unknown field 'profil'", "did you mean 'profile'?"),
        ("max_characters: 0", 23, "out of range", "write a number from 1 to 100000000"),
        ("max_characters: 1.5", 23, "not a whole number", "without a point"),
        ("allow: [Acme, '-']", 21, "shorter than 1 character", "with a letter or digit"),
        ("allow: [Acme, 2024]", 21, "not text", "in quotes"),
        ("recognizers: [{entity: Staff, patterns: [x]}]", 30, "characters that are not allowed", "in capitals"),
        ("recognizers: [{entity: X, patterns: ['a(']}]", 44, "not a pattern: missing )", "no look-around"),
        ("recognizers: [{entity: X, patterns: [a, '(?=a)b']}]", 47, "not a pattern: invalid perl operator", "RE2 syntax"),
        ("recognizers: [{entity: X, patterns: ['(a)\\1']}]", 44, "not a pattern: invalid escape", "no back-references"),
        ("recognizers: [{entity: X, patterns: ['a{999}{999}']}]", 44, "not a pattern: ", "RE2 syntax"),
        ("recognizers: [{entity: X, patterns: ['(?i)\\pL{1,200}x']}]", 44, "too large a pattern", "fewer times"),
        ("recognizers: [{entity: X, patterns: ['[0-9]*']}]", 44, "a pattern that matches the empty string", "+ instead of *"),
        ("recognizers: [{entity: X, patterns: ['\\b']}]", 44, "a pattern that matches the empty string", "at least one"),
        ("recognizers: [{entity: X, patterns: []}]", 43, "an empty list", "name at least one"),
        ("recognizers: [{entity: X, patterns: [x], score: 0.3}]", 55, "out of range", "from 0.4 to 1.0"),
        ("recognizers: [{entity: X, patterns: [x], score: .nan}]", 55, "out of range", "from 0.4 to 1.0"),
        ("recognizers: [{entity: X, patterns: [x], checksum: lun}]", 58, "unknown value 'lun'", "did you mean 'luhn'?"),
        ("recognizers: [{entity: X, words: [Bluebird, B]}]", 51, "shorter than 2 characters", "2 to 200"),
        ("recognizers: [{entity: X, words: [_B_]}]", 41, "shorter than 2 characters", "2 to 200"),
        ('recognizers: [{entity: X, words: ["a\\nb"]}]', 41, "shorter than 2 characters", "on one line"),
        ("recognizers: [{entity: X}]", 21, "not one kind of recognizer", "one of patterns, words, plugin"),
        ("recognizers: [{entity: X, patterns: [x], words: [yz]}]", 21, "not one kind of recognizer", "two recognizers"),
        ("recognizers: [{patterns: [x]}]", 21, "no entity", "add 'entity: NAME'"),
        ("recognizers: [{entity: X, plugin: badges}]", 21, "entity beside plugin", "remove entity"),
        ("recognizers: [{entity: X, words: [ab], context: [c]}]", 21, "context beside words", "remove it"),
        ("recognizers: [{plugin: badges, score: 0.5}]", 21, "score beside plugin", "remove it"),
        ("recognizers: [{plugin: 'a b'}]", 30, "characters that are not allowed here", "An entry point"),
        ("recognizers: [{plugin: badges}]", 30, "recognizers of packages cannot be used here", "remove it"),
    ],
)
def test_place_message_and_fix(refuse: Refuse, base: str, line: str, column: int, message: str, fix: str) -> None:
    found = [problem for problem in refuse(_with(base, line)) if problem.message.startswith(message)]
    assert [(problem.line, problem.column) for problem in found] == [(11, column)]
    assert fix in found[0].fix


def test_own_types_may_be_named_by_their_tenant(load: Load, base: str) -> None:
    text = _with(base, f"recognizers: [{STAFF}]", entities=", STAFF_ID: hash").replace(
        "{restore: true}", "{restore: true, entities: {STAFF_ID: drop}}"
    )
    assert load(text).policy.tenants["demo"].entities["STAFF_ID"] == "hash"


def test_own_types_are_unknown_to_other_tenants(refuse: Refuse, base: str) -> None:
    (problem,) = refuse(_with(base, f"recognizers: [{STAFF}]") + "  other: {entities: {STAFF_ID: hash}}\n")
    assert (problem.line, problem.column, problem.message) == (17, 22, "unknown entity type 'STAFF_ID'")


def test_own_types_have_no_surrogates(refuse: Refuse, base: str) -> None:
    (problem,) = refuse(_with(base, f"recognizers: [{STAFF}]", entities=", STAFF_ID: surrogate"))
    assert problem.message == "no surrogates can be made for STAFF_ID"


def test_types_of_a_plugin_are_known_to_the_tenant_that_names_it(policy_file: Path, base: str) -> None:
    policy_file.write_text(_with(base, "recognizers: [{plugin: badges}]", entities=", ACME_BADGE: mask"))
    loaded = load_policy(policy_file, known_entities=KNOWN, surrogate_entities=SURROGATES, plugins=_offer)
    assert loaded.policy.tenants["demo"].detection.rules("demo").recognizers == (PluginRules(plugin="badges"),)


def test_a_plugin_that_cannot_be_used_is_a_fault_where_it_is_named(policy_file: Path, base: str) -> None:
    policy_file.write_text(_with(base, "recognizers:", "  - plugin: badges", "  - plugin: gone"))
    with pytest.raises(PolicyError) as caught:
        load_policy(policy_file, known_entities=KNOWN, surrogate_entities=SURROGATES, plugins=_offer)
    (problem,) = caught.value.problems
    assert (problem.line, problem.column, problem.fix) == (13, 19, "install it")
    assert problem.message == "no installed package offers this recognizer"


def test_rules_that_a_reload_does_not_change_stay_the_same_object(policy_file: Path, base: str) -> None:
    """They are compared with each text: by identity, so that a long list costs nothing."""
    policy_file.write_text(_with(base, f"recognizers: [{STAFF}, {{entity: PROJECT, words: [Bluebird, 蓝鸟]}}]"))
    source = PolicySource(policy_file, known_entities=KNOWN, surrogate_entities=SURROGATES, environ={})
    (before,) = source.current.detections
    policy_file.write_text(policy_file.read_text().replace("[Bluebird, 蓝鸟]", "[蓝鸟, Bluebird]") + "anonymous: demo/app\n")
    assert source.reload()
    (after,) = source.current.detections
    assert source.current.anonymous is not None
    assert after is before
    policy_file.write_text(policy_file.read_text().replace("Bluebird", "Redbird"))
    assert source.reload()
    assert source.current.detections != {before}


def test_equal_rules_are_equal_and_hash_alike(compiled: Compile, base: str) -> None:
    text = _with(base, "allow: [Acme, Bob]", f"recognizers: [{STAFF}, {{entity: PROJECT, words: [Bluebird, 蓝鸟]}}]")
    first, again = (_rules(compiled, one) for one in (text, text.replace("[Acme, Bob]", "[Bob, acme]") + "# later\n"))
    assert first is not again
    assert (first, hash(first)) == (again, hash(again))
    assert _rules(compiled, text.replace("S-", "T-")) != first
    assert "Bluebird" not in repr(first)
