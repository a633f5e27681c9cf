"""Each level of a policy in view of the levels around it. Works on a policy whose every part is valid by itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from gateway.policy.language.condition import ConditionError, Language, compared_in, names
from gateway.policy.language.schema import Policy, Tenant
from gateway.policy.levels import Level, outermost, tenant_level
from gateway.policy.reading.contradictions import Demanded, check_contradictions, demanded
from gateway.policy.reading.faults import Fault
from gateway.policy.reading.possible import check_counting, check_prices, check_route, check_spending
from gateway.policy.reading.problems import nearest, one_of, quoted
from gateway.policy.reading.widening import check_widening
from gateway.policy.terms import Terms
from gateway.protocol.guidance import check_template
from gateway.protocol.wire import Beside, Surface


@dataclass(frozen=True, slots=True)
class _Outer:
    """What holds around a level: its terms, and which rule demanded which operator."""

    terms: Terms
    demanded: Demanded = field(default_factory=dict)


def check_levels(policy: Policy, entities: frozenset[str], own: Mapping[str, frozenset[str]]) -> Iterator[Fault]:
    """`entities` are the types that every tenant has, `own` those that a tenant has beside them."""
    common = Language.over(entities)
    top = outermost(policy)
    yield from _level(policy, top, _Outer(Terms()), common)
    yield from check_prices(policy)
    yield from check_counting(policy)
    around = _entered(top, _Outer(Terms()))
    for name, tenant in policy.tenants.items():
        language = Language.over(entities | own[name]) if own.get(name) else common
        yield from _tenant(policy, tenant_level(policy, name), tenant, around, language)


def _tenant(policy: Policy, level: Level, tenant: Tenant, around: _Outer, language: Language) -> Iterator[Fault]:
    yield from _level(policy, level, around, language)
    inside = _entered(level, around)
    inside = replace(inside, terms=inside.terms.closed())
    yield from _possible(policy, level, inside.terms)
    for name, member in tenant.principals.items():
        yield from _inner(policy, level.inner("principals", name, member), inside, language)
    for name, team in tenant.teams.items():
        of_team = level.inner("teams", name, team)
        yield from _inner(policy, of_team, inside, language)
        in_team = _entered(of_team, inside)
        for who, member in team.principals.items():
            yield from _inner(policy, of_team.inner("principals", who, member), in_team, language)


def _inner(policy: Policy, level: Level, around: _Outer, language: Language) -> Iterator[Fault]:
    if not level.scope.model_fields_set:
        return  # says nothing: most principals are like this
    yield from _level(policy, level, around, language)
    yield from _possible(policy, level, around.terms.narrowed(level.terms))


def _entered(level: Level, around: _Outer) -> _Outer:
    return _Outer(around.terms.narrowed(level.terms), {**around.demanded, **demanded(level)})


def _level(policy: Policy, level: Level, around: _Outer, language: Language) -> Iterator[Fault]:
    yield from check_widening(level, around.terms)
    yield from _guide(level)
    yield from _conditions(level, language)
    yield from _unheard_of(level, policy)
    yield from check_contradictions(level, around.demanded)


def _possible(policy: Policy, level: Level, terms: Terms) -> Iterator[Fault]:
    yield from check_route(policy, level, terms)
    yield from check_spending(policy, level, terms)


def _guide(level: Level) -> Iterator[Fault]:
    wrong = check_template(level.scope.guide.system) if level.scope.guide.system else None
    if wrong is not None:
        fix = "write {tenant}, {team}, {principal}, {model}, {purpose}; {{ for a brace"
        yield Fault((*level.path, "guide", "system"), wrong, fix)


def _conditions(level: Level, language: Language) -> Iterator[Fault]:
    for name, rule in level.scope.rules.items():
        try:
            language.check(rule.when)
        except ConditionError as error:
            place = (error.line, error.column)
            yield Fault((*level.path, "rules", name, "when"), error.message, _mended(error, language), inside=place)


def _mended(error: ConditionError, language: Language) -> str:
    fix = f"use {', '.join(names())}, findings.total and findings.<TYPE>, in CEL: https://cel.dev"
    if "yntax error" in error.message:
        return f"CEL writes == for equals, && for and, || for or, ! for not; {fix}"
    near = nearest(language.known, error.unknown) if error.unknown else None
    return f"{fix}; did you mean '{near}'?" if near else fix


def _unheard_of(level: Level, policy: Policy) -> Iterator[Fault]:
    """A condition on a name that nothing has is never true, or always: either way it is not what was meant."""
    for name, rule in level.scope.rules.items():
        at = (*level.path, "rules", name, "when")
        for named, defined_for in _DEFINED.items():
            compared = compared_in(rule.when, named)
            defined = defined_for(level, policy) if compared else ()
            for text in sorted(one for one in compared if one not in defined):
                yield Fault(at, f"unknown {named.partition('.')[2]} {quoted(text)}", one_of(list(defined), text))


def _served(_: Level, policy: Policy) -> Collection[str]:
    """Conditions see the model that is served, whatever alias it was asked for by."""
    return [name for name, model in policy.models.items() if model.alias is None]


def _teams(level: Level, policy: Policy) -> Collection[str]:
    """A caller's team is one of the file's, or empty; within a tenant one of its own."""
    own = [policy.tenants[level.path[1]]] if len(level.path) > 1 else policy.tenants.values()
    return dict.fromkeys(team for tenant in own for team in tenant.teams)


_DEFINED: Mapping[str, Callable[[Level, Policy], Collection[str]]] = MappingProxyType(
    {
        "request.purpose": lambda _, policy: policy.purposes,
        "request.model": _served,
        "request.surface": lambda _, __: [*Surface, *Beside],
        "principal.tenant": lambda _, policy: policy.tenants,
        "principal.team": _teams,
    }
)
"""What names in a condition at a level can be; worked out only where one is compared, since a policy may have many tenants."""
