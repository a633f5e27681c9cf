"""From a file to tests, or to everything that is wrong with it, with line, column and fix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import ValidationError

from gateway.policy.language.words import DEFAULT
from gateway.policy.reading.faults import Fault, faults_of
from gateway.policy.reading.grammar import Grammar
from gateway.policy.reading.load import LoadedPolicy, read_bytes
from gateway.policy.reading.problems import PolicyError, Problem, key_of, one_of, quoted
from gateway.policy.reading.yaml_tree import Position, Tree, parse, value_at
from gateway.policy.testing.schema import Case, Suite

ENDING = "_test.yaml"
"""How the names of test files end."""

Load = Callable[[Path], LoadedPolicy]
"""Reads and checks a policy. Raises PolicyError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedSuite:
    """Tests that can be run, the file they stand in, and the policy that they are about."""

    path: Path
    suite: Suite
    policy: LoadedPolicy = field(repr=False)
    tree: Tree = field(repr=False)

    def place(self, number: int, *steps: str) -> Position:
        """Line and column of a test, or of something in it."""
        return self.tree.locate(("tests", number, *steps), on_key=bool(steps))


def is_suite(path: Path) -> bool:
    """Whether a file is one of tests, by its name."""
    return path.name.endswith(ENDING)


def load_suite(path: Path, load: Load) -> PlacedSuite:
    """Raises PolicyError with every problem of the file; those of its policy, where that is the one that is broken."""
    tree = parse(read_bytes(path), str(path))
    suite, faults = _validated(tree.data)
    problems = [*tree.problems, *(_located(fault, tree, path) for fault in faults)]
    if suite is None or problems:
        raise PolicyError(problems or [Problem(str(path), 1, 1, "not a mapping", "write 'policy: ...' and 'tests: ...'")])
    policy = load(_policy_path(path, suite, tree))
    problems = [_located(fault, tree, path) for fault in _mistakes(suite, policy)]
    if problems:
        raise PolicyError(problems)
    return PlacedSuite(path=path, suite=suite, policy=policy, tree=tree)


def _policy_path(path: Path, suite: Suite, tree: Tree) -> Path:
    named = path.parent / suite.policy
    if not named.is_file():
        fix = "write the policy's path, from this file's folder"
        raise PolicyError([Problem(str(path), *tree.locate(("policy",)), "there is no such policy file", fix)])
    return named


def _validated(data: object) -> tuple[Suite | None, list[Fault]]:
    if not isinstance(data, dict):
        return None, []
    try:
        return Suite.model_validate(data), []
    except ValidationError as error:
        return None, list(_faults(error, data))


def _faults(error: ValidationError, data: object) -> Iterator[Fault]:
    """Told as for policies; what may stand there instead is said by the grammar of tests."""
    grammar = Grammar(Suite.model_json_schema())
    kinds = {detail["loc"]: detail["type"] for detail in error.errors(include_url=False, include_input=False)}
    for fault in faults_of(error, data):
        kind, written = kinds.get(fault.path), value_at(data, fault.path)
        if kind == "extra_forbidden":
            yield replace(fault, fix=one_of(grammar.fields(fault.path[:-1]), str(fault.path[-1])))
        elif kind in ("enum", "literal_error"):
            yield replace(fault, fix=one_of(grammar.values(fault.path), written if isinstance(written, str) else ""))
        elif kind == "missing":
            yield replace(fault, fix=f"add '{fault.path[-1]}': {grammar.description(fault.path)}")
        else:
            yield fault


def _mistakes(suite: Suite, policy: LoadedPolicy) -> Iterator[Fault]:
    """What no test can mean: the same name twice, and types that the tenant's recognizers do not know."""
    names: set[str] = set()
    for number, case in enumerate(suite.tests):
        at = ("tests", number)
        if case.name in names:
            yield Fault((*at, "name"), f"a second test {quoted(case.name)}", "give it a name of its own")
        names.add(case.name)
        known = policy.entities | policy.own_entities.get(case.principal.tenant, frozenset())
        for path, entity in _named(case):
            if entity not in known:
                message = f"unknown entity type {quoted(entity)}"
                yield Fault((*at, *path), message, one_of(sorted(known), entity), on_key=isinstance(path[-1], str))


def _named(case: Case) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Each entity type that a test names, and where."""
    yield from ((("findings", entity), entity) for entity in case.findings or ())
    yield from ((("expect", "blocked", at), entity) for at, entity in enumerate(case.expect.blocked or ()))
    for direction in ("request", "reply", "record", "knowledge"):
        for entity in getattr(case.expect.obligations, direction):
            if entity != DEFAULT:
                yield ("expect", "obligations", direction, entity), entity


def _located(fault: Fault, tree: Tree, path: Path) -> Problem:
    at = tree.locate(fault.path, on_key=fault.on_key)
    return Problem(str(path), *at, fault.message, fault.fix, key_of(tree.named(fault.path)))
