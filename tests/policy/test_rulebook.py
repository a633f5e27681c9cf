from __future__ import annotations

import pytest

from gateway.exchange import Principal
from gateway.policy.conditions import Conditions
from gateway.policy.levels import chain
from gateway.policy.reading.load import LoadedPolicy
from gateway.policy.rulebook import Rulebook
from gateway.protocol.facts import Facts
from gateway.protocol.wire import Surface
from tests.support.policy_files import BASE, Load

RULES = """\
organisation:
  rules:
    outer: {when: request.stream, deny: no streams}
"""
TENANT = """\
    rules:
      inner: {when: 'request.stream && findings.BADGE == 0', deny: no badges}
      plain: {when: request.stream, deny: refused}
    detection:
      recognizers: [{entity: BADGE, patterns: [B-0]}]
    teams:
      desk:
        principals: {clerk: {}, own: {rules: {mine: {when: findings.PERSON > 0, deny: refused}}}}
  other:
    models: [small]
    principals: {app: {}}
"""
APP = Principal(tenant="demo", id="app")
STREAM = Facts(model="small", surface=Surface.CHAT, stream=True)


@pytest.fixture
def loaded(load: Load) -> LoadedPolicy:
    return load(BASE + TENANT + RULES)


def _under(book: Rulebook, loaded: LoadedPolicy, tenant: str, team: str | None, principal: str | None) -> Conditions:
    return book.under(chain(loaded.policy, tenant, team, principal))


def test_rules_of_all_levels_apply_the_outermost_first(loaded: LoadedPolicy) -> None:
    conditions = _under(Rulebook(loaded.entities), loaded, "demo", None, "app")
    assert [one.id for one in conditions.of_request(APP, STREAM).rules] == [
        "organisation.rules.outer",
        "tenants.demo.rules.plain",
    ]
    assert [one.id for one in conditions.of_findings(APP, STREAM, {}, 0).rules] == ["tenants.demo.rules.inner"]


def test_callers_under_one_level_share_what_was_compiled(loaded: LoadedPolicy) -> None:
    book = Rulebook(loaded.entities)
    app = _under(book, loaded, "demo", None, "app")
    assert _under(book, loaded, "demo", "desk", "clerk") is app
    assert _under(book, loaded, "demo", None, "analyst") is app
    assert _under(book, loaded, "demo", "desk", "own") is not app
    assert _under(book, loaded, "other", None, "app") is _under(book, loaded, "other", None, None)


def test_what_is_sought_is_what_the_levels_of_this_caller_count(loaded: LoadedPolicy) -> None:
    book = Rulebook(loaded.entities)
    assert _under(book, loaded, "other", None, "app").sought == frozenset()
    assert _under(book, loaded, "demo", None, "app").sought == {"BADGE"}
    assert _under(book, loaded, "demo", "desk", "own").sought == {"BADGE", "PERSON"}


def test_a_type_of_a_tenants_own_can_be_counted_beside_common_ones(loaded: LoadedPolicy) -> None:
    own = _under(Rulebook(loaded.entities), loaded, "demo", "desk", "own")
    found = own.of_findings(APP, STREAM, {"BADGE": 1, "PERSON": 2}, 3)
    assert [one.id for one in found.rules] == ["tenants.demo.teams.desk.principals.own.rules.mine"]
    assert found.failed == ()


def test_no_rules_no_conditions(load: Load) -> None:
    loaded = load(BASE)
    conditions = _under(Rulebook(loaded.entities), loaded, "demo", None, "app")
    assert conditions.of_request(APP, STREAM).rules == conditions.of_findings(APP, STREAM, {}, 0).rules == ()
