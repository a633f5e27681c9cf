from __future__ import annotations

from typing import Any

from gateway.audit.act import ActOutcome
from gateway.exchange import Principal
from gateway.limits.limiter import Costs
from gateway.obligations import Limit
from tests.api.admin.office import Office


def limits_of(office: Office, tenant: str, principal: str) -> tuple[Limit, ...]:
    standing = office.policy.current.standing(Principal(tenant=tenant, id=principal))
    assert standing is not None
    return standing.terms.limits


async def use(office: Office, tenant: str = "bank", principal: str = "desk") -> None:
    permit = await office.limiter.acquire(limits_of(office, tenant, principal), Costs())
    await permit.release()


async def used(office: Office, person: str, query: str) -> dict[str, int]:
    body: dict[str, Any] = (await office.call(person, "GET", f"/limits?{query}")).json()
    return {f"{limit['scope']} {limit['kind']}": limit["used"] for limit in body["limits"]}


async def test_what_is_used_and_left(office: Office) -> None:
    await use(office)
    body = (await office.call("ops@bank", "GET", "/limits?tenant=bank&principal=desk")).json()
    by_scope = {(limit["scope"], limit["kind"]): limit for limit in body["limits"]}
    own = by_scope["tenants.bank.principals.desk", "requests"]
    assert (own["amount"], own["period_s"], own["used"], own["remaining"]) == (10, 3_600, 1, 9)
    assert 0 < own["reset_s"] <= 360
    assert by_scope["tenants.bank", "concurrent"]["remaining"] == 5


async def test_what_tenants_use_together_is_not_for_the_bound(office: Office) -> None:
    await use(office, "shop", "till")
    assert await used(office, "ops@bank", "tenant=bank") == {"tenants.bank requests": 0, "tenants.bank concurrent": 0}
    whole = await used(office, "ops", "tenant=bank")
    assert whole["organisation requests"] == 1
    assert "models.small requests" in whole
    body = {"tenant": "bank", "scope": "organisation"}
    assert (await office.call("ops@bank", "POST", "/limits/reset", json=body)).status_code == 404
    assert office.acts()[-1].outcome is ActOutcome.DENIED
    assert (await office.call("ops", "POST", "/limits/reset", json=body)).status_code == 200
    assert (await used(office, "ops", "tenant=bank"))["organisation requests"] == 0


async def test_one_limit_begins_anew_and_no_other(office: Office) -> None:
    await use(office)
    body = {"tenant": "bank", "principal": "desk", "scope": "tenants.bank.principals.desk", "kind": "requests"}
    assert (await office.call("ops@bank", "POST", "/limits/reset", json=body)).status_code == 200
    after = await used(office, "ops@bank", "tenant=bank&principal=desk")
    assert after["tenants.bank.principals.desk requests"] == 0
    assert after["tenants.bank requests"] == 1
    (act,) = office.acts()
    assert (act.outcome, act.target, act.note) == (ActOutcome.DONE, "tenants.bank.principals.desk", "requests")


async def test_a_limit_that_is_not_there_is_not_reset(office: Office) -> None:
    for scope in ("tenants.bank.principals.desk", "tenants.shop", "x"):
        answer = await office.call("ops", "POST", "/limits/reset", json={"tenant": "bank", "scope": scope})
        assert answer.status_code == 404
    assert office.acts() == []
