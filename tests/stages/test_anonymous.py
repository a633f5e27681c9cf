"""Who shows no key has limits, and a flood of them beyond these does not fill the record."""

from __future__ import annotations

from pathlib import Path

from gateway.audit.act import Action
from gateway.audit.act_reader import read_acts
from gateway.audit.reader import read_exchanges
from tests.store.databases import sqlite_at
from tests.support.backend import backend_in_thread
from tests.support.gateway import MODEL, policy_text, running_gateway

ASKED = 400
POLICY = {"tenant": "limits: {requests: 2/hour}", "extra": "anonymous: acme/app\n"}


def test_a_flood_of_those_who_show_no_key(tmp_path: Path) -> None:
    with backend_in_thread() as backend, running_gateway(tmp_path, policy_text(backend.url, **POLICY)) as gateway:
        body = {"model": MODEL, "messages": [{"role": "user", "content": "hi"}]}
        asked = [
            gateway.http.post("/chat/completions", json=body, headers={"authorization": "Bearer none"}) for _ in range(ASKED)
        ]
        known = gateway.chat("hi")
        audit = gateway.settings.audit_path
    assert [one.status_code for one in asked] == [200, 200, *[429] * (ASKED - 2)]
    assert asked[-1].json()["error"]["code"] == "rate_limit_exceeded"
    record = sqlite_at(audit)
    calls = {row.record.call_id for row in read_exchanges(record, limit=1_000)}
    (count,) = (row.act for row in read_acts(record, limit=1_000) if row.act.action is Action.STRANGERS_COUNT)
    assert count.result is not None
    assert 0 < int(count.result) <= ASKED - 302
    assert len(calls) + int(count.result) == ASKED + 1
    assert {one.headers["x-request-id"] for one in (*asked[:2], known)} <= calls, "what was answered, and what a key asked"
