from __future__ import annotations

from gateway.exchange import Principal
from gateway.policy.answer import answer
from gateway.protocol.facts import Facts
from gateway.protocol.wire import Surface
from tests.support.policy_files import Compile
from tests.support.policy_suites import POLICY

APP = Principal(tenant="demo", id="app")
ASKED = Facts(model="small", surface=Surface.CHAT, purpose="support")


def test_without_findings_nothing_is_reviewed(compiled: Compile) -> None:
    told = answer(compiled(POLICY), APP, ASKED, None)
    assert told.lets_through
    assert told.decision.review is not None


def test_findings_decide_and_block(compiled: Compile) -> None:
    policy = compiled(POLICY)
    assert answer(policy, APP, ASKED, {"PERSON": 3}).lets_through
    assert answer(policy, APP, ASKED, {"PERSON": 4}).decision.rule == "tenants.demo.rules.crowds"
    blocked = answer(policy, APP, ASKED, {"SECRET": 1, "CREDIT_CARD": 1})
    assert (blocked.decision.allow, blocked.blocked, blocked.lets_through) == (True, ("SECRET",), False)
    assert answer(policy, APP, ASKED, {"SECRET": 0}).blocked == ()
