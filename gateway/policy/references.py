"""Names in one part of the policy that another part must define, and grants that must not exceed their giver's.

Works on the plain data, not on the models, and passes over parts of the wrong shape: so a file with a misspelt operator
and a misspelt model gets both complaints at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from gateway.detection_rules import PluginOffer
from gateway.obligations import OperatorKind
from gateway.policy.faults import Fault
from gateway.policy.problems import one_of, quoted
from gateway.policy.schema import DEFAULT
from gateway.policy.yaml_tree import TreePath, value_at


def no_plugins(_: str) -> PluginOffer:
    """Where no recognizers can be plugged in."""
    return PluginOffer(problem="recognizers of packages cannot be used here", fix="remove it")


def check_references(
    data: object,
    *,
    known_entities: frozenset[str],
    surrogate_entities: frozenset[str],
    plugins: Callable[[str], PluginOffer] = no_plugins,
) -> Iterator[Fault]:
    """Every reference that leads nowhere, and every operator that its entity type cannot have."""
    yield from _models(data)
    yield from _anonymous(data)
    for tenant in _section(data, "tenants"):
        at = ("tenants", tenant)
        yield from _tenant_models(data, at)
        yield from _principals(data, at)
        offers = _offers(data, at, plugins)
        failed = [Fault(path, offer.problem, offer.fix) for path, offer in offers.items() if offer.problem is not None]
        yield from failed
        if not failed:  # or it would be unknown which types the tenant has
            known = known_entities.union(_own_entities(data, at), *(offer.entities for offer in offers.values()))
            yield from _operators(data, at, known, surrogate_entities)


def _models(data: object) -> Iterator[Fault]:
    for model in _section(data, "models"):
        yield from _unknown(data, ("models", model, "deployments"), _section(data, "deployments"), "deployment")


def _tenant_models(data: object, tenant: TreePath) -> Iterator[Fault]:
    yield from _unknown(data, (*tenant, "models"), _section(data, "models"), "model")


def _principals(data: object, tenant: TreePath) -> Iterator[Fault]:
    """A principal has less than its tenant, never more: an auditor need not read every principal to know the limits."""
    models = [model for model in _items(data, (*tenant, "models")) if isinstance(model, str)]
    restores = _section(data, *tenant, "reply").get("restore") is True
    for principal, rules in _section(data, *tenant, "principals").items():
        at = (*tenant, "principals", principal)
        yield from _unknown(data, (*at, "models"), models, "model of the tenant:")
        if isinstance(rules, Mapping) and rules.get("restore") is True and not restores:
            fix = "write 'restore: true' in the tenant's reply, and 'restore: false' at principals that may not"
            yield Fault((*at, "restore"), "restores although its tenant does not", fix)


def _offers(data: object, tenant: TreePath, plugins: Callable[[str], PluginOffer]) -> Mapping[TreePath, PluginOffer]:
    """What the packages' recognizers offer that the tenant names, by where it does so."""
    written = {path: value_at(data, path) for path in _in_recognizers(data, tenant, "plugin")}
    return {path: plugins(name) for path, name in written.items() if isinstance(name, str)}


def _own_entities(data: object, tenant: TreePath) -> Iterator[str]:
    for path in _in_recognizers(data, tenant, "entity"):
        entity = value_at(data, path)
        if isinstance(entity, str):
            yield entity


def _in_recognizers(data: object, tenant: TreePath, field: str) -> Iterator[TreePath]:
    at = (*tenant, "detection", "recognizers")
    return ((*at, index, field) for index in range(len(_items(data, at))))


def _operators(data: object, tenant: TreePath, known: frozenset[str], able: frozenset[str]) -> Iterator[Fault]:
    for path in ((*tenant, "entities"), (*tenant, "reply", "entities")):
        yield from _entities(data, path, known)
    yield from _surrogates(data, (*tenant, "entities"), known, able)


def _entities(data: object, path: TreePath, known: frozenset[str]) -> Iterator[Fault]:
    for entity in _section(data, *path):
        if entity != DEFAULT and entity not in known:
            yield Fault((*path, entity), f"unknown entity type {quoted(entity)}", one_of(sorted(known), entity), True)


def _surrogates(data: object, path: TreePath, known: frozenset[str], able: frozenset[str]) -> Iterator[Fault]:
    """A surrogate needs a generator of realistic values; a type without one would be found and then not replaced."""
    rules = _section(data, *path)
    for entity, operator in rules.items():
        if operator != OperatorKind.SURROGATE:
            continue
        unable = known - able - rules.keys() if entity == DEFAULT else {entity} & known - able
        if unable:
            which = "every type that is not named" if entity == DEFAULT else entity
            fix = f"use placeholder here; surrogates exist for {', '.join(sorted(able))}"
            yield Fault((*path, entity), f"no surrogates can be made for {which}", fix)


def _anonymous(data: object) -> Iterator[Fault]:
    written = data.get("anonymous") if isinstance(data, Mapping) else None
    if not isinstance(written, str) or written.count("/") != 1:
        return
    tenant, principal = written.split("/")
    if principal not in _section(data, "tenants", tenant, "principals"):
        tenants = _section(data, "tenants")
        known = [f"{name}/{who}" for name in tenants for who in _section(data, "tenants", name, "principals")]
        yield Fault(("anonymous",), f"unknown principal {quoted(written)}", one_of(known, written))


def _unknown(data: object, path: TreePath, known: Collection[str], what: str) -> Iterator[Fault]:
    for index, name in enumerate(_items(data, path)):
        if isinstance(name, str) and name not in known:
            yield Fault((*path, index), f"unknown {what} {quoted(name)}", one_of(known, name))


def _section(data: object, *path: str | int) -> Mapping[str, object]:
    found = value_at(data, path)
    return found if isinstance(found, dict) else {}


def _items(data: object, path: TreePath) -> list[object]:
    found = value_at(data, path)
    return found if isinstance(found, list) else []
