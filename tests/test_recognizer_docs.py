"""The examples of docs/recognizers.md, as a reader would use them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.detection.engine import Engine
from gateway.detection.engines import Engines
from gateway.detection.recognizers.plugins import GROUP, Plugins
from gateway.detection.recognizers.registry import built_in_entities, pattern_recognizers
from gateway.policy.compile import compile_policy
from gateway.policy.reading.load import load_policy
from gateway.redaction.surrogates import SURROGATE_ENTITIES
from gateway.rules.detection import Checksum
from tests.support.plugins import installed

TEXT = (Path(__file__).parent.parent / "docs" / "recognizers.md").read_text(encoding="utf-8")


def _block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    assert found is not None
    return found[1]


def _rows() -> list[tuple[str, list[tuple[str, str]]]]:
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", TEXT, re.MULTILINE)[1:]
    return [(text, re.findall(r"([A-Z_]+) `([^`]+)`", found)) for text, found in rows]


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    assert f'entry-points."{GROUP}"' in _block("toml")
    assert 'acme-badges = "acme_badges:AcmeBadges"' in _block("toml")
    folder = tmp_path_factory.mktemp("docs")
    (folder / "policy.yaml").write_text(_block("yaml"), encoding="utf-8")
    with installed(folder / "site", _block("python"), attr="AcmeBadges"):
        yield folder / "policy.yaml"


def test_the_example_finds_what_the_table_says(acme: Path) -> None:
    plugins = Plugins()
    loaded = load_policy(acme, known_entities=built_in_entities(), surrogate_entities=SURROGATE_ENTITIES, plugins=plugins.offer)
    (rules,) = compile_policy(loaded, {}).detections
    engines = Engines(standard=pattern_recognizers, plugin=plugins.recognizer)
    rows = _rows()
    assert len(rows) >= 10
    for text, expected in rows:
        found = engines.analyze(text, rules=rules, kept=(), check=lambda: None)
        assert [(one.entity, text[one.start : one.end]) for one in found] == expected, text


def test_names_and_limits_are_the_real_ones() -> None:
    assert all(f"`{name}`" in TEXT for name in Checksum)
    assert f"{Engine.PIECE:,} characters" in TEXT
