"""Tests of policies as text, read as real files."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.policy.reading.load import load_policy
from gateway.policy.reading.problems import PolicyError, Problem
from gateway.policy.testing.reading import PlacedSuite, load_suite
from tests.support.policy_files import KNOWN, SURROGATES
from tests.support.policy_suites import POLICY, Problems, Read


@pytest.fixture
def suite_file(tmp_path: Path) -> Path:
    (tmp_path / "p.yaml").write_text(POLICY, encoding="utf-8")
    return tmp_path / "p_test.yaml"


@pytest.fixture
def read(suite_file: Path) -> Read:
    """Loads these tests; `policy: p.yaml` is put before them."""

    def read(tests: str, policy: str = POLICY) -> PlacedSuite:
        if policy is not POLICY:
            (suite_file.parent / "p.yaml").write_text(policy, encoding="utf-8")
        suite_file.write_text(f"policy: p.yaml\ntests:\n{tests}", encoding="utf-8")
        return load_suite(suite_file, lambda path: load_policy(path, known_entities=KNOWN, surrogate_entities=SURROGATES))

    return read


@pytest.fixture
def problems(read: Read) -> Problems:
    def problems(tests: str) -> tuple[Problem, ...]:
        with pytest.raises(PolicyError) as caught:
            read(tests)
        return caught.value.problems

    return problems
