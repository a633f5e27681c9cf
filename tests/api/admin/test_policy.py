from __future__ import annotations

import asyncio
import json
import threading

import pytest

from gateway.audit.act import Action, ActOutcome
from tests.api.admin.office import PEOPLE, TENANTS, Office, error_of

BROKEN = (TENANTS + PEOPLE).replace("cache", "").replace("restore: true", "restore: perhaps")


async def test_the_state_and_a_reload(office: Office) -> None:
    before = (await office.call("ops", "GET", "/policy")).json()
    assert before["version"] == office.policy.current.version
    assert (before["stale"], before["problem"]) == (False, None)
    office.write(TENANTS.replace("Answering customers", "Answering") + PEOPLE)
    after = (await office.call("ops", "POST", "/policy/reload")).json()
    assert after["version"] == office.policy.current.version != before["version"]
    (act,) = office.acts()
    assert (act.action, act.outcome, act.target) == (Action.POLICY_RELOAD, ActOutcome.DONE, before["version"])
    assert act.result == after["version"]


async def test_a_refused_reload_leaves_the_policy_and_says_why(office: Office) -> None:
    version = office.policy.current.version
    office.write(BROKEN)
    answer = await office.call("ops", "POST", "/policy/reload")
    assert answer.status_code == 409
    assert error_of(answer)["code"] == "conflict"
    state = (await office.call("aud", "GET", "/policy")).json()
    assert (state["version"], state["stale"]) == (version, True)
    assert "neither true nor false" in state["problem"]
    assert office.acts()[-1].outcome is ActOutcome.FAILED


async def test_what_names_other_tenants_is_not_for_the_bound(office: Office) -> None:
    office.write(TENANTS.replace("till: {}", "till: {models: [shops-own]}") + PEOPLE)
    await office.call("ops@bank", "POST", "/policy/reload")
    bound = (await office.call("ops@bank", "GET", "/policy")).json()
    whole = (await office.call("ops", "GET", "/policy")).json()
    assert "shops-own" in whole["problem"]
    assert (bound["stale"], bound["problem"], bound["path"]) == (True, None, None)


async def test_a_text_is_checked_and_not_kept(office: Office) -> None:
    version = office.policy.current.version
    good = (await office.call("dpo@bank", "POST", "/policy/check", json={"text": TENANTS})).json()
    assert (good["valid"], good["problems"]) == (True, [])
    bad = (await office.call("dpo@bank", "POST", "/policy/check", json={"text": BROKEN})).json()
    (problem,) = bad["problems"]
    lines = BROKEN.splitlines()
    assert "perhaps" in lines[problem["line"] - 1]
    assert lines[problem["line"] - 1][problem["column"] - 1 :].startswith("perhaps")
    assert problem["fix"] == "write true or false"
    assert office.policy.current.version == version
    assert not (await office.call("ops", "GET", "/policy")).json()["stale"]


async def test_texts_that_are_no_policy(office: Office) -> None:
    for text in ("", "\0", "a: &x [*x]", "]", "version: 1", "\x85", "- 1", "💥" * 100):
        answer = await office.call("ops", "POST", "/policy/check", json={"text": text})
        assert answer.status_code == 200
        assert answer.json()["problems"]
        assert not answer.json()["valid"]


async def test_what_holds_for_a_tenant_and_for_a_principal(office: Office) -> None:
    tenant = (await office.call("dpo@bank", "GET", "/policy/effective/bank")).json()
    assert tenant["models"] == ["small"]
    assert tenant["request"] == {"default": "placeholder", "named": {"CREDIT_CARD": "mask"}}
    assert tenant["purposes"] == [
        {"id": "support", "basis": "contract", "description": "Answering customers", "needs_consent": False}
    ]
    assert [rule["id"] for rule in tenant["rules"]] == ["tenants.bank.rules.many"]
    assert "tenants.bank.principals.desk" not in {limit["scope"] for limit in tenant["limits"]}
    principal = (await office.call("dpo@bank", "GET", "/policy/effective/bank/desk")).json()
    assert [limit["scope"] for limit in principal["limits"]][-2:] == ["tenants.bank.principals.desk", "models.small"]


async def test_a_principal_of_an_open_team(office: Office) -> None:
    unlisted = await office.call("dpo@bank", "GET", "/policy/effective/bank/wang.li")
    in_team = await office.call("dpo@bank", "GET", "/policy/effective/bank/wang.li?team=floor")
    assert (unlisted.status_code, in_team.status_code) == (404, 200)


async def test_a_decision_is_explained(office: Office) -> None:
    async def ask(person: str = "aud@bank", **more: object) -> dict[str, object]:
        body = {"tenant": "bank", "principal": "desk", "request": {"model": "small"}, **more}
        found: dict[str, object] = (await office.call(person, "POST", "/policy/explain", json=body)).json()
        return found

    allowed = await ask()
    assert (allowed["allow"], allowed["rule"], allowed["depends_on_findings"]) == (True, "tenants.bank.models", True)
    assert allowed["purpose"] == "support"
    assert "route local" in str(allowed["obligations"])
    denied = await ask(findings={"PERSON": 4})
    assert (denied["allow"], denied["rule"], denied["reason"]) == (False, "tenants.bank.rules.many", "Too many people")
    assert (await ask(findings={"PERSON": 3}))["allow"] is True
    unknown = await ask(request={"model": "zhang wei 13812345678"})
    assert unknown["rule"] == "default-deny"
    assert "13812345678" not in str(unknown)
    assert office.acts() == []


async def test_roles_are_asked_about_as_tokens_write_them(office: Office) -> None:
    question = {"tenant": "bank", "principal": "desk", "roles": ["Gateway Auditors", "/开发"], "request": {"model": "small"}}
    answer = await office.call("aud", "POST", "/policy/explain", json=question)
    assert answer.status_code == 200
    half = question | {"roles": ["x"]}
    body = json.dumps(half).replace('"x"', '"\\ud800"')
    refused = await office.call("aud", "POST", "/policy/explain", content=body, headers={"content-type": "application/json"})
    assert refused.status_code == 400


async def test_nobody_waits_for_ever_behind_a_text_that_takes_long(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.api.admin.policy._PATIENCE_S", 0.05)
    begun, end = threading.Event(), threading.Event()

    def slow(*_: object, **__: object) -> None:
        begun.set()
        end.wait(30)

    monkeypatch.setattr("gateway.api.admin.policy_check.load_policy", slow)
    first = asyncio.create_task(office.call("aud", "POST", "/policy/check", json={"text": "version: 1"}))
    await asyncio.to_thread(begun.wait, 30)
    second = await office.call("aud", "POST", "/policy/check", json={"text": "version: 1"})
    end.set()
    assert (second.status_code, error_of(second)["code"]) == (503, "protection_unavailable")
    assert second.headers["retry-after"] == "10"
    assert (await first).json()["valid"]
