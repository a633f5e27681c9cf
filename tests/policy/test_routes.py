"""What a policy file says of routing, and what policy's demands leave of it."""

from __future__ import annotations

import pytest

from gateway.exchange import Decision, Principal
from gateway.exchange.explanation import obligations_in_words
from gateway.obligations import RouteTerms
from gateway.policy.compile import CompiledPolicy
from gateway.policy.decide import decide
from gateway.protocol.facts import Facts
from gateway.protocol.wire import Surface
from tests.support.policy_files import Compile, Load, Refuse

POLICY = """\
version: 1
deployments:
  berlin: {base_url: "http://berlin/v1", region: eu, labels: [gpu]}
  leipzig: {base_url: "http://leipzig/v1", region: eu, labels: [gpu]}
  harbin: {base_url: "http://harbin/v1", region: cn, labels: [gpu]}
  cloud: {base_url: "https://cloud/v1", region: eu, external: true}
  next: {base_url: "http://next/v1", region: cn}
  later: {base_url: "http://later/v1", region: eu, labels: [gpu]}
models:
  chat:
    deployments: [[berlin, leipzig], harbin, cloud]
    routing:
      weights: {berlin: 3}
      canary: {deployment: next, percent: 5}
      shadow: {deployment: later, percent: 10}
      retries: 1
      hedge_after_s: 1.5
      queue_s: 0
tenants:
  bank:
    models: [chat]
    principals:
      app: {}
      careful: {route: {regions: [eu], priority: low}}
    rules:
      ids: {when: findings.PERSON > 0, demand: {route: {labels: [gpu]}}}
      many: {when: findings.PERSON > 9, demand: {route: {regions: [cn]}}}
"""
OUTSIDE = POLICY.replace("    models: [chat]\n", "    models: [chat]\n    route: {external: true, priority: high}\n")


def decided(policy: CompiledPolicy, who: str = "app", persons: int = 0) -> Decision:
    facts = Facts(model="chat", surface=Surface.CHAT, stream=False)
    decision = decide(policy, Principal(tenant="bank", id=who), facts)
    assert decision.review is not None
    return decision.review({"PERSON": persons})


def routing(policy: CompiledPolicy, who: str = "app", persons: int = 0) -> RouteTerms:
    own = decided(policy, who, persons).obligations
    assert own is not None
    return own.routing


def tiers(terms: RouteTerms) -> list[list[str]]:
    return [[one.id for one in tier] for tier in terms.tiers]


def test_all_that_can_be_said(compiled: Compile) -> None:
    terms = routing(compiled(POLICY))
    assert tiers(terms) == [["berlin", "leipzig"], ["harbin"]]
    assert terms.canary is not None
    assert (terms.canary.deployment.id, terms.canary.percent) == ("next", 5)
    assert terms.shadow is not None
    assert (terms.shadow.deployment.id, terms.shadow.percent) == ("later", 10)
    assert [terms.weight(one) for one in terms.tiers[0]] == [3, 1]
    assert (terms.retries, terms.hedge_after_s, terms.queue_s, terms.priority) == (1, 1.5, 0, 0)


def test_a_flat_list_is_a_tier_for_each(compiled: Compile) -> None:
    terms = routing(compiled(POLICY.replace("[[berlin, leipzig], harbin, cloud]", "[berlin, leipzig]")))
    assert tiers(terms) == [["berlin"], ["leipzig"]]
    assert (RouteTerms().retries, RouteTerms().queue_s) == (2, 10)


def test_a_canary_is_the_last_of_those_who_may_answer_and_a_shadow_is_none(compiled: Compile) -> None:
    own = decided(compiled(POLICY)).obligations
    assert own is not None
    assert [one.id for one in own.deployments] == ["berlin", "leipzig", "harbin", "next"]
    words = obligations_in_words(own)
    assert "route berlin or leipzig or harbin or next" in words
    assert {"canary next 5%", "shadow later 10%"} <= set(words)


@pytest.mark.parametrize(
    ("who", "persons", "served", "canary", "shadow", "left_out"),
    [
        ("careful", 0, [["berlin", "leipzig"]], None, "later", ("canary next",)),
        ("app", 1, [["berlin", "leipzig"], ["harbin"]], None, "later", ("canary next",)),
        ("app", 10, [["harbin"]], None, None, ("canary next", "shadow later")),
    ],
)
def test_canary_and_shadow_stand_under_the_same_demands(
    compiled: Compile,
    who: str,
    persons: int,
    served: list[list[str]],
    canary: str | None,
    shadow: str | None,
    left_out: tuple[str, ...],
) -> None:
    terms = routing(compiled(POLICY), who, persons)
    assert tiers(terms) == served
    assert (terms.canary and terms.canary.deployment.id, terms.shadow and terms.shadow.deployment.id) == (canary, shadow)
    assert terms.left_out == left_out
    own = decided(compiled(POLICY), who, persons).obligations
    assert own is not None
    assert {f"without {one}" for one in left_out} <= set(obligations_in_words(own))


def test_a_canary_never_stands_alone(compiled: Compile) -> None:
    only_next = POLICY.replace("labels: [gpu]}}}", "regions: [xx]}}}").replace('next/v1", region: cn', 'next/v1", region: xx')
    decision = decided(compiled(only_next), persons=1)
    assert (decision.allow, decision.rule) == (False, "route")


