from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from presidio_analyzer import EntityRecognizer

from gateway.detection.engines import Engines
from gateway.detection.recognizers.registry import pattern_recognizers
from gateway.detection.service.threaded import InlineAnalyzer
from gateway.detection.taggers.sieve import Tag
from gateway.detection.taggers.tagging import Tagger
from gateway.errors import DetectionUnavailable
from gateway.rules.detection import DetectionRules, PatternRules, PluginRules, WordRules, alike


class Knows(Tagger):
    """A tagger that knows one name."""

    def __init__(self, name: str) -> None:
        super().__init__("Knows")
        self.known = name

    def tag(self, text: str) -> Iterable[Tag]:
        at = text.find(self.known)
        return [Tag(at, at + len(self.known), "PERSON")] if at >= 0 else []


class Made:
    """Makes recognizers, and counts how often."""

    def __init__(self, *recognizers: EntityRecognizer) -> None:
        self.recognizers = recognizers
        self.times = 0

    def __call__(self) -> Sequence[EntityRecognizer]:
        self.times += 1
        return self.recognizers


def _staff(prefix: str = "S") -> PatternRules:
    return PatternRules(entity="STAFF_ID", patterns=(f"{prefix}[0-9]{{4}}",), score=0.6)


def _found(engines: Engines, text: str, rules: DetectionRules) -> list[tuple[str, str]]:
    found = engines.analyze(text, rules=rules, kept=(), check=lambda: None)
    return [(one.entity, text[one.start : one.end]) for one in found]


def test_each_rules_get_their_own_recognizers_beside_the_shared_ones() -> None:
    engines = Engines(standard=Made(*pattern_recognizers()))
    text = "S1234 and T1234 wrote to ann@corp-example.org"
    mail = ("EMAIL_ADDRESS", "ann@corp-example.org")
    assert _found(engines, text, DetectionRules(tenant="a")) == [mail]
    assert _found(engines, text, DetectionRules(tenant="b", recognizers=(_staff(),))) == [("STAFF_ID", "S1234"), mail]
    assert _found(engines, text, DetectionRules(tenant="c", recognizers=(_staff("T"),))) == [("STAFF_ID", "T1234"), mail]


def test_equal_rules_share_an_engine_and_nothing_is_made_twice() -> None:
    standard, plugin = Made(Knows("Ann")), Knows("Bob")
    asked: list[str] = []

    def plugged(name: str) -> EntityRecognizer:
        asked.append(name)
        return plugin

    engines = Engines(standard=standard, plugin=plugged)
    for tenant in ("a", "b", "a"):
        rules = DetectionRules(tenant=tenant, recognizers=(PluginRules(plugin="who"), _staff()))
        assert _found(engines, "Bob, Ann", rules) == [("PERSON", "Bob"), ("PERSON", "Ann")]
    assert (standard.times, asked) == (1, ["who"])


def test_threads_that_want_the_same_engine_get_the_same() -> None:
    asked: list[str] = []
    ready = threading.Barrier(4)

    def plugged(name: str) -> EntityRecognizer:
        asked.append(name)
        return Knows("Bob")

    engines = Engines(standard=tuple, plugin=plugged)

    def ask(_: int) -> list[tuple[str, str]]:
        ready.wait(10)
        return _found(engines, "Bob", DetectionRules(recognizers=(PluginRules(plugin="who"),)))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(4))) == [[("PERSON", "Bob")]] * 4
    assert asked == ["who"]


def test_high_recall_adds_the_large_taggers_only_when_a_tenant_asks() -> None:
    large = Made(Knows("Bob"))
    engines = Engines(standard=Made(Knows("Ann")), large=large)
    assert _found(engines, "Ann, Bob", DetectionRules()) == [("PERSON", "Ann")]
    assert large.times == 0
    for own in ((), (_staff(),)):
        high = DetectionRules(high_recall=True, recognizers=own)
        assert _found(engines, "Ann, Bob", high) == [("PERSON", "Ann"), ("PERSON", "Bob")]
    assert large.times == 1
    assert _found(engines, "Ann, Bob", DetectionRules(recognizers=(_staff(),))) == [("PERSON", "Ann")]


def test_the_large_taggers_read_both_scripts() -> None:
    found = _found(Engines(standard=tuple), "Alice Johnson met 张伟 in Paris.", DetectionRules(high_recall=True))
    assert {("PERSON", "Alice Johnson"), ("PERSON", "张伟")} <= set(found)


