from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from gateway.api.admin.app import build_admin, mount_admin
from gateway.audit.act import ActOutcome
from gateway.errors import Unauthenticated
from gateway.identity.authenticator import Authenticator
from tests.api.admin.office import NOW, PEPPER, Office, error_of, parts_in

SECRET = "Zhang-Wei-13812345678"


async def test_a_body_that_is_too_large_is_refused_declared_or_not(office: Office) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1_000

    for content in (b" " * 20_001, pieces()):
        answer = await office.call("ops", "POST", "/policy/check", content=content)
        assert answer.status_code == 413
        assert error_of(answer)["code"] == "payload_too_large"


async def test_a_stranger_is_turned_away_before_the_body_is_read(office: Office) -> None:
    read: list[bytes] = []

    async def pieces() -> AsyncIterator[bytes]:
        read.append(b"{}")
        yield read[-1]

    assert (await office.call(None, "POST", "/policy/check", content=pieces())).status_code == 401
    assert read == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 20_000,
        b"9" * 10_000,
        b'"\\ud800"',
        b'{"text": "\\ud800"}',
        f'{{"{SECRET}": 1}}'.encode(),
        f'{{"text": ["{SECRET}"]}}'.encode(),
        f'{{"text": "", "{SECRET}": ""}}'.encode(),
        b'{"text": NaN}',
        b"null",
    ],
)
async def test_a_body_of_the_wrong_shape_is_refused_without_quoting_it(office: Office, content: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = await office.call("ops", "POST", "/policy/check", content=content, headers=headers)
    assert answer.status_code == 400
    assert SECRET not in answer.text
    assert error_of(answer)["type"] == "invalid_request_error"


async def test_only_json_is_read(office: Office) -> None:
    headers = {"content-type": "text/yaml"}
    answer = await office.call("ops", "POST", "/policy/check", content=b"version: 1", headers=headers)
    assert answer.status_code == 400
    assert "content-type: application/json" in error_of(answer)["message"]


async def test_the_field_at_fault_is_named(office: Office) -> None:
    answer = await office.call("ops", "POST", "/keys", json={"tenant": "bank", "principal": "desk", "expires_days": 0})
    assert error_of(answer)["param"] == "expires_days"
    assert "greater than or equal to 1" in error_of(answer)["message"]


async def test_without_a_record_there_is_no_act(office: Office) -> None:
    new = office.issue("bank", "desk")
    calls = [
        ("/keys", {"tenant": "bank", "principal": "desk"}),
        (f"/keys/{new.record.key_id}/rotate", None),
        (f"/keys/{new.record.key_id}/revoke", None),
        ("/limits/reset", {"tenant": "bank", "scope": "tenants.bank"}),
        ("/policy/reload", None),
    ]
    office.key_of("ops")
    before = office.keys.list()
    await office.log.close()
    for path, body in calls:
        answer = await office.call("ops", "POST", path, json=body)
        assert answer.status_code == 503
        assert error_of(answer)["code"] == "audit_unavailable"
    assert office.keys.list() == before


async def test_an_attempt_that_cannot_be_entered_is_refused_all_the_same(office: Office) -> None:
    office.key_of("dev@bank")
    await office.log.close()
    for person in (None, "dev@bank"):
        assert (await office.call(person, "GET", "/acts")).status_code == 503


async def test_what_the_store_cannot_do_is_on_record_as_failed(office: Office) -> None:
    office.key_of("ops")
    with closing(sqlite3.connect(office.folder / "keys.sqlite")) as file:
        file.execute("CREATE TRIGGER full BEFORE INSERT ON virtual_keys BEGIN SELECT RAISE(ABORT, 'full'); END")
    answer = await office.call("ops", "POST", "/keys", json={"tenant": "bank", "principal": "desk"})
    assert answer.status_code == 503
    (act,) = office.acts()
    assert (act.outcome, act.error_code) == (ActOutcome.FAILED, "protection_unavailable")


async def test_other_paths_and_methods(office: Office) -> None:
    for method, path, status in (("GET", "/nothing", 404), ("GET", "/keys/", 404), ("DELETE", "/keys", 405)):
        answer = await office.call("ops", method, path)
        assert answer.status_code == status
        error_of(answer)
    assert answer.headers["allow"] == "GET, POST"
    outside = await office.http.get("http://gateway/healthz")
    assert outside.status_code == 404
    error_of(outside)


async def test_a_persons_key_that_ended_opens_nothing(office: Office) -> None:
    key = office.key_of("aud")
    assert (await office.call("aud", "GET", "/whoami")).status_code == 200
    office.keys.expire(key[:12], NOW)
    assert (await office.call("aud", "GET", "/whoami")).status_code == 401


async def test_it_lives_beside_other_routes_under_its_own_path(tmp_path: Path) -> None:
    parts, limiter, log = parts_in(tmp_path)
    host = FastAPI()

    @host.get("/v1/models")
    async def models() -> str:
        return "models"

    mount_admin(host, build_admin(parts))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=host), base_url="http://gateway") as http:
        found = [(await http.get(path)).status_code for path in ("/v1/models", "/v1/keys", "/admin/v1/keys", "/admin/")]
        document = (await http.get("/admin/openapi.json")).json()
    await limiter.close()
    await log.close()
    parts.keys.close()
    assert found == [200, 404, 401, 404]
    assert document["servers"] == [{"url": "/admin"}]
    assert "/v1/models" not in document["paths"]


async def test_an_admin_key_opens_no_model(office: Office) -> None:
    authenticator = Authenticator(office.keys, PEPPER, office.policy, clock=lambda: NOW)
    with pytest.raises(Unauthenticated, match="administration only"):
        await authenticator.authenticate(office.key_of("ops"))
