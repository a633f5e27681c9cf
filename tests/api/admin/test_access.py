"""Every operation, for every role, in one's own tenant and in another's: the table of docs/admin-api.md, written again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from gateway.api.admin.access import ALLOWED, allowed_to, may, somebody_may
from gateway.api.admin.app import build_admin
from gateway.audit.act import Action, ActOutcome
from gateway.rules.identity import ClaimSource, IdentityRules, IssuerRules, JwksPlace, PersonRules, Role
from tests.api.admin.office import PEOPLE, TENANTS, Office, error_of, open_office, parts_in
from tests.support.policy_files import BASE

DEVELOPER, OPERATOR, OFFICER, AUDITOR = "dev@bank", "ops@bank", "dpo@bank", "aud@bank"
EVERYBODY = {DEVELOPER, OPERATOR, OFFICER, AUDITOR}


@dataclass(frozen=True)
class Operation:
    """One operation on a tenant. `may` are the people who may do it in theirs; `reaches` is whether it names a tenant."""

    method: str
    template: str
    may: frozenset[str]
    path: Callable[[str, str, str], str]
    body: Callable[[str, str], Mapping[str, Any]] | None = None
    reaches: bool = True


def op(
    method: str,
    template: str,
    may: set[str],
    body: Callable[[str, str], Mapping[str, Any]] | None = None,
    *,
    reaches: bool = True,
    query: str = "",
) -> Operation:
    def path(tenant: str, principal: str, key_id: str) -> str:
        return template.format(tenant=tenant, principal=principal, key_id=key_id) + query.format(tenant=tenant)

    return Operation(method, template, frozenset(may), path, body, reaches)


OPERATIONS = [
    op("GET", "/whoami", EVERYBODY, reaches=False),
    op("POST", "/keys", {DEVELOPER, OPERATOR}, lambda t, p: {"tenant": t, "principal": p}),
    op("GET", "/keys", {DEVELOPER, OPERATOR, AUDITOR}, query="?tenant={tenant}"),
    op("GET", "/keys/{key_id}", {DEVELOPER, OPERATOR, AUDITOR}),
    op("POST", "/keys/{key_id}/rotate", {DEVELOPER, OPERATOR}),
    op("POST", "/keys/{key_id}/revoke", {OPERATOR}),
    op("GET", "/policy", {OPERATOR, OFFICER, AUDITOR}, reaches=False),
    op("POST", "/policy/reload", {OPERATOR}, reaches=False),
    op("POST", "/policy/check", {OPERATOR, OFFICER, AUDITOR}, lambda *_: {"text": BASE}, reaches=False),
    op("GET", "/policy/effective/{tenant}", {OFFICER, AUDITOR}),
    op("GET", "/policy/effective/{tenant}/{principal}", {OFFICER, AUDITOR}),
    op(
        "POST",
        "/policy/explain",
        {OFFICER, AUDITOR},
        lambda t, p: {"tenant": t, "principal": p, "request": {"model": "small"}},
    ),
    op("GET", "/limits", {OPERATOR, AUDITOR}, query="?tenant={tenant}"),
    op("POST", "/limits/reset", {OPERATOR}, lambda t, _: {"tenant": t, "scope": f"tenants.{t}"}),
    op("POST", "/cache/clear", {OPERATOR, OFFICER}, lambda t, _: {"tenant": t}),
    op("GET", "/acts", {OFFICER, AUDITOR}, reaches=False),
]
SHOP_WITH_LIMITS = "    principals: {till: {}}\n"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    limited = TENANTS.replace(SHOP_WITH_LIMITS, SHOP_WITH_LIMITS + "    limits: {requests: 7/hour}\n")
    async with open_office(tmp_path, limited + PEOPLE) as opened:
        yield opened


async def do(office: Office, person: str | None, operation: Operation, tenant: str, principal: str) -> Any:
    key_id = office.issue(tenant, principal).record.key_id
    body = operation.body(tenant, principal) if operation.body else None
    return await office.call(person, operation.method, operation.path(tenant, principal, key_id), json=body)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.method} {one.template}")
async def test_the_table(office: Office, operation: Operation) -> None:
    for person in sorted(EVERYBODY):
        await _try_it(office, operation, person)


async def _try_it(office: Office, operation: Operation, person: str) -> None:
    before = len(office.acts())
    own = await do(office, person, operation, "bank", "desk")
    other = await do(office, person, operation, "shop", "till")
    if person not in operation.may:
        assert [own.status_code, other.status_code] == [403, 403]
        assert error_of(own)["code"] == "not_permitted"
        assert [act.outcome for act in office.acts()[before:]] == [ActOutcome.DENIED] * 2
        assert {act.actor for act in office.acts()[before:]} == {person}
        assert {act.tenant for act in office.acts()[before:]} == {"bank" if person.endswith("@bank") else None}
        return
    assert own.status_code in (200, 201), own.text
    assert own.headers["cache-control"] == "no-store"
    if operation.reaches:
        assert other.status_code == 404
        assert error_of(other)["code"] == "not_found"
        denied = office.acts()[-1]
        assert (denied.outcome, denied.actor, denied.tenant) == (ActOutcome.DENIED, person, "shop")
        assert office.keys.list()[-1].revoked is None
    else:
        assert "shop" not in other.text
        assert "till" not in other.text


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.method} {one.template}")
async def test_nobody_gets_in_without_a_persons_credential(office: Office, operation: Operation) -> None:
    virtual = office.issue("bank", "desk").plaintext
    strange = ["", "Bearer", f"Bearer {virtual}", "Bearer pga_aaaaaaaa_" + "a" * 43, "Basic b3BzOm9wcw==", "Bearer a.b.c"]
    for authorization in strange:
        headers = {"authorization": authorization} if authorization else {}
        path = operation.path("bank", "desk", "pgw_aaaaaaaa")
        answer = await office.http.request(operation.method, path, headers=headers, content=b"{not json")
        assert answer.status_code == 401, authorization
        assert answer.headers["www-authenticate"] == "Bearer"
        assert error_of(answer)["type"] == "authentication_error"
    acts = office.acts()
    assert len(acts) == len(strange)
    assert {(act.actor, act.outcome, act.error_code) for act in acts} == {(None, ActOutcome.DENIED, "invalid_api_key")}


async def test_the_tests_know_every_operation(tmp_path: Path) -> None:
    parts, _, log = parts_in(tmp_path)
    document = build_admin(parts).openapi()
    await log.close()
    served = {(method.upper(), path) for path, operations in document["paths"].items() for method in operations}
    assert served == {(one.method, f"/v1{one.template}") for one in OPERATIONS}
    assert all(operation["security"] for operations in document["paths"].values() for operation in operations.values())


def test_an_auditor_reads_everything_and_changes_nothing() -> None:
    changes = {Action.KEYS_ISSUE, Action.KEYS_ROTATE, Action.KEYS_REVOKE, Action.POLICY_RELOAD, Action.LIMITS_RESET}
    changes |= {Action.CACHE_CLEAR}
    originals = {Action.BREAK_GLASS_ASK, Action.BREAK_GLASS_GIVE, Action.BREAK_GLASS_REFUSE, Action.BREAK_GLASS_SHOW}
    assert set(allowed_to([Role.AUDITOR])) == set(ALLOWED) - changes - originals


def test_what_the_table_does_not_list_nobody_may() -> None:
    assert not may(Role, Action.POLICY_LOAD)
    assert not may((), Action.WHOAMI)


async def test_where_policy_names_nobody_there_is_no_admin_api(tmp_path: Path) -> None:
    async with open_office(tmp_path, BASE) as office:
        for person in (None, "ops"):
            answer = await office.call(person, "GET", "/whoami")
            assert answer.status_code == 404
            assert error_of(answer)["code"] == "not_found"


def test_roles_in_tokens_are_people_too() -> None:
    issuer = IssuerRules(
        id="idp",
        issuer="https://idp",
        audience=frozenset({"gateway"}),
        jwks=JwksPlace(url="https://idp/keys"),
        algorithms=frozenset({"RS256"}),
        tenants=frozenset({"bank"}),
        roles_from=ClaimSource(claim="groups"),
    )
    assert not somebody_may(IdentityRules(issuers=(issuer,)))
    assert somebody_may(IdentityRules(issuers=(replace(issuer, roles={"staff": Role.DEVELOPER}),)))
    assert somebody_may(IdentityRules(people={"a": PersonRules(roles=frozenset({Role.AUDITOR}))}))
