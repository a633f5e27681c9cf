from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.audit.act import Action, ActOutcome
from gateway.exchange import Principal
from gateway.identity.authenticator import Authenticator
from tests.api.admin.office import NOW, PEPPER, Office, error_of


async def principal_of(office: Office, key: str) -> Principal:
    return await Authenticator(office.keys, PEPPER, office.policy, clock=lambda: NOW).authenticate(key)


async def test_an_issued_key_is_shown_once_and_opens_the_gateway(office: Office) -> None:
    answer = await office.call("dev@bank", "POST", "/keys", json={"tenant": "bank", "principal": "desk", "expires_days": 30})
    assert answer.status_code == 201
    key = answer.json()["plaintext"]
    assert await principal_of(office, key) == Principal(tenant="bank", id="desk", key_id=key[:12])
    assert answer.json()["key"]["expires"] == (NOW + timedelta(days=30)).isoformat().replace("+00:00", "Z")
    for path in ("/keys", f"/keys/{key[:12]}"):
        assert key[13:] not in (await office.call("ops", "GET", path)).text
    for file in office.folder.iterdir():
        assert key[13:].encode() not in file.read_bytes()


async def test_issuing_is_on_record_before_and_after(office: Office) -> None:
    answer = await office.call("ops", "POST", "/keys", json={"tenant": "shop", "principal": "till"})
    (act,) = office.acts()
    assert (act.action, act.outcome, act.actor, act.tenant) == (Action.KEYS_ISSUE, ActOutcome.DONE, "ops", "shop")
    assert (act.principal, act.target) == ("till", answer.json()["key"]["key_id"])
    assert act.key_id == office.key_of("ops")[:12]
    assert answer.json()["plaintext"][13:] not in act.to_json()


async def test_a_key_is_for_somebody_the_policy_knows(office: Office) -> None:
    for tenant, principal in (("bank", "nobody"), ("nowhere", "desk"), ("bank", "till")):
        answer = await office.call("ops", "POST", "/keys", json={"tenant": tenant, "principal": principal})
        assert answer.status_code == 404
    assert not [record for record in office.keys.list() if record.tenant]
    assert "nowhere" not in "".join(act.to_json() for act in office.acts())


async def test_rotation_overlaps(office: Office) -> None:
    old = office.issue("bank", "desk")
    path = f"/keys/{old.record.key_id}/rotate"
    answer = await office.call("dev@bank", "POST", path, json={"overlap_s": 600})
    new = answer.json()
    assert answer.status_code == 201
    assert (await principal_of(office, new["plaintext"])).id == "desk"
    assert (await principal_of(office, old.plaintext)).id == "desk"
    shown = (await office.call("aud", "GET", f"/keys/{old.record.key_id}")).json()
    assert shown["rotated_to"] == new["key"]["key_id"]
    assert shown["expires"] == (NOW + timedelta(seconds=600)).isoformat().replace("+00:00", "Z")
    (act,) = office.acts()
    assert (act.target, act.result, act.outcome) == (old.record.key_id, new["key"]["key_id"], ActOutcome.DONE)


async def test_a_key_out_of_use_is_not_rotated(office: Office) -> None:
    rotated, revoked = office.issue("bank", "desk"), office.issue("bank", "desk")
    expired = office.issue("bank", "desk", now=NOW - timedelta(days=2), expires=NOW - timedelta(days=1))
    assert (await office.call("ops", "POST", f"/keys/{rotated.record.key_id}/rotate")).status_code == 201
    office.keys.revoke(revoked.record.key_id, NOW)
    for new in (rotated, revoked, expired):
        answer = await office.call("ops", "POST", f"/keys/{new.record.key_id}/rotate")
        assert answer.status_code == 409
        assert error_of(answer)["code"] == "conflict"
    assert [act.outcome for act in office.acts()] == [ActOutcome.DONE, ActOutcome.FAILED, ActOutcome.FAILED]
    assert office.acts()[-1].error_code == "conflict"


async def test_revoking_is_at_once_and_for_good(office: Office) -> None:
    new = office.issue("bank", "desk")
    for _ in range(2):
        answer = await office.call("ops@bank", "POST", f"/keys/{new.record.key_id}/revoke")
        assert answer.json()["state"] == "revoked"
    with pytest.raises(Exception, match="revoked"):
        await principal_of(office, new.plaintext)
    assert [act.target for act in office.acts()] == [new.record.key_id] * 2


