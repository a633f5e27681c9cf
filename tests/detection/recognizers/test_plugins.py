"""Recognizers of installed packages. The packages are real: a module and a dist-info on `sys.path`."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.detection.engines import Engines
from gateway.detection.recognizers.plugins import PluginError, Plugins
from gateway.errors import DetectionUnavailable
from gateway.rules.detection import DetectionRules, PluginOffer, PluginRules
from tests.support.plugins import BADGES, installed

RULES = DetectionRules(recognizers=(PluginRules(plugin="acme-badges"),))
TEXT = "my badge is ACME/7Q2"


def _answering(answer: str) -> str:
    """The source of a recognizer that answers with this expression."""
    body = BADGES.split("found =")[0]
    return f"{body}return {answer}\n"


def _analyze(plugins: Plugins) -> list[str]:
    engines = Engines(standard=tuple, plugin=plugins.recognizer)
    return [TEXT[one.start : one.end] for one in engines.analyze(TEXT, rules=RULES, kept=(), check=lambda: None)]


def test_an_installed_recognizer_is_made_once_and_used(tmp_path: Path) -> None:
    with installed(tmp_path):
        plugins = Plugins()
        assert plugins.offer("acme-badges") == PluginOffer(entities=frozenset({"ACME_BADGE"}))
        assert _analyze(plugins) == ["ACME/7Q2"]
        assert plugins.recognizer("acme-badges") is plugins.recognizer("acme-badges")


def test_none_of_that_name(tmp_path: Path) -> None:
    with installed(tmp_path):
        offer = Plugins().offer("acme")
    assert offer.problem == "no installed package offers this recognizer"
    assert "installed: acme-badges" in offer.fix
    with pytest.raises(PluginError):
        Plugins().recognizer("acme-badges")


def test_two_packages_that_offer_the_same_name(tmp_path: Path) -> None:
    with installed(tmp_path / "a"), installed(tmp_path / "b"):
        assert Plugins().offer("acme-badges").problem == "more than one installed package offers this recognizer"


@pytest.mark.parametrize(
    ("source", "attr", "problem"),
    [
        ("import nothing_of_this_name", "Badges", "could not be made (ModuleNotFoundError)"),
        ("Badges = 1", "Badges", "could not be made (TypeError)"),
        ("import sys; sys.exit()", "Badges", "could not be made (SystemExit)"),
        ("class Other: pass", "Badges", "could not be made (AttributeError)"),
        (BADGES.replace('["ACME_BADGE"]', '["ACME_BADGE"], nonsense=1'), "Badges", "could not be made (TypeError)"),
        ("class Badges: pass", "Badges", "is no recognizer"),
        (BADGES.replace('["ACME_BADGE"]', "[]"), "Badges", "does not say which entity types it finds"),
        (BADGES.replace('["ACME_BADGE"]', '["ACME_BADGE", "acme badge"]'), "Badges", "does not say which entity types"),
    ],
)
def test_one_that_cannot_be_used(source: str, attr: str, problem: str, tmp_path: Path) -> None:
    with installed(tmp_path, source, attr=attr):
        offer = Plugins().offer("acme-badges")
    assert offer.problem is not None
    assert problem in offer.problem
    assert offer.fix
    assert not offer.entities


@pytest.mark.parametrize(
    "answer",
    [
        "1 / 0",
        "sys.exit()",
        "None",
        "'ACME'",
        "[None]",
        "[(0, 4)]",
        "(RecognizerResult('ACME_BADGE', 0, 4, 0.9),)",
        "[RecognizerResult('PERSON', 0, 4, 0.9)]",
        "[RecognizerResult('ACME_BADGE', 0.0, 4, 0.9)]",
        "[RecognizerResult('ACME_BADGE', -1, 4, 0.9)]",
        "[RecognizerResult('ACME_BADGE', 0, 400, 0.9)]",
        "[RecognizerResult('ACME_BADGE', 4, 4, 0.9)]",
        "[RecognizerResult('ACME_BADGE', 0, 4, float('nan'))]",
        "[RecognizerResult('ACME_BADGE', 0, 4, 7)]",
        "[RecognizerResult('ACME_BADGE', 0, 4, None)]",
    ],
)
def test_raising_or_answering_nonsense_is_a_refusal_that_quotes_nothing(answer: str, tmp_path: Path) -> None:
    with installed(tmp_path, "import sys\n" + _answering(answer)), pytest.raises(DetectionUnavailable) as caught:
        _analyze(Plugins())
    assert "ACME" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_numbers_of_models_are_numbers(tmp_path: Path) -> None:
    source = "import numpy\n" + _answering(
        "[RecognizerResult('ACME_BADGE', numpy.int64(3), numpy.int64(8), numpy.float32(0.9))]"
    )
    with installed(tmp_path, source):
        assert _analyze(Plugins()) == ["badge"]


def test_presidios_own_pattern_recognizers_are_guarded(tmp_path: Path) -> None:
    """A pattern that runs too long is a failure there too, and context words lift what is weak."""
    source = """
from presidio_analyzer import Pattern, PatternRecognizer

def made():
    pattern = Pattern("badge", "ACME/[0-9A-Z]{3}", 0.1)
    return PatternRecognizer(supported_entity="ACME_BADGE", patterns=[pattern], context=["badge"])
"""
    with installed(tmp_path, source, attr="made"):
        plugins = Plugins()
        assert _analyze(plugins) == ["ACME/7Q2"]
        inner = plugins.recognizer("acme-badges")._inner  # type: ignore[attr-defined]
        assert type(inner.patterns[0].compiled_regex).__name__ == "GuardedRegex"
