"""The enforcement point: asks once, obeys, and lets only the policy's own names into the record."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping

import pytest

from gateway.audit.journal import NoJournal
from gateway.errors import ModelNotFound, PolicyDenied
from gateway.exchange import Decision, Exchange, Principal, Reply
from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.protocol.facts import Facts
from gateway.protocol.wire import JsonObject, Surface
from gateway.stages.authorize import Authorize, review

WHO = Principal(tenant="acme", id="app")
ASKED = Facts(model="small", surface=Surface.CHAT)
RULES = EntityRules(OperatorKind.PLACEHOLDER)
ALLOW = Decision(
    allow=True,
    rule="tenants.acme.models",
    reason="listed",
    policy_version="v",
    obligations=Obligations(request=RULES, reply=RULES, restore=False),
)


def _deny(rule: str, reason: str = "because.") -> Decision:
    return Decision(allow=False, rule=rule, reason=reason, policy_version="v")


async def _nothing() -> AsyncGenerator[JsonObject, None]:
    yield {}


class _Seen(NoJournal):
    def __init__(self) -> None:
        self.last: Exchange | None = None

    def observe(self, exchange: Exchange) -> None:
        self.last = exchange


async def _intake() -> bytes:
    return b""


def _exchange(journal: NoJournal | None = None, *, known: bool = True) -> Exchange:
    start = Exchange(call_id="c", surface=Surface.CHAT, journal=journal or NoJournal(), intake=_intake)
    return start.learn(principal=WHO, facts=ASKED) if known else start


async def _answer(exchange: Exchange) -> Reply:
    assert exchange.decision == ALLOW
    assert exchange.model == "small"
    return Reply(status=200, streaming=False, body=_nothing())


async def test_what_is_allowed_goes_on_with_its_model() -> None:
    asked: list[tuple[Principal, Facts]] = []

    def decide(who: Principal, facts: Facts) -> Decision:
        asked.append((who, facts))
        return ALLOW

    assert (await Authorize(decide)(_exchange(), _answer)).status == 200
    assert asked == [(WHO, ASKED)]


@pytest.mark.parametrize(
    ("decision", "kind", "message", "param"),
    [
        (
            _deny("default-deny", "no rule gives acme/app the model it asked for"),
            ModelNotFound,
            "The model does not exist or you do not have access to it (no rule gives acme/app the model it asked for).",
            "model",
        ),
        (_deny("models.small.surfaces"), PolicyDenied, "Denied by models.small.surfaces: because.", "model"),
        (_deny("purposes"), PolicyDenied, "Denied by purposes: because.", "metadata"),
        (_deny("purposes.research.consent"), PolicyDenied, "Denied by purposes.research.consent: because.", "metadata"),
        (_deny("route"), PolicyDenied, "Denied by route: because.", None),
        (
            _deny("tenants.acme.rules.purposes", "Not now"),
            PolicyDenied,
            "Denied by tenants.acme.rules.purposes: Not now.",
            None,
        ),
    ],
)
async def test_a_denial_is_on_the_record_before_it_is_raised(
    decision: Decision, kind: type[PolicyDenied], message: str, param: str | None
) -> None:
    journal = _Seen()
    with pytest.raises(PolicyDenied) as caught:
        await Authorize(lambda who, facts: decision)(_exchange(journal), _answer)
    assert (type(caught.value), caught.value.message, caught.value.param) == (kind, message, param)
    assert journal.last is not None
    assert (journal.last.decision, journal.last.model) == (decision, None)


async def test_nothing_is_decided_out_of_order() -> None:
    with pytest.raises(LookupError):
        await Authorize(lambda who, facts: ALLOW)(_exchange(known=False), _answer)


def test_what_depends_on_no_findings_is_not_asked_again() -> None:
    decided = _exchange().learn(decision=ALLOW)
    assert review(decided, {"PERSON": 9}) is decided
    assert review(_exchange(known=False), {}).decision is None


def test_findings_may_deny_what_was_allowed() -> None:
    journal, denial = _Seen(), _deny("organisation.rules.r", "Too many.")
    seen: list[Mapping[str, int]] = []

    def again(findings: Mapping[str, int], content: Mapping[str, float] | None = None) -> Decision:
        seen.append(findings)
        return denial

    first = Decision(allow=True, rule="r", reason="", policy_version="v", obligations=ALLOW.obligations, review=again)
    with pytest.raises(PolicyDenied, match=r"^Denied by organisation\.rules\.r: Too many\.$"):
        review(_exchange(journal).learn(decision=first), {"PERSON": 9})
    assert seen == [{"PERSON": 9}]
    assert journal.last is not None
    assert journal.last.decision is denial


def test_findings_may_ask_for_more() -> None:
    first = Decision(allow=True, rule="r", reason="", policy_version="v", review=lambda findings, content=None: ALLOW)
    assert review(_exchange().learn(decision=first), {}).obligations == ALLOW.obligations
