"""Promises 1, 6 and 7 where policy asks what a request is for and what is in it: it decides before anything goes upstream, and
says so to the caller and in the record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import orjson
import pytest

from gateway.audit.event import ExchangeRecord
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.gateway import MODEL, RunningGateway, running_gateway
from tests.support.script import echo, error

POLICY = f"""\
version: 1
deployments:
  near: {{base_url: "BACKEND", region: cn}}
  far: {{base_url: "BACKEND", region: eu}}
models:
  {MODEL}: {{deployments: [near, far]}}
purposes:
  support: {{basis: contract}}
  research: {{basis: consent}}
organisation:
  rules:
    crowd: {{when: findings.EMAIL_ADDRESS > 2, deny: Too many addresses.}}
    cards: {{when: findings.CREDIT_CARD > 0, demand: {{route: {{regions: [eu]}}}}, reason: cards stay in the EU}}
    links: {{when: findings.URL > 1, demand: {{entities: {{EMAIL_ADDRESS: mask}}}}}}
    streams: {{when: request.stream, demand: {{reply: {{restore: false}}}}}}
    nowhere: {{when: request.tools > 0, demand: {{route: {{labels: [quiet]}}}}}}
    faulty: {{when: request.max_tokens / request.messages > 90 && 100 / (request.max_tokens - 777) > 5, deny: never}}
tenants:
  acme:
    models: [{MODEL}]
    purposes: [support, research]
    entities: {{URL: keep, PERSON: keep, ORGANIZATION: keep, LOCATION: keep, NRP: keep, DATE_TIME: keep}}
    reply: {{restore: true}}
    record: {{content: redacted, retention_days: 30, entities: {{URL: drop}}}}
    limits: {{requests: 6000/minute}}
    principals: {{app: {{}}}}
"""
ALICE, BOB, CAROL = "alice@corp-example.org", "bob@corp-example.org", "carol@corp-example.org"
LINK, CARD = "https://corp-example.org/a7", "4111 1111 1111 1111"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningGateway, ScriptedBackend]]:
    with (
        backend_in_thread() as backend,
        running_gateway(tmp_path_factory.mktemp("policy"), POLICY.replace("BACKEND", backend.url)) as gateway,
    ):
        yield gateway, backend


class Asked:
    """One answer, what went upstream for it and what is on record of it."""

    def __init__(self, pair: tuple[RunningGateway, ScriptedBackend], content: str, **fields: Any) -> None:
        gateway, backend = pair
        before = len(gateway.records())
        backend.received.clear()
        backend.forget_wire()
        headers = {"x-gateway-purpose": "support"} | fields.pop("headers", {})
        body = {"model": MODEL, "messages": [{"role": "user", "content": content}], **fields}
        self.answer: httpx.Response = gateway.http.post("/chat/completions", json=body, headers=headers)
        self.record: ExchangeRecord = gateway.records(before + 1)[-1]
        self.sent: list[Any] = [request.json for request in backend.received]
        self.wire: bytes = backend.wire_bytes

    @property
    def told(self) -> dict[str, str]:
        """The gateway's own headers."""
        return {name[10:]: value for name, value in self.answer.headers.items() if name.startswith("x-gateway-")}


def test_an_allowed_exchange_says_under_which_obligations(running: tuple[RunningGateway, ScriptedBackend]) -> None:
    asked = Asked(running, f"I am {ALICE}")
    assert asked.answer.status_code == 200
    decision = asked.record.decision
    assert decision is not None
    assert asked.told["decision"] == "allow"
    assert asked.told["rule"] == decision.rule == "tenants.acme.models"
    assert asked.told["purpose"] == "support"
    assert asked.told["policy"] == decision.policy_version
    assert "rules" not in asked.told
    assert asked.told["obligations"].split("; ") == list(decision.obligations)
    assert decision.obligations[-5:] == (
        "reply restored",
        "record redacted DATE_TIME=keep LOCATION=keep NRP=keep ORGANIZATION=keep PERSON=keep URL=drop *=placeholder",
        "route near or far",
        "retention 30 days",
        "limit tenants.acme 6000 requests/60s",
    )
    assert decision.reason == f"model {MODEL} is listed for acme/app, for support (contract)"
    assert asked.record.asked is not None
    assert (asked.record.asked.model, asked.record.asked.purpose, asked.record.asked.messages) == (MODEL, "support", 1)
    assert asked.record.asked.found is not None
    assert asked.record.asked.found["EMAIL_ADDRESS"] == 1


