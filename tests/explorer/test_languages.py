from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

import pytest
from jinja2 import Environment, nodes

from gateway.assurance.grant import State
from gateway.audit.act import ActOutcome
from gateway.audit.event import Outcome
from gateway.exchange import CacheState
from gateway.explorer.acts import KINDS
from gateway.explorer.appearance import Theme
from gateway.explorer.costs.figures import Verdict
from gateway.explorer.filters import asked
from gateway.explorer.languages import Language, load_catalogues, preferred
from gateway.obligations import OperatorKind
from gateway.protocol.usage import UsageSource

ROOM = Path(__file__).parents[2] / "gateway" / "explorer"
CATALOGUES = load_catalogues()
ENGLISH, CHINESE = (CATALOGUES[language].sentences for language in (Language.ENGLISH, Language.CHINESE))

WORDS = {
    "outcome": [*(one.value for one in Outcome), "unreadable"],
    "act": [one.value for one in ActOutcome],
    "cache": [one.value for one in CacheState],
    "operator": [one.value for one in OperatorKind],
    "grant": [one.value for one in State],
    "theme": [one.value for one in Theme],
    "kind": list(KINDS),
    "decision": ["allow", "deny"],
    "external": ["yes"],
    "hosting.is": [one.value for one in Verdict],
    "tokens_from": [one.value for one in UsageSource],
}
"""By the prefix of their keys: words of ours that pages show in the reader's language."""


def test_both_languages_say_the_same_things() -> None:
    assert ENGLISH.keys() == CHINESE.keys()
    for key, sentence in ENGLISH.items():
        assert _fields(sentence) == _fields(CHINESE[key]), key


def test_every_sentence_says_something_and_chinese_is_chinese() -> None:
    assert all(sentence.strip() for sentence in (*ENGLISH.values(), *CHINESE.values()))
    without = {sentence for sentence in CHINESE.values() if not re.search(r"[\u4e00-\u9fff]", sentence)}
    said = {sentence: re.sub(r"\{[^}]*\}|[^A-Za-z]", "", sentence) for sentence in without}
    assert {sentence for sentence, letters in said.items() if len(letters) > 5} == set(), "more than an abbreviation"


@pytest.mark.parametrize(("prefix", "words"), WORDS.items(), ids=list(WORDS))
def test_every_word_of_ours_has_a_sentence(prefix: str, words: list[str]) -> None:
    assert [word for word in words if f"{prefix}.{word}" not in ENGLISH] == []


def test_every_filter_has_a_name() -> None:
    given = {"since": "2027-01-01", "min_ms": "x", "policy": "v", "text": "t"}
    assert all(f"filter.{name}" in ENGLISH for name in asked(given, None, datetime.now(UTC)).given)


def test_every_key_that_is_used_exists_and_every_key_is_used() -> None:
    literal: set[str] = set()
    prefixes = set(WORDS)
    for key, whole in (*_in_templates(), *_in_code()):
        (literal if whole else prefixes).add(key)
    assert {key for key in literal if key not in ENGLISH} == set()
    assert {prefix for prefix in prefixes if not any(key.startswith(prefix) for key in ENGLISH)} == set()
    unused = {
        key for key in ENGLISH if key not in literal and not any(key.startswith(f"{one.rstrip('.')}.") for one in prefixes)
    }
    assert unused == set()


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", Language.CHINESE),
        ("en-GB,en;q=0.9,zh;q=0.8", Language.ENGLISH),
        ("fr-FR,fr;q=0.9,zh;q=0.5,en;q=0.3", Language.CHINESE),
        ("zh;q=0,en", Language.ENGLISH),
        ("fr", Language.ENGLISH),
        ("", Language.ENGLISH),
        ("zh;q=x;;,,=", Language.ENGLISH),
    ],
)
def test_the_browser_is_asked_which_language_it_prefers(header: str, language: Language) -> None:
    assert preferred(header) is language


def test_a_key_in_two_files_is_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.en.json").write_text('{"title": "One"}')
    with pytest.raises(ValueError, match="title"):
        load_catalogues(tmp_path)


def _fields(sentence: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def _in_templates() -> Iterator[tuple[str, bool]]:
    """Keys in calls of `t`, and of `t.known`, which asks for a prefix."""
    for path in (ROOM / "templates").glob("*.html"):
        for call in Environment(autoescape=True).parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "t":
                yield from _keys(call.args[0])
            elif isinstance(call.node, nodes.Getattr) and call.node.attr == "known" and isinstance(call.args[0], nodes.Const):
                yield call.args[0].value, False


def _keys(node: nodes.Node) -> Iterator[tuple[str, bool]]:
    match node:
        case nodes.Const():
            yield node.value, True
        case nodes.Add(left=nodes.Const() as left):
            yield left.value, False
        case nodes.CondExpr():
            yield from (*_keys(node.expr1), *_keys(node.expr2 or nodes.Const("")))
        case nodes.Filter(node=nodes.Const() as pattern):
            yield pattern.value.partition("%")[0], False


def _in_code() -> Iterator[tuple[str, bool]]:
    """Texts in the code that are keys of the catalogue: whoever passes one on to a template, or asks for it."""
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in ENGLISH:
                yield node.value, True