def test_nothing_leaves_the_premises_unless_somebody_says_so(compiled: Compile) -> None:
    terms = routing(compiled(OUTSIDE))
    assert tiers(terms) == [["berlin", "leipzig"], ["harbin"], ["cloud"]]
    own = decided(compiled(OUTSIDE)).obligations
    assert own is not None
    assert "route berlin or leipzig or harbin or cloud (external) or next" in obligations_in_words(own)
    assert tiers(routing(compiled(OUTSIDE.replace("app: {}", "app: {route: {external: false}}")))) == [
        ["berlin", "leipzig"],
        ["harbin"],
    ]
    ruled = OUTSIDE.replace("demand: {route: {labels: [gpu]}}", "demand: {route: {external: false}}")
    assert tiers(routing(compiled(ruled), persons=1)) == [["berlin", "leipzig"], ["harbin"]]


@pytest.mark.parametrize("share", ["canary", "shadow"])
def test_a_share_that_is_external_is_left_out_too(compiled: Compile, share: str) -> None:
    text = POLICY.replace(", cloud]", "]").replace(
        "canary: {deployment: next" if share == "canary" else "shadow: {deployment: later", f"{share}: {{deployment: cloud"
    )
    assert f"{share} cloud" in routing(compiled(text)).left_out
    outside = text.replace("    models: [chat]\n", "    models: [chat]\n    route: {external: true}\n")
    assert routing(compiled(outside)).left_out == ()


def test_a_denial_says_that_the_premises_are_the_reason(refuse: Refuse, compiled: Compile) -> None:
    only = POLICY.replace("[[berlin, leipzig], harbin, cloud]", "[cloud]").replace("      weights: {berlin: 3}\n", "")
    problem = refuse(only)[0]
    assert problem.message == "no deployment of model 'chat' meets: on the premises"
    outside = only.replace("    models: [chat]\n", "    models: [chat]\n    route: {external: true}\n")
    ruled = outside.replace("demand: {route: {labels: [gpu]}}", "demand: {route: {external: false}}")
    assert decided(compiled(ruled), persons=1).reason.endswith("what is demanded of it: on the premises")


def test_priorities(compiled: Compile) -> None:
    policy = compiled(OUTSIDE)
    assert (routing(policy).priority, routing(policy, "careful").priority) == (1, -1)


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("harbin, cloud]", "harbin, nowhere]", "nowhere]", "unknown deployment 'nowhere'"),
        ("[berlin, leipzig]", "[berlin, leipsig]", "leipsig]", "unknown deployment 'leipsig'"),
        ("harbin, cloud]", "harbin, berlin]", "berlin]", "deployment 'berlin' stands here twice"),
        ("weights: {berlin: 3}", "weights: {later: 3}", "later: 3", "a weight for 'later', which does not serve this model"),
        ("weights: {berlin: 3}", "weights: {berlin: 0}", "0}", "out of range"),
        ("weights: {berlin: 3}", "weights: {berlin: heavy}", "heavy}", "not a number"),
        ("{deployment: next,", "{deployment: harbin,", "harbin,", "this canary serves the model anyway"),
        ("{deployment: next,", "{deployment: none,", "none,", "unknown deployment 'none'"),
        ("{deployment: later,", "{deployment: next,", "next,", "one deployment as canary and as shadow"),
        ("percent: 5}", "percent: 101}", "101}", "out of range"),
        ("percent: 10}", "percent: -1}", "-1}", "out of range"),
        ("retries: 1", "retries: 11", "11", "out of range"),
        ("queue_s: 0", "queue_s: 3601", "3601", "out of range"),
        ("[berlin, leipzig], harbin", "[], harbin", "[],", "an empty list"),
        ("retries: 1", "tries: 1", "tries", "unknown field 'tries'"),
        ("careful: {route: {", "careful: {route: {external: true, ", "true,", "leaves the premises although"),
        ("priority: low", "priority: high", "{regions", "goes before what the level around it may"),
        ("{route: {labels: [gpu]}}", "{route: {external: true}}", "true}", "a rule cannot let anything out"),
        ("{route: {labels: [gpu]}}", "{route: {priority: low}}", "low}", "a rule has no priority"),
    ],
)
def test_what_cannot_be_is_told_with_its_place(refuse: Refuse, old: str, new: str, at: str, message: str) -> None:
    assert POLICY.count(old) == 1
    text = POLICY.replace(old, new)
    problem = refuse(text)[0]
    assert problem.message.startswith(message)
    where = text.splitlines()[problem.line - 1][problem.column - 1 :]
    assert where.startswith(at) or message.startswith("goes before")


def test_an_organisation_may_let_out_what_a_tenant_takes_back(load: Load, refuse: Refuse) -> None:
    text = POLICY.replace("tenants:\n", "organisation: {route: {external: false}}\ntenants:\n")
    load(text)
    assert refuse(OUTSIDE.replace("tenants:\n", "organisation: {route: {external: false}}\ntenants:\n"))[0].message == (
        "leaves the premises although the level around it does not"
    )


def test_whether_anything_is_demanded_of_the_way(compiled: Compile) -> None:
    """Levels and rules count alike; that nothing leaves the premises is demanded of everybody."""
    policy = compiled(POLICY)
    assert [routing(policy, who, persons).demanded for who, persons in (("app", 0), ("app", 1), ("careful", 0))] == [
        False,
        True,
        True,
    ]
    assert not routing(compiled(OUTSIDE)).demanded
