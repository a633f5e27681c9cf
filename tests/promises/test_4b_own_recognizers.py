"""Promises 2, 3 and 4 for what a tenant brings itself: it is redacted and restored as any other value, for that tenant alone, and
a recognizer that fails refuses the request."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.policy.reading.problems import PolicyError
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.gateway import MODEL, RunningGateway, policy_text, running_gateway
from tests.support.plugins import BADGES, installed

NAMES = "PERSON: keep, ORGANIZATION: keep, LOCATION: keep, NRP: keep"
"""What taggers think of the project is not the question here."""
OWN = f"""
entities: {{PROJECT: mask, ACME_BADGE: placeholder, {NAMES}}}
reply: {{restore: true}}
detection:
  max_characters: 500
  allow: [info@corp-example.org]
  recognizers:
    - {{entity: STAFF_ID, patterns: ['EMP-[0-9]{{6}}']}}
    - {{entity: PROJECT, words: [Bluebird, 蓝鸟]}}
    - {{plugin: acme-badges}}
"""
OTHER = f"""
  globex: {{models: [{MODEL}], entities: {{{NAMES}}}, reply: {{restore: true}}, principals: {{app: {{}}}}}}
"""
FAILING = BADGES.replace(
    "found =", "assert 'fail' not in text, text\n        sys.exit() if 'exit' in text else None\n        found ="
)
SAID = "Ask EMP-204466 (ACME/7Q2) at info@corp-example.org about Bluebird and 蓝鸟."


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningGateway, ScriptedBackend]]:
    folder = tmp_path_factory.mktemp("own")
    with (
        installed(folder / "site", "import sys\n" + FAILING),
        backend_in_thread() as backend,
        running_gateway(folder, policy_text(backend.url, tenant=OWN) + OTHER) as gateway,
    ):
        yield gateway, backend


def _said(gateway: RunningGateway, tenant: str, **fields: Any) -> str:
    body = {"model": MODEL, "messages": [{"role": "user", "content": SAID}], **fields}
    headers = {"authorization": f"Bearer {gateway.issue('app', tenant)}"}
    answer = gateway.http.post("/chat/completions", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize("stream", [False, True])
def test_own_types_leave_as_policy_says_and_come_back(running: tuple[RunningGateway, ScriptedBackend], stream: bool) -> None:
    gateway, backend = running
    backend.forget_wire()
    answer = _said(gateway, "acme", stream=stream)
    sent = backend.received[-1].json["messages"][0]["content"]
    assert sent == "Ask <STAFF_ID_1> (<ACME_BADGE_1>) at info@corp-example.org about ******** and **."
    for value in ("EMP-204466", "ACME/7Q2", "Bluebird", "蓝鸟"):
        assert value.encode() not in backend.wire_bytes
    assert "EMP-204466" in answer
    assert "ACME/7Q2" in answer
    assert "Bluebird" not in answer


def test_another_tenant_has_none_of_it(running: tuple[RunningGateway, ScriptedBackend]) -> None:
    gateway, backend = running
    _said(gateway, "acme")
    answer = _said(gateway, "globex")
    sent = backend.received[-1].json["messages"][0]["content"]
    assert sent == SAID.replace("info@corp-example.org", "<EMAIL_ADDRESS_1>")
    assert "info@corp-example.org" in answer


def test_the_record_names_the_recognizer_and_no_value(running: tuple[RunningGateway, ScriptedBackend]) -> None:
    gateway, _ = running
    before = len(gateway.records())
    _said(gateway, "acme")
    record = gateway.records(before + 1)[-1]
    found = {(one.entity, one.operator, one.recognizer) for one in record.findings}
    assert ("STAFF_ID", "placeholder", "policy pattern STAFF_ID") in found
    assert ("PROJECT", "mask", "policy list PROJECT") in found
    assert ("ACME_BADGE", "placeholder", "plugin acme-badges") in found
    assert "204466" not in repr(record)


@pytest.mark.parametrize("text", ["fail", "exit"])
def test_a_plugin_that_fails_refuses_the_request(running: tuple[RunningGateway, ScriptedBackend], text: str) -> None:
    gateway, backend = running
    before = len(backend.received)
    answer = gateway.chat(f"{text} EMP-204466")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "detection_unavailable")
    assert "204466" not in answer.text
    assert len(backend.received) == before
    assert gateway.say("EMP-204466") == "EMP-204466"


def test_the_tenants_limit_of_text(running: tuple[RunningGateway, ScriptedBackend]) -> None:
    gateway, _ = running
    answer = gateway.chat("a b " * 200)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "text_too_long")


def test_a_plugin_that_hangs_refuses_the_request(tmp_path: Path) -> None:
    """It is released at the end by the file that it looks for."""
    released = tmp_path / "released"
    wait = (
        f"import os, time\n        while 'hang' in text and not os.path.exists({str(released)!r}): time.sleep(0.01)\n        "
    )
    policy = policy_text("http://127.0.0.1:1/v1", tenant=OWN.replace("acme-badges", "slow-badges"))
    with (
        installed(tmp_path / "site", BADGES.replace("found =", f"{wait}found ="), name="slow-badges"),
        running_gateway(tmp_path, policy, detection_timeout_s=0.3) as gateway,
    ):
        try:
            answer = gateway.chat("hang EMP-204466")
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "detection_unavailable")
        finally:
            released.touch()


def test_a_gateway_does_not_start_without_a_plugin_that_its_policy_names(tmp_path: Path) -> None:
    with (
        pytest.raises(PolicyError, match="no installed package offers"),
        running_gateway(tmp_path, policy_text("http://h/v1", tenant=OWN.replace("acme", "no"))),
    ):
        pass