async def test_a_persons_key_is_rotated_by_its_holder_alone(office: Office) -> None:
    officer, own = office.key_of("dpo"), office.key_of("ops@bank")
    stolen = await office.call("ops", "POST", f"/keys/{officer[:12]}/rotate")
    assert stolen.status_code == 403
    assert office.acts()[-1].outcome is ActOutcome.DENIED
    unseen = await office.call("ops@bank", "POST", f"/keys/{officer[:12]}/rotate")
    assert unseen.status_code == 404
    mine = await office.call("ops@bank", "POST", f"/keys/{own[:12]}/rotate")
    assert mine.status_code == 201
    assert mine.json()["key"]["kind"] == "person"
    office.held["ops@bank"] = mine.json()["plaintext"]
    assert (await office.call("ops@bank", "GET", "/whoami")).json()["id"] == "ops@bank"


async def test_whoever_writes_to_the_keys_meanwhile_is_given_nobody_elses(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the door, which checks the digest, and the desk: what the record then says of its holder nobody can check."""
    own, listed = office.key_of("ops@bank"), office.keys.list
    forged = {own[:12]: "dpo"}
    monkeypatch.setattr(
        office.keys, "list", lambda: tuple(replace(one, principal=forged.get(one.key_id, one.principal)) for one in listed())
    )
    assert (await office.call("ops@bank", "POST", f"/keys/{own[:12]}/rotate")).status_code == 403
    assert office.acts()[-1].outcome is ActOutcome.DENIED


async def test_only_an_operator_of_all_tenants_revokes_a_persons_key(office: Office) -> None:
    officer = office.key_of("dpo")
    assert (await office.call("ops@bank", "POST", f"/keys/{officer[:12]}/revoke")).status_code == 404
    assert (await office.call("ops", "POST", f"/keys/{officer[:12]}/revoke")).status_code == 200
    assert (await office.call("dpo", "GET", "/whoami")).status_code == 401


async def test_pages_and_filters(office: Office) -> None:
    ids = [office.issue("bank", "desk").record.key_id for _ in range(5)][::-1]
    other = office.issue("shop", "till").record.key_id
    office.keys.revoke(ids[1], NOW)

    async def listed(person: str, query: str) -> tuple[list[str], str | None]:
        page = (await office.call(person, "GET", f"/keys{query}")).json()
        return [key["key_id"] for key in page["keys"]], page["next"]

    assert await listed("dev@bank", "?limit=2") == (ids[:2], ids[1])
    own = office.key_of("dev@bank")[:12]
    assert (await listed("dev@bank", f"?limit=9&after={ids[1]}"))[0] == [*ids[2:], own]
    assert (await listed("dev@bank", "?state=revoked"))[0] == [ids[1]]
    assert (await listed("aud", "?tenant=shop"))[0] == [other]
    assert (await listed("aud", "?principal=desk&limit=200"))[0] == ids
    assert (await office.call("dev@bank", "GET", f"/keys?after={other}")).status_code == 404


ODD = st.text(min_size=1, max_size=30).filter(lambda text: "/" not in text and text not in (".", ".."))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(odd=ODD)
async def test_odd_ids_are_refused_and_never_quoted(office: Office, odd: str) -> None:
    path = quote(odd.encode("utf-8", "surrogatepass"), safe="")
    answers = [
        await office.call("ops", "GET", f"/keys/{path}"),
        await office.call("ops", "POST", f"/keys/{path}/revoke"),
        await office.call("ops", "GET", f"/limits?tenant={path}"),
        await office.call("aud", "GET", f"/policy/effective/bank/{path}"),
        await office.call(
            "ops",
            "POST",
            "/keys",
            content=json.dumps({"tenant": odd, "principal": odd}),
            headers={"content-type": "application/json"},
        ),
    ]
    for answer in answers:
        assert answer.status_code in (400, 404)
        message = str(error_of(answer)["message"])
        assert len(odd) < 8 or odd not in message


async def test_the_folder_keeps_nothing_of_what_was_refused(office: Office, tmp_path: Path) -> None:
    await office.call("ops", "POST", "/keys", json={"tenant": "bank", "principal": "Zhang-Wei-13812345678"})
    await office.call("ops", "GET", "/keys/pgw_aaaaaaaa_" + "b" * 43)
    await office.log.close()
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        assert b"13812345678" not in content
        assert b"b" * 43 not in content


async def test_whether_another_tenants_key_is_there_cannot_be_told(office: Office) -> None:
    """Not by the answer, and not by its time: both attempts wait for the record."""
    theirs = office.issue("shop", "till").record.key_id
    for key_id in (theirs, "pgw_aaaaaaaa"):
        assert (await office.call("ops@bank", "GET", f"/keys/{key_id}")).status_code == 404
    assert [(act.outcome, act.target) for act in office.acts()] == [("denied", theirs), ("denied", "pgw_aaaaaaaa")]
    assert (await office.call("ops", "GET", "/keys/pgw_aaaaaaaa")).status_code == 404
    assert len(office.acts()) == 2
