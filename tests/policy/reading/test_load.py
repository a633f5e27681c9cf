from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from gateway.detection.recognizers.registry import pattern_recognizers, supported_entities
from gateway.policy.reading.load import load_policy, read_bytes
from gateway.policy.reading.problems import PolicyError
from gateway.policy.reading.yaml_tree import MAX_BYTES
from gateway.redaction.surrogates import SURROGATE_ENTITIES
from tests.support.policy_files import Load, Refuse

POLICIES = Path(__file__).parents[3] / "policies"


@pytest.mark.parametrize("name", ["demo.yaml", "example.yaml"])
def test_the_shipped_policies_are_valid(name: str) -> None:
    known = supported_entities(pattern_recognizers()) | {"PERSON", "LOCATION", "ORGANIZATION", "NRP", "DATE_TIME"}
    loaded = load_policy(POLICIES / name, known_entities=known, surrogate_entities=SURROGATE_ENTITIES)
    assert loaded.policy.anonymous is None
    assert all(tenant.principals or tenant.teams for tenant in loaded.policy.tenants.values())


def test_the_demo_policy_is_what_make_run_serves() -> None:
    known = frozenset({"DATE_TIME", "CREDIT_CARD", "SECRET"})
    policy = load_policy(POLICIES / "demo.yaml", known_entities=known, surrogate_entities=frozenset()).policy
    assert policy.deployments["local"].base_url == "http://127.0.0.1:8090/v1"
    assert policy.tenants["demo"].models == ("smollm2-135m-instruct",)
    assert policy.tenants["demo"].principals["app"].reply.restore is None
    assert policy.tenants["demo"].principals["analyst"].reply.restore is False


def test_the_version_is_of_the_bytes(load: Load, base: str, policy_file: Path) -> None:
    version = load(base).version
    assert version == hashlib.sha256(policy_file.read_bytes()).hexdigest()[:12]
    assert load(base + "# a comment\n").version != version


def test_everything_wrong_is_told_at_once_in_the_order_of_the_file(refuse: Refuse, base: str) -> None:
    problems = refuse(base.replace("version: 1", "version: 3").replace("mask", "msk") + "version: 1\ntennants: {}\n")
    assert [problem.line for problem in problems] == [1, 10, 15, 16]


def test_an_empty_or_cut_off_file_is_refused(refuse: Refuse, base: str) -> None:
    for lines in range(7):
        assert refuse("".join(base.splitlines(keepends=True)[:lines]))


@pytest.mark.parametrize("path", ["/nonexistent/p.yaml", "/dev/zero", "/", "a\0b"])
def test_what_is_no_readable_file_is_refused(path: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read_bytes(Path(path))
    (problem,) = caught.value.problems
    assert problem.message.startswith("cannot be read")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PolicyError, match="not a regular file"):
        read_bytes(tmp_path / "pipe")


def test_no_more_than_the_limit_is_read(policy_file: Path, refuse: Refuse) -> None:
    (problem,) = refuse(b"#" * (MAX_BYTES + 100))
    assert problem.message.startswith("the file is larger")
    assert len(read_bytes(policy_file)) == MAX_BYTES + 1
