"""Deployments that a model names: each has to be defined, and to stand there once.

Works on the plain data, as `references` does, and passes over parts of the wrong shape.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from gateway.policy.reading.faults import Fault
from gateway.policy.reading.problems import one_of, quoted
from gateway.policy.reading.yaml_tree import TreePath, value_at

_SHARES = ("canary", "shadow")


def check_model(data: object, model: str) -> Iterator[Fault]:
    """The references of one model."""
    at: TreePath = ("models", model)
    known = _mapping(data, ("deployments",))
    served = dict[str, TreePath]()
    for path, name in _served(data, at):
        yield from _unknown(path, name, known)
        if name in served:
            yield Fault(path, f"deployment {quoted(name)} stands here twice", "leave it in one place")
        served.setdefault(name, path)
    yield from _weights(data, (*at, "routing", "weights"), served)
    yield from _shares(data, at, known, served)


def _served(data: object, at: TreePath) -> Iterator[tuple[TreePath, str]]:
    """The deployments that serve a model, with their places, in or outside of inner lists."""
    for index, one in enumerate(_list(data, (*at, "deployments"))):
        path: TreePath = (*at, "deployments", index)
        inner = [((*path, number), name) for number, name in enumerate(one)] if isinstance(one, list) else [(path, one)]
        yield from ((place, name) for place, name in inner if isinstance(name, str))


def _weights(data: object, at: TreePath, served: Collection[str]) -> Iterator[Fault]:
    for name in _mapping(data, at):
        if name not in served:
            yield Fault(
                (*at, name), f"a weight for {quoted(name)}, which does not serve this model", one_of(served, name), True
            )


def _shares(data: object, at: TreePath, known: Collection[str], served: Collection[str]) -> Iterator[Fault]:
    seen = set[str]()
    for what in _SHARES:
        path = (*at, "routing", what, "deployment")
        name = value_at(data, path)
        if not isinstance(name, str):
            continue
        yield from _unknown(path, name, known)
        if name in served:
            yield Fault(path, f"this {what} serves the model anyway", "name another one, or remove it from 'deployments'")
        elif name in seen:
            yield Fault(path, "one deployment as canary and as shadow", "leave it in one place")
        seen.add(name)


def _unknown(path: TreePath, name: str, known: Collection[str]) -> Iterator[Fault]:
    if name not in known:
        yield Fault(path, f"unknown deployment {quoted(name)}", one_of(known, name))


def _mapping(data: object, at: TreePath) -> Mapping[str, object]:
    found = value_at(data, at)
    return {name: one for name, one in found.items() if isinstance(name, str)} if isinstance(found, dict) else {}


def _list(data: object, at: TreePath) -> list[object]:
    found = value_at(data, at)
    return found if isinstance(found, list) else []
