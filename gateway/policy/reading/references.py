"""Names in one part of the policy that another part must define, and operators that a type cannot have.

Works on the plain data, not on the models, and passes over parts of the wrong shape: so a file with a misspelt operator
and a misspelt model gets both complaints at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from gateway.obligations import OperatorKind
from gateway.policy.language.words import DEFAULT
from gateway.policy.reading.faults import Fault
from gateway.policy.reading.problems import one_of, quoted
from gateway.policy.reading.route_references import check_model
from gateway.policy.reading.yaml_tree import TreePath, value_at
from gateway.rules.detection import PluginOffer

_NO_WILDCARDS = "name each one, * stands for nothing here: "


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
    yield from _identity(data)
    yield from _scope(data, ("organisation",), known_entities, surrogate_entities)
    for tenant in _section(data, "tenants"):
        at = ("tenants", tenant)
        yield from _twice(data, at)
        offers = _offers(data, at, plugins)
        failed = [Fault(path, offer.problem, offer.fix) for path, offer in offers.items() if offer.problem is not None]
        yield from failed
        # Where an offer failed it is unknown which types the tenant has.
        known = None if failed else known_entities.union(_own(data, at), *(offer.entities for offer in offers.values()))
        for scope in _scopes(data, at):
            yield from _scope(data, scope, known, surrogate_entities)


def own_entities(data: object, plugins: Callable[[str], PluginOffer]) -> Mapping[str, frozenset[str]]:
    """The entity types that recognizers of each tenant's own find; tenants without such recognizers are left out."""
    found: dict[str, frozenset[str]] = {}
    for tenant in _section(data, "tenants"):
        at = ("tenants", tenant)
        if _items(data, (*at, "detection", "recognizers")):
            found[tenant] = frozenset(_own(data, at)).union(*(one.entities for one in _offers(data, at, plugins).values()))
    return found


def _scopes(data: object, tenant: TreePath) -> Iterator[TreePath]:
    """The places under a tenant that have rules of their own."""
    yield tenant
    yield from ((*tenant, "principals", name) for name in _section(data, *tenant, "principals"))
    for team in _section(data, *tenant, "teams"):
        at = (*tenant, "teams", team)
        yield at
        yield from ((*at, "principals", name) for name in _section(data, *at, "principals"))


def _scope(data: object, at: TreePath, known: frozenset[str] | None, able: frozenset[str]) -> Iterator[Fault]:
    yield from _unknown(data, (*at, "models"), _section(data, "models"), "model")
    yield from _granted(data, (*at, "models"))
    yield from _unknown(data, (*at, "purposes"), _section(data, "purposes"), "purpose")
    if known is None:
        return
    demands = [(*at, "rules", rule, "demand") for rule in _section(data, *at, "rules")]
    for place in (at, *demands):
        for path in ((*place, "entities"), *((*place, part, "entities") for part in ("reply", "record", "knowledge"))):
            yield from _entities(data, path, known)
            yield from _surrogates(data, path, known, able)


def _models(data: object) -> Iterator[Fault]:
    for model in _section(data, "models"):
        yield from _alias(data, model)
        yield from check_model(data, model)


def _alias(data: object, model: str) -> Iterator[Fault]:
    """An alias stands for a model, never for another alias: so it has one meaning, and no way round in a circle."""
    target, known = value_at(data, ("models", model, "alias")), _served(data)
    if isinstance(target, str) and target not in known:
        known_alias = target in _section(data, "models")
        what = f"{quoted(target)} is an alias itself" if known_alias else f"unknown model {quoted(target)}"
        yield Fault(("models", model, "alias"), what, one_of(known, target))


def _served(data: object) -> list[str]:
    """The models that are no aliases."""
    return [model for model in _section(data, "models") if "alias" not in _section(data, "models", model)]


def _granted(data: object, at: TreePath) -> Iterator[Fault]:
    """Models are granted by their own names: who may use a model may use its aliases."""
    for index, name in enumerate(_items(data, at)):
        target = value_at(data, ("models", name, "alias")) if isinstance(name, str) else None
        if isinstance(target, str):
            yield Fault((*at, index), f"{quoted(str(name))} is an alias", f"name the model that it stands for: {target}")


def _twice(data: object, tenant: TreePath) -> Iterator[Fault]:
    """A principal has one place in its tenant."""
    seen: set[object] = set()
    for team in (None, *_section(data, *tenant, "teams")):
        at = tenant if team is None else (*tenant, "teams", team)
        for name in _section(data, *at, "principals"):
            if name in seen:
                fix = "leave it in one place: under the tenant or in one of its teams"
                yield Fault((*at, "principals", name), f"principal {quoted(name)} stands in this tenant twice", fix, True)
            seen.add(name)


def _offers(data: object, tenant: TreePath, plugins: Callable[[str], PluginOffer]) -> Mapping[TreePath, PluginOffer]:
    """What the packages' recognizers offer that the tenant names, by where it does so."""
    written = {path: value_at(data, path) for path in _in_recognizers(data, tenant, "plugin")}
    return {path: plugins(name) for path, name in written.items() if isinstance(name, str)}


def _own(data: object, tenant: TreePath) -> Iterator[str]:
    for path in _in_recognizers(data, tenant, "entity"):
        entity = value_at(data, path)
        if isinstance(entity, str):
            yield entity


def _in_recognizers(data: object, tenant: TreePath, field: str) -> Iterator[TreePath]:
    at = (*tenant, "detection", "recognizers")
    return ((*at, index, field) for index in range(len(_items(data, at))))


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


def _identity(data: object) -> Iterator[Fault]:
    """Tenants for which an identity provider or a person is to be trusted."""
    for part in ("jwt", "people"):
        for name in _section(data, "identity", part):
            yield from _unknown(data, ("identity", part, name, "tenants"), _section(data, "tenants"), "tenant")
    for subject, who in _section(data, "identity", "proxy", "subjects").items():
        tenant = who.partition("/")[0] if isinstance(who, str) else None
        if tenant is not None and tenant not in _section(data, "tenants"):
            fix = one_of(_section(data, "tenants"), tenant)
            yield Fault(("identity", "proxy", "subjects", subject), f"unknown tenant {quoted(tenant)}", fix)


def _anonymous(data: object) -> Iterator[Fault]:
    written = data.get("anonymous") if isinstance(data, Mapping) else None
    if not isinstance(written, str) or written.count("/") != 1:
        return
    tenant, principal = written.split("/")
    if principal not in _principals(data, tenant):
        known = [f"{name}/{who}" for name in _section(data, "tenants") for who in _principals(data, name)]
        yield Fault(("anonymous",), f"unknown principal {quoted(written)}", one_of(known, written))


def _principals(data: object, tenant: str) -> list[str]:
    homes = (("tenants", tenant), *(("tenants", tenant, "teams", team) for team in _section(data, "tenants", tenant, "teams")))
    return [name for home in homes for name in _section(data, *home, "principals")]


def _unknown(data: object, path: TreePath, known: Collection[str], what: str) -> Iterator[Fault]:
    for index, name in enumerate(_items(data, path)):
        if isinstance(name, str) and name not in known:
            fix = one_of(known, name)
            yield Fault((*path, index), f"unknown {what} {quoted(name)}", f"{_NO_WILDCARDS}{fix}" if "*" in name else fix)


def _section(data: object, *path: str | int) -> Mapping[str, object]:
    found = value_at(data, path)
    return found if isinstance(found, dict) else {}


def _items(data: object, path: TreePath) -> list[object]:
    found = value_at(data, path)
    return found if isinstance(found, list) else []