@pytest.mark.parametrize("stream", [False, True])
def test_too_many_findings_are_refused_before_anything_goes_upstream(
    running: tuple[RunningGateway, ScriptedBackend], stream: bool
) -> None:
    asked = Asked(running, f"{ALICE}, {BOB} and {CAROL}", stream=stream)
    assert asked.answer.status_code == 403
    assert asked.answer.json()["error"]["message"] == "Denied by organisation.rules.crowd: Too many addresses."
    assert (asked.sent, asked.wire) == ([], b"")
    applied = ("organisation.rules.streams", "organisation.rules.crowd")[not stream :]
    assert asked.told == {
        "decision": "deny",
        "rule": "organisation.rules.crowd",
        "rules": ", ".join(applied),
        "purpose": "support",
        "policy": asked.told["policy"],
    }
    decision, recorded = asked.record.decision, asked.record.asked
    assert decision is not None
    assert recorded is not None
    assert (asked.record.outcome, decision.allow, decision.rule, decision.rules) == (
        "denied",
        False,
        "organisation.rules.crowd",
        applied,
    )
    assert recorded.found is not None
    assert recorded.found["EMAIL_ADDRESS"] == 3
    assert asked.record.content is None
    assert ALICE not in asked.record.to_json()


def test_findings_change_what_goes_upstream_and_the_record(running: tuple[RunningGateway, ScriptedBackend]) -> None:
    asked = Asked(running, f"{ALICE} sent {LINK} and {LINK}2")
    assert asked.told["rules"] == "organisation.rules.links"
    assert "EMAIL_ADDRESS=mask" in asked.told["obligations"]
    sent = asked.sent[0]["messages"][0]["content"]
    assert sent == f"{'*' * len(ALICE)} sent {LINK} and {LINK}2"  # counted, and kept nevertheless
    assert {(found.entity, found.operator) for found in asked.record.findings} == {("EMAIL_ADDRESS", "mask"), ("URL", "keep")}
    assert asked.record.asked is not None
    assert asked.record.asked.found is not None
    assert (asked.record.asked.found["EMAIL_ADDRESS"], asked.record.asked.found["URL"]) == (1, 2)


def test_what_is_kept_and_counted_hides_nothing(running: tuple[RunningGateway, ScriptedBackend]) -> None:
    link = f"https://corp-example.org/?user={ALICE}"
    asked = Asked(running, f"see {link}")
    assert ALICE.encode() not in asked.wire
    assert "<EMAIL_ADDRESS_1>" in asked.sent[0]["messages"][0]["content"]
    assert asked.answer.json()["choices"][0]["message"]["content"] == f"see {link}"


def test_findings_choose_the_route(running: tuple[RunningGateway, ScriptedBackend]) -> None:
    assert Asked(running, "hello").record.deployment == "near"
    asked = Asked(running, f"my card is {CARD}")
    assert (asked.record.deployment, asked.told["rules"]) == ("far", "organisation.rules.cards")
    assert "route far" in asked.told["obligations"].split("; ")


def test_a_route_that_leads_nowhere_is_a_denial(running: tuple[RunningGateway, ScriptedBackend]) -> None:
    tool = {"type": "function", "function": {"name": "look", "parameters": {}}}
    asked = Asked(running, "hello", tools=[tool])
    assert asked.answer.status_code == 403
    assert (asked.told["decision"], asked.told["rule"], asked.told["rules"]) == ("deny", "route", "organisation.rules.nowhere")
    assert asked.sent == []


def test_a_condition_without_an_answer_is_a_denial(running: tuple[RunningGateway, ScriptedBackend]) -> None:
    asked = Asked(running, "hello", max_tokens=777)
    assert asked.answer.status_code == 403
    assert asked.told["rule"] == "organisation.rules.faulty"
    assert "could not be evaluated" in asked.answer.json()["error"]["message"]
    assert asked.sent == []


def test_a_stream_says_the_same_and_obeys(running: tuple[RunningGateway, ScriptedBackend]) -> None:
    asked = Asked(running, f"I am {ALICE}", stream=True)
    assert (asked.told["decision"], asked.told["rules"]) == ("allow", "organisation.rules.streams")
    assert "reply not restored" in asked.told["obligations"]
    assert ALICE not in asked.answer.text


