"""Reading a policy file: its bytes, its version, its content, or everything that is wrong with it."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from pydantic import ValidationError

from gateway.policy.language.schema import Policy
from gateway.policy.reading.faults import Fault, faults_of
from gateway.policy.reading.levels import check_levels
from gateway.policy.reading.problems import PolicyError, Problem, key_of
from gateway.policy.reading.references import check_references, no_plugins, own_entities
from gateway.policy.reading.yaml_tree import MAX_BYTES, Tree, TreePath, parse
from gateway.rules.detection import PluginOffer

_MOST_FAULTS = 1_000
"""Of one sort; the first hundred are told, and the rest need not be found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPolicy:
    """A valid policy and where it came from. `version` is the start of the SHA-256 of the file's bytes, in hex.

    `entities` are the types that every tenant has, `own_entities` by tenant those that its own recognizers find.
    """

    policy: Policy
    version: str
    path: Path
    entities: frozenset[str] = field(default=frozenset(), repr=False)
    own_entities: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)
    tree: Tree = field(repr=False)

    def problem(self, path: tuple[str | int, ...], message: str, fix: str) -> Problem:
        """A fault that shows only when the policy is put to use, with its line."""
        return Problem(str(self.path), *self.tree.locate(path), message, fix, key_of(path))


def load_policy(
    path: Path,
    *,
    known_entities: frozenset[str],
    surrogate_entities: frozenset[str],
    plugins: Callable[[str], PluginOffer] = no_plugins,
    raw: bytes | None = None,
) -> LoadedPolicy:
    """Raises PolicyError with every problem that can be told apart, each with file, line, column and fix.

    `plugins` says what the installed recognizer of a name finds, which loads it. `raw` is the file's content, for whoever
    has read it.
    """
    raw = read_bytes(path) if raw is None else raw
    tree = parse(raw, str(path))
    problems = list(tree.problems)
    policy = _validate(tree, str(path), problems)
    references = check_references(
        tree.data, known_entities=known_entities, surrogate_entities=surrogate_entities, plugins=plugins
    )
    problems += [_located(fault, tree, str(path)) for fault in islice(references, _MOST_FAULTS)]
    if policy is not None and not problems:
        problems += [_located(fault, tree, str(path)) for fault in islice(_empty(tree.data), _MOST_FAULTS)]
    if policy is None or problems:
        raise PolicyError(problems)
    own = own_entities(tree.data, plugins)
    levels = check_levels(policy, known_entities, own)
    if problems := [_located(fault, tree, str(path)) for fault in islice(levels, _MOST_FAULTS)]:
        raise PolicyError(problems)
    return LoadedPolicy(policy=policy, version=version_of(raw), path=path, tree=tree, entities=known_entities, own_entities=own)


def version_of(raw: bytes) -> str:
    """The version of a policy: 12 hex digits that change with any byte of the file."""
    return hashlib.sha256(raw).hexdigest()[:12]


def read_bytes(path: Path) -> bytes:
    """At most one byte more than a policy may have. Raises PolicyError; never waits on a pipe or device."""
    try:
        if stat.S_ISREG(path.stat().st_mode):
            with path.open("rb") as file:
                return file.read(MAX_BYTES + 1)
        reason = "not a regular file"
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "not a usable path").lower()
    raise PolicyError([Problem(str(path), 1, 1, f"cannot be read: {reason}", "check the path and its permissions")])


def _validate(tree: Tree, file: str, problems: list[Problem]) -> Policy | None:
    if not isinstance(tree.data, dict):
        return None
    try:
        return Policy.model_validate(tree.data)
    except ValidationError as error:
        problems += [_located(fault, tree, file) for fault in faults_of(error, tree.data)]
        return None


def _empty(data: object, at: TreePath = ()) -> Iterator[Fault]:
    """Names with nothing behind them. Most are refused for their form already; of others, such as a limit, their author would
    believe that they say something.
    """
    if data is None:
        yield Fault(at, "no value", "write one, or remove the line")
    children = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, value in children:
        if value is None or isinstance(value, dict | list):
            yield from _empty(value, (*at, step))


def _located(fault: Fault, tree: Tree, file: str) -> Problem:
    at = tree.within(fault.path, *fault.inside) if fault.inside else tree.locate(fault.path, on_key=fault.on_key)
    return Problem(file, *at, fault.message, fault.fix, key_of(tree.named(fault.path)))
