from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gateway.audit.act import Action, act_of_policy, entry_of_act, new_act
from gateway.policy.status import PolicyEvent, ReloadOutcome
from tests.api.admin.office import PEOPLE, TENANTS, Office, error_of, open_office
from tests.identity.signing import ISSUER, claims, published, rsa, signed


async def test_whoami(office: Office) -> None:
    bound = (await office.call("dpo@bank", "GET", "/whoami")).json()
    assert (bound["id"], bound["roles"], bound["tenants"]) == ("dpo@bank", ["privacy_officer"], ["bank"])
    assert bound["key_id"] == office.key_of("dpo@bank")[:12]
    assert "policy.explain" in bound["may"]
    assert "keys.issue" not in bound["may"]
    assert (await office.call("aud", "GET", "/whoami")).json()["tenants"] is None


async def test_acts_newest_first_in_pages(office: Office) -> None:
    for _ in range(3):
        await office.call("ops", "POST", "/policy/reload")
    first = (await office.call("aud", "GET", "/acts?limit=2")).json()
    second = (await office.call("aud", "GET", f"/acts?limit=2&before={first['next']}")).json()
    shown = [act["act_id"] for act in (*first["acts"], *second["acts"])]
    assert shown == [act.act_id for act in reversed(office.acts())]
    assert second["next"] is None
    assert all(act["ended_at"] for act in first["acts"])


async def test_acts_of_ones_own_tenants(office: Office) -> None:
    await office.call("ops", "POST", "/keys", json={"tenant": "bank", "principal": "desk"})
    await office.call("ops", "POST", "/keys", json={"tenant": "shop", "principal": "till"})
    event = PolicyEvent(outcome=ReloadOutcome.REFUSED, version=None, previous="v", problems=1, summary="shop: no")
    await office.log.append(entry_of_act(act_of_policy(event)))
    bound = (await office.call("aud@bank", "GET", "/acts")).json()
    assert [(act["action"], act["tenant"]) for act in bound["acts"]] == [("keys.issue", "bank")]
    assert len((await office.call("aud", "GET", "/acts")).json()["acts"]) == 3


IDP = f"""\
  jwt:
    idp:
      issuer: {ISSUER}
      audience: [gateway]
      jwks: {{file: keys.json}}
      tenants: [bank]
      claims: {{roles: {{claim: groups}}}}
      roles: {{eng: developer}}
"""


async def test_a_token_opens_it_for_its_issuers_tenants_only(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_bytes(published(rsa()))
    async with open_office(tmp_path, TENANTS + PEOPLE + IDP) as office:
        token = signed(claims(groups=["eng"]))
        me = await office.call(None, "GET", "/whoami", headers={"authorization": f"Bearer {token}"})
        assert me.json() == {
            "id": "idp/alice",
            "roles": ["developer"],
            "tenants": ["bank"],
            "key_id": None,
            "may": ["whoami", "keys.list", "keys.read", "keys.issue", "keys.rotate"],
        }


async def test_an_act_of_another_version_is_no_fault(office: Office) -> None:
    await office.call("ops", "POST", "/policy/reload")
    entry = entry_of_act(new_act(Action.WHOAMI))
    await office.log.append(replace(entry, body=entry.body.replace(f'"{Action.WHOAMI}"', '"later"')))
    answer = await office.call("aud", "GET", "/acts")
    assert (answer.status_code, error_of(answer)["code"]) == (503, "audit_unavailable")
