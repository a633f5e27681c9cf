"""Whether the policy knows whom a key is for. It reads the file's plain data: a key must not wait for a whole check."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from gateway.policy.reading.load import read_bytes
from gateway.policy.reading.problems import PolicyError, one_of
from gateway.policy.reading.yaml_tree import parse, value_at


def unknown_principal(path: Path, tenant: str, principal: str) -> str | None:
    """Why a key for this principal would open nothing, with the fix; None if it would."""

    def known(data: object) -> Iterator[str]:
        yield from _principals(data)
        if value_at(data, ("tenants", tenant, "open")) is True:
            yield f"{tenant}/{principal}"

    return _problem(path, f"{tenant}/{principal}", known, f"list {principal} under tenants.{tenant}.principals")


def unknown_person(path: Path, person: str) -> str | None:
    """Why a key for this person would open nothing, with the fix; None if it would."""
    return _problem(path, person, _people, f"list {person} under identity.people with its roles")


def _problem(path: Path, name: str, names: Callable[[object], Iterator[str]], fix: str) -> str | None:
    try:
        known = list(names(parse(read_bytes(path), str(path)).data))
    except PolicyError:
        return f"{path} cannot be read, so nobody can say whether it knows {name}; fix: see gateway policy check {path}"
    if name in known:
        return None
    return f"{path} does not know {name}; fix: {fix}" + (f", or {one_of(known, name)}" if known else "")


def _principals(data: object) -> Iterator[str]:
    for tenant in _section(data, "tenants"):
        levels = [
            ("tenants", tenant),
            *(("tenants", tenant, "teams", team) for team in _section(data, "tenants", tenant, "teams")),
        ]
        for level in levels:
            yield from (f"{tenant}/{name}" for name in _section(data, *level, "principals"))


def _people(data: object) -> Iterator[str]:
    yield from _section(data, "identity", "people")


def _section(data: object, *path: str) -> Mapping[str, object]:
    found = value_at(data, path)
    return found if isinstance(found, dict) else {}
