"""What nobody here can read goes only where that is allowed, and nowhere where policy would have to look into it."""

from __future__ import annotations

import pytest

from gateway.exchange import Decision, Principal
from gateway.policy.decide import decide
from gateway.policy.unread import decide_unread
from gateway.protocol.facts import Facts
from gateway.protocol.wire import Surface
from tests.support.policy_files import Compile

POLICY = """\
version: 1
deployments:
  clear: {base_url: "http://gpu-1:8000/v1"}
  held: {protocol: fhe, base_url: "fhes://held:8790", client_file: client.gguf}
  sealed: {protocol: fhe, base_url: "fhes://sealed:8790", client_file: client.gguf, sidecars: true, region: here}
  far: {protocol: fhe, base_url: "fhes://far:8790", client_file: client.gguf, sidecars: true, region: far}
  trial: {protocol: fhe, base_url: "fhes://trial:8790", client_file: client.gguf, sidecars: true}
  copy: {protocol: fhe, base_url: "fhes://copy:8790", client_file: client.gguf, sidecars: true}
models:
  assistant:
    deployments: [[clear, sealed], held, far]
    routing: {canary: {deployment: trial, percent: 5}, shadow: {deployment: copy, percent: 9}, hedge_after_s: 2}
  open: {deployments: [clear, held]}
purposes:
  care: {basis: contract}
tenants:
  clinic:
    models: [assistant, open]
    principals: {ward: {}}
"""
RULE = "    rules:\n      one:\n        when: findings.EMAIL_ADDRESS > 0\n        "


def _decided(compiled: Compile, more: str = "", model: str = "assistant") -> Decision:
    """Of a request that would be allowed if it could be read, and had nothing in it."""
    policy, who = compiled(POLICY + more), Principal(tenant="clinic", id="ward")
    facts = Facts(model=model, surface=Surface.CHAT, stream=True, max_tokens=5)
    assert decide(policy, who, facts).allow
    return decide_unread(policy, who, facts)


def _places(decision: Decision) -> list[str]:
    assert decision.allow
    assert decision.obligations is not None
    return [one.id for one in decision.obligations.deployments]


def test_it_goes_to_those_that_take_frames(compiled: Compile) -> None:
    decision = _decided(compiled)
    assert _places(decision) == ["sealed", "far", "trial"]
    assert decision.obligations is not None
    routing = decision.obligations.routing
    assert [[one.id for one in tier] for tier in routing.tiers] == [["sealed"], ["far"]]
    assert (routing.shadow, routing.hedge_after_s, decision.review) == (None, None, None)


def test_where_none_does_it_is_denied(compiled: Compile) -> None:
    decision = _decided(compiled, model="open")
    assert (decision.allow, decision.rule, decision.obligations) == (False, "route", None)


def test_it_may_hold_anything(compiled: Compile) -> None:
    """A rule about what is found applies."""
    assert not _decided(compiled, RULE + "deny: No addresses.\n").allow
    assert _places(_decided(compiled, RULE + "demand: {route: {regions: [far]}}\n")) == ["far"]
    assert _places(_decided(compiled, RULE + "demand: {route: {kinds: [fhe]}}\n")) == ["sealed", "far", "trial"]


SIZED = "    rules:\n      one:\n        when: {}\n        deny: Too much.\n"


@pytest.mark.parametrize(
    "when", ["request.bytes > 1000000", "request.messages > 9", "request.tools > 9", "request.tools == 7 || request.bytes == 7"]
)
def test_what_cannot_be_counted_in_it_is_not_taken_for_little(compiled: Compile, when: str) -> None:
    decision = _decided(compiled, SIZED.format(when))
    assert (decision.allow, decision.rule) == (False, "tenants.clinic.rules.one")
    assert decision.reason == "the condition of this rule could not be evaluated"


@pytest.mark.parametrize(
    "when",
    [
        'request.model != "assistant" && request.bytes > 1000000',
        "request.max_tokens > 9",
        "request.surface != 'chat/completions'",
    ],
)
def test_rules_that_need_not_count_are_asked_as_always(compiled: Compile, when: str) -> None:
    assert _decided(compiled, SIZED.format(when)).allow


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ("    record: {content: redacted}\n", "record.content"),
        ("    guide: {system: Be brief.}\n", "guide"),
        ("    guide: {prefixes: [Summarise]}\n", "guide"),
    ],
)
def test_what_would_need_a_look_is_not_promised(more: str, rule: str, compiled: Compile) -> None:
    decision = _decided(compiled, more)
    assert (decision.allow, decision.rule) == (False, rule)
    assert "nobody but its caller" in decision.reason
