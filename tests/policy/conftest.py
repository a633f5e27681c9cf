"""Policies as text, loaded as real files."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.policy.compile import compile_policy
from gateway.policy.reading.load import LoadedPolicy, load_policy
from gateway.policy.reading.problems import PolicyError, Problem
from tests.support.policy_files import BASE, KNOWN, SURROGATES, Compile, Load, Refuse


@pytest.fixture
def policy_file(tmp_path: Path) -> Path:
    return tmp_path / "p.yaml"


@pytest.fixture
def load(policy_file: Path) -> Load:
    def load(text: str) -> LoadedPolicy:
        policy_file.write_text(text, encoding="utf-8")
        return load_policy(policy_file, known_entities=KNOWN, surrogate_entities=SURROGATES)

    return load


@pytest.fixture
def compiled(load: Load) -> Compile:
    return lambda text: compile_policy(load(text), {})


@pytest.fixture
def refuse(policy_file: Path) -> Refuse:
    def refuse(content: str | bytes) -> tuple[Problem, ...]:
        policy_file.write_bytes(content.encode() if isinstance(content, str) else content)
        with pytest.raises(PolicyError) as caught:
            load_policy(policy_file, known_entities=KNOWN, surrogate_entities=SURROGATES)
        assert caught.value.__cause__ is None
        assert all(problem.file == str(policy_file) and problem.fix for problem in caught.value.problems)
        return caught.value.problems

    return refuse


@pytest.fixture
def base() -> str:
    """A small valid policy; tests add lines or replace words."""
    return BASE