def test_a_backend_that_fails_does_not_hide_the_decision(running: tuple[RunningGateway, ScriptedBackend]) -> None:
    gateway, backend = running
    backend.reply_with(lambda request: error(500))
    try:
        asked = Asked((gateway, backend), "hello")
    finally:
        backend.reply_with(echo)
    assert asked.answer.status_code >= 500
    assert (asked.told["decision"], asked.told["rule"]) == ("allow", "tenants.acme.models")


def test_where_nothing_was_decided_nothing_is_said(running: tuple[RunningGateway, ScriptedBackend]) -> None:
    gateway, _ = running
    for answer in (
        gateway.http.post("/chat/completions", content=b"{"),
        gateway.http.post("/chat/completions", json={}, headers={"authorization": "Bearer pgw_unknown"}),
    ):
        assert answer.status_code in (400, 401)
        assert not [name for name in answer.headers if name.startswith("x-gateway-") and name != "x-gateway-call-id"]


class TestPurpose:
    def test_one_of_several_has_to_be_stated(self, running: tuple[RunningGateway, ScriptedBackend]) -> None:
        asked = Asked(running, "hello", headers={"x-gateway-purpose": ""})
        assert asked.answer.status_code == 403
        assert asked.answer.json()["error"]["param"] == "metadata"
        assert (asked.told["rule"], asked.sent) == ("purposes", [])
        assert "purpose" not in asked.told

    def test_a_body_may_state_it(self, running: tuple[RunningGateway, ScriptedBackend]) -> None:
        asked = Asked(running, "hello", headers={"x-gateway-purpose": ""}, metadata={"purpose": "support"})
        assert (asked.answer.status_code, asked.told["purpose"]) == (200, "support")

    def test_one_that_nobody_knows_is_quoted_nowhere(self, running: tuple[RunningGateway, ScriptedBackend]) -> None:
        asked = Asked(running, "hello", headers={"x-gateway-purpose": ALICE})
        assert asked.answer.status_code == 403
        assert asked.told["rule"] == "purposes"
        assert ALICE not in asked.answer.text + str(asked.answer.headers) + asked.record.to_json()

    def test_a_consent_is_kept_where_it_is_needed(self, running: tuple[RunningGateway, ScriptedBackend]) -> None:
        research = {"x-gateway-purpose": "research"}
        denied = Asked(running, "hello", headers=research)
        assert (denied.answer.status_code, denied.told["rule"]) == (403, "purposes.research.consent")
        allowed = Asked(running, "hello", headers=research | {"x-gateway-consent": "c-2026-17"})
        assert allowed.answer.status_code == 200
        assert allowed.record.asked is not None
        assert allowed.record.asked.consent == "c-2026-17"

    @pytest.mark.parametrize(
        ("purpose", "consent"), [("support", "c-2026-17"), ("research", ALICE), ("research", "Zhang Wei agreed")]
    )
    def test_and_nowhere_else(self, running: tuple[RunningGateway, ScriptedBackend], purpose: str, consent: str) -> None:
        asked = Asked(running, "hello", headers={"x-gateway-purpose": purpose, "x-gateway-consent": consent})
        assert asked.answer.status_code == 200
        assert asked.record.asked is not None
        assert asked.record.asked.consent is None
        assert consent not in asked.record.to_json()


def test_the_record_may_be_stricter_than_the_request(running: tuple[RunningGateway, ScriptedBackend]) -> None:
    asked = Asked(running, f"{BOB} and {ALICE} read {LINK}")
    sent = asked.sent[0]["messages"][0]["content"]
    assert sent == f"<EMAIL_ADDRESS_1> and <EMAIL_ADDRESS_2> read {LINK}"
    content = running[0].content(asked.record)
    assert content.request is not None
    assert content.request["messages"][0]["content"] == "<EMAIL_ADDRESS_1> and <EMAIL_ADDRESS_2> read "
    assert content.reply is not None
    assert content.reply.startswith("<EMAIL_ADDRESS_1> and <EMAIL_ADDRESS_2> read")
    assert LINK not in orjson.dumps(asked.record).decode()
    assert asked.answer.json()["choices"][0]["message"]["content"] == f"{BOB} and {ALICE} read {LINK}"