def test_what_a_new_policy_does_not_need_is_forgotten() -> None:
    in_force: list[Collection[DetectionRules]] = [frozenset()]
    engines = Engines(lambda: in_force[0], standard=tuple)
    old, new = (DetectionRules(tenant="t", recognizers=(_staff(prefix),)) for prefix in "ST")
    in_force[0] = frozenset({old})
    assert _found(engines, "S1234 T1234", old) == [("STAFF_ID", "S1234")]
    in_force[0] = frozenset({new, DetectionRules(tenant="u")})
    assert _found(engines, "S1234 T1234", new) == [("STAFF_ID", "T1234")]
    assert engines.held == 1
    assert _found(engines, "S1234 T1234", old) == [("STAFF_ID", "S1234")]  # an exchange that the old policy allowed
    in_force[0] = frozenset({DetectionRules(tenant="u")})
    assert _found(engines, "S1234 T1234", DetectionRules(tenant="u")) == []
    assert engines.held == 0


def test_there_are_never_more_than_so_many() -> None:
    engines = Engines(standard=tuple, most=3)
    for number in range(10):
        assert _found(engines, f"S{number}1234", DetectionRules(recognizers=(_staff(f"S{number}"),)))
    assert engines.held == 3


def test_what_is_in_force_is_never_made_again() -> None:
    made: list[str] = []

    def plugged(name: str) -> EntityRecognizer:
        made.append(name)
        return Knows("Bob")

    rules = [DetectionRules(recognizers=(PluginRules(plugin=f"p{number}"),)) for number in range(8)]
    in_force = frozenset(rules[:6])
    engines = Engines(lambda: in_force, standard=tuple, plugin=plugged, most=1)
    for _ in range(2):
        for one in rules:
            assert _found(engines, "Bob", one)
    assert [made.count(f"p{number}") for number in range(8)] == [1] * 6 + [2] * 2
    assert engines.held == 7


def test_the_least_recently_used_goes_first() -> None:
    made: list[str] = []

    def plugged(name: str) -> EntityRecognizer:
        made.append(name)
        return Knows("Bob")

    engines = Engines(standard=tuple, plugin=plugged, most=2)
    for name in "abaca":
        assert _found(engines, "Bob", DetectionRules(recognizers=(PluginRules(plugin=name),)))
    assert made == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Acme Ltd", []),
        ("ACME\n  ltd", []),
        ("Acme Ltd.", []),
        ("ＡＣＭＥ Ltd", [("COMPANY", "ＡＣＭＥ Ltd")]),
        ("Acme Ltd and Acme Inc", [("COMPANY", "Acme Inc")]),
        ("Ann@corp-example.org bob@corp-example.org", [("EMAIL_ADDRESS", "bob@corp-example.org")]),
        ("蓝鸟公司 红鸟公司", [("COMPANY", "红鸟公司")]),
    ],
)
def test_what_is_allowed_is_no_finding(text: str, found: list[tuple[str, str]]) -> None:
    company = PatternRules(entity="COMPANY", patterns=(r"(?i)Acme\s+(Ltd|Inc)|\p{Han}+公司",), score=0.6)
    allow = frozenset(map(alike, ("Acme  Ltd", "ann@corp-example.org", "蓝鸟公司")))
    engines = Engines(standard=pattern_recognizers)
    assert _found(engines, text, DetectionRules(recognizers=(company,), allow=allow)) == found


def test_a_secret_is_never_allowed() -> None:
    key = "AKIA" + "IOSFODNN7EXAMPLQ"
    engines = Engines(standard=pattern_recognizers)
    rules = DetectionRules(allow=frozenset({alike(key)}))
    assert _found(engines, f"key {key}", rules) == [("SECRET", key)]


@pytest.mark.parametrize("rules", [PluginRules(plugin="gone"), PatternRules(entity="X", patterns=("(",), score=0.6)])
def test_an_engine_that_cannot_be_made_is_a_refusal(rules: Any) -> None:
    engines = Engines(standard=tuple)
    for _ in range(2):
        with pytest.raises(DetectionUnavailable):
            _found(engines, "text", DetectionRules(recognizers=(rules,)))


def test_only_what_is_made_and_known_to_be_quick_runs_at_once() -> None:
    own = DetectionRules(recognizers=(_staff(), WordRules(entity="P", words=frozenset({"Bluebird"}), score=1.0)))
    plugged = DetectionRules(recognizers=(PluginRules(plugin="who"),))
    engines = Engines(standard=tuple, large=tuple, plugin=lambda _: Knows("Bob"), inline_characters=1_000)
    assert isinstance(engines, InlineAnalyzer)
    assert engines.inline_characters(DetectionRules()) == 1_000
    assert engines.inline_characters(own) == 0
    for rules in (own, plugged, DetectionRules(high_recall=True)):
        _found(engines, "text", rules)
    assert engines.inline_characters(own) == 1_000
    assert engines.inline_characters(plugged) == 0
    assert engines.inline_characters(DetectionRules(high_recall=True)) == 0
    assert Engines(standard=tuple).inline_characters(DetectionRules()) == 0
