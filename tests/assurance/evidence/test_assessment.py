"""Risks: each rule fires where it should, not where it should not, and names its line and what would mend it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.assurance.evidence.assessment import assessment, risks
from gateway.assurance.evidence.document import Kind, Listed, Origin
from gateway.assurance.evidence.rendering import sentence
from gateway.assurance.evidence.risk import Risk
from gateway.cli.assurance.output import Tongue, catalogue
from gateway.dp.budget import Budget, Unit
from tests.assurance.evidence.drawn_from import CAREFUL, drawn, exchange, keys, lines, with_tenant

FHE = {
    "protocol": "fhe",
    "base_url": "fhes://he.example:9000",
    "client_file": "client.bin",
    "sidecars": True,
    "region": "eu",
}
BUDGET = Budget(
    tenant="bank",
    data_set="usage",
    since="2026-01-01",
    until="2026-02-01",
    unit=Unit.SUBJECT,
    contributions=5,
    epsilon=12.0,
    delta=1e-6,
    salt=b"salt",
)


def _with(**parts: Any) -> dict[str, Any]:
    return {**CAREFUL, **parts}


WORDS = [catalogue(tongue) for tongue in Tongue]
CASES: dict[str, dict[str, Any]] = {
    "no_purpose": with_tenant(purposes=None),
    "keeps_unnamed": with_tenant(entities={"default": "keep", "CN_ID": "drop"}),
    "keeps_sensitive": with_tenant(entities={"CREDIT_CARD": "keep"}),
    "uninspected": with_tenant(allow_uninspected=["image"]),
    "no_retention": with_tenant(record={"content": "redacted"}),
    "originals": with_tenant(record={"content": "redacted", "originals": "sealed", "retention_days": 7}),
    "clear_on_record": with_tenant(entities={"NRP": "keep"}, record={"content": "redacted", "retention_days": 7}),
    "replies_not_screened": with_tenant(reply=None),
    "shared_cache": with_tenant(cache="tenant"),
    "semantic_cache": with_tenant(cache={"share": "principal", "semantic": True}),
    "vault": with_tenant(pseudonyms={"scope": "principal"}),
    "items": with_tenant(reply={"entities": {"default": "mask"}, "store": "12h"}),
    "no_limits": with_tenant(limits=None),
    "limits_apart": with_tenant(limits={"requests": "60/minute", "when_unavailable": "count_locally"}),
    "documents": with_tenant(knowledge={"collections": ["*"]}),
    "not_judged": with_tenant(rules=None),
    "allowed_values": with_tenant(detection={"allow": ["Example Bank"]}),
    "open": with_tenant(open=True),
    "anonymous": _with(anonymous="bank/app"),
    "clear_line": _with(deployments={"gpu": {"base_url": "http://gpu.example/v1", "region": "eu"}}),
    "external": {
        **with_tenant(route={"external": True}),
        "deployments": {"gpu": {**CAREFUL["deployments"]["gpu"], "external": True}},
    },
    "unread": _with(deployments={"gpu": FHE}),
    "shadow": _with(
        deployments={**CAREFUL["deployments"], "two": CAREFUL["deployments"]["gpu"]},
        models={"m": {"deployments": ["gpu"], "routing": {"shadow": {"deployment": "two", "percent": 5.0}}}},
    ),
    "one_officer": {
        **with_tenant(record={"content": "redacted", "originals": "sealed", "retention_days": 7}),
        "identity": {"people": {"olga": {"roles": ["privacy_officer"]}}},
    },
    "both_roles": _with(identity={"people": {"olga": {"roles": ["privacy_officer", "operator"]}}}),
    "consent_not_asked": _with(purposes={"support": {"basis": "consent", "consent": "none", "description": "Letters"}}),
}
"""By the name of the risk, a policy that has it."""


def _names(found: list[Risk]) -> set[str]:
    return {one.key.removeprefix("risk.") for one in found}


def test_a_careful_policy_leaves_only_what_recognizers_miss(tmp_path: Path) -> None:
    assert _names(list(risks(drawn(tmp_path), [BUDGET.__class__(**{**_fields(BUDGET), "epsilon": 1.0})]))) == {"missed"}


def _fields(budget: Budget) -> dict[str, Any]:
    return {name: getattr(budget, name) for name in budget.__dataclass_fields__}


@pytest.mark.parametrize("name", CASES)
def test_each_risk_is_found_with_its_line(name: str, tmp_path: Path) -> None:
    found = list(risks(drawn(tmp_path, CASES[name])))
    (risk,) = [one for one in found if one.key == f"risk.{name}"]
    beside = {"originals": {"one_officer"}, "one_officer": {"originals"}, "clear_on_record": {"keeps_sensitive"}}
    beside |= {"keeps_unnamed": {"keeps_sensitive"}, "keeps_sensitive": set()}
    assert _names(found) - {"missed", name} <= beside.get(name, set())
    unsaid = {"no_purpose", "replies_not_screened", "no_limits", "not_judged"}
    assert (risk.source.origin is Origin.BUILT_IN) == (name in unsaid)
    if name not in unsaid:
        assert risk.source.line is not None
    for t in WORDS:
        assert all(sentence(line, t) for line in risk.lines())


def test_where_a_team_is_narrower_is_told(tmp_path: Path) -> None:
    teams = {"desk": {"cache": "none", "principals": {"clerk": {}}}}
    (risk,) = [
        one for one in risks(drawn(tmp_path, with_tenant(cache="tenant", teams=teams))) if one.key == "risk.shared_cache"
    ]
    assert risk.not_for == ("tenants.bank.teams.desk", "tenants.bank.teams.desk.principals.clerk")
    told = [(line.kind, line.values.get("places")) for line in risk.lines() if line.key == "risk.not_for"]
    assert told == [(Kind.EXCEPTION, Listed(risk.not_for))]


def test_a_large_budget_of_privacy_is_a_risk(tmp_path: Path) -> None:
    (risk,) = [one for one in risks(drawn(tmp_path), [BUDGET]) if one.key == "risk.large_budget"]
    assert (risk.values["data_set"], risk.source.origin) == ("usage", Origin.RECORD)


def test_the_annex_leaves_judgement_to_people(tmp_path: Path) -> None:
    stays_open = with_tenant(limits={"requests": "60/minute"})
    document = assessment(
        drawn(tmp_path, {**stays_open, "purposes": {"support": {"basis": "legitimate_interests"}}}, [exchange()])
    )
    assert "assessment.necessity.interests" in keys(document, Kind.FIELD)
    assert "assessment.when_unavailable" in keys(document, Kind.GAP)
    assert len([key for key in keys(document, Kind.FIELD) if key.startswith("assessment.question")]) == 9
    assert len(lines(document, Kind.RISK)) == 1
    unused = assessment(drawn(tmp_path, records=[]))
    assert "assessment.necessity.unused" in keys(unused, Kind.GAP)


@pytest.mark.parametrize("kept", [{}, {"DATE_TIME": "keep"}])
def test_an_empty_list_is_a_sentence_and_no_dash(kept: dict[str, str], tmp_path: Path) -> None:
    """What reaches models as it is, and whose tokens are accepted: where there is none, both languages say so."""
    entities = {"default": "placeholder", **kept}
    document = assessment(drawn(tmp_path, with_tenant(entities=entities)))
    told = {line.key: line for line in lines(document)}
    assert ("assessment.necessity.kept" in told) == bool(kept)
    assert ("assessment.necessity.none_kept" in told) != bool(kept)
    assert "measures.access" not in told
    english, chinese = ([sentence(line, words) for line in told.values()] for words in WORDS)
    assert any("None reaches a model as it is." in text for text in english) != bool(kept)
    assert not any(text.rstrip(".。").endswith(": –") or "：–" in text for text in (*english, *chinese))
