"""Exchanges that one policy decided and a real log kept, under another policy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.event import Asked, ExchangeRecord, Outcome, Verdict
from gateway.audit.reader import read_since
from gateway.exchange import Shadowed
from gateway.policy.compile import CompiledPolicy
from gateway.policy.replay import Change, Replayed, recorded, replayed
from gateway.policy.replay_sums import Sums
from gateway.policy.unread import decide_unread
from gateway.protocol.facts import Facts
from gateway.protocol.wire import Surface
from tests.store.databases import sqlite_at
from tests.support.policy_files import Compile
from tests.support.policy_suites import POLICY
from tests.support.recorded_calls import Call, fill, record_call

LONG_AGO = "2000-01-01T00:00:00.000Z"


def facts(**more: Any) -> Facts:
    return Facts(**{"model": "small", "surface": Surface.CHAT, "purpose": "support", **more})


def call(name: str = "c-1", who: str = "demo/app", findings: dict[str, int] | None = None, **more: Any) -> Call:
    team = more.pop("team", None)
    return Call(id=name, who=who, facts=facts(**more), findings={} if findings is None else findings, team=team)


async def through(path: Path, old: CompiledPolicy, new: CompiledPolicy, *calls: Call) -> list[Replayed | None]:
    """By way of the file, oldest first."""
    await fill(path, *(record_call(old, one) for one in calls))
    return [replayed(row.record, new) for row in reversed(list(read_since(sqlite_at(path), LONG_AGO)))]


@pytest.fixture
def audit(tmp_path: Path) -> Path:
    return tmp_path / "audit.sqlite"


CALLS = [
    call("plain"),
    call("streamed", stream=True, tools=2, bytes=400, messages=3, max_tokens=9),
    call("people", findings={"PERSON": 3}),
    call("crowd", findings={"PERSON": 4}),
    call("card", findings={"CREDIT_CARD": 1}),
    call("secret", findings={"SECRET": 1, "PERSON": 1}),
    call("letter", purpose="letters", consent="c-7"),
    call("no-consent", purpose="letters"),
    call("no-purpose", purpose=None),
    call("guest", who="demo/guest", team="desk"),
]


async def test_nothing_changes_under_the_policy_that_decided(audit: Path, compiled: Compile) -> None:
    policy = compiled(POLICY)
    told = await through(audit, policy, policy, *CALLS)
    assert [(one.record.call_id, one.change) for one in told if one is not None] == [(one.id, Change.SAME) for one in CALLS]


async def test_what_was_asked_comes_back_from_the_record(audit: Path, compiled: Compile) -> None:
    asked = call("x", stream=True, tools=2, bytes=400, messages=3, max_tokens=9, purpose="letters", consent="c-7")
    record = record_call(compiled(POLICY), asked)
    again = recorded(ExchangeRecord.from_json(record.to_json()))
    assert again is not None
    assert (again.facts, again.findings, again.principal.id) == (asked.facts, {}, "app")


@pytest.mark.parametrize(
    ("old", "new", "findings", "change", "was", "becomes"),
    [
        ("findings.PERSON > 3", "findings.PERSON > 2", {"PERSON": 3}, "decision", "allow tenants.demo.models", "deny tenants.demo.rules.crowds"),
        ("findings.PERSON > 3", "findings.PERSON > 9", {"PERSON": 4}, "decision", "deny tenants.demo.rules.crowds", "allow tenants.demo.models"),
        ("SECRET: block", "SECRET: drop", {"SECRET": 1}, "decision", "block SECRET", "allow tenants.demo.models"),
        ("CREDIT_CARD: mask", "CREDIT_CARD: block", {"CREDIT_CARD": 1}, "decision", "allow tenants.demo.models", "block CREDIT_CARD"),
        ("      crowds", "      many", {"PERSON": 4}, "rule", "deny tenants.demo.rules.crowds", "deny tenants.demo.rules.many"),
    ],
)  # fmt: skip
def test_decisions_flip(
    compiled: Compile, old: str, new: str, findings: dict[str, int], change: str, was: str, becomes: str
) -> None:
    told = replayed(record_call(compiled(POLICY), call(findings=findings)), compiled(POLICY.replace(old, new)))
    assert told is not None
    assert (told.change, told.old, told.new) == (change, was, becomes)


def test_obligations_flip_in_words(compiled: Compile) -> None:
    changed = POLICY.replace("retention_days: 30", "retention_days: 7").replace("restore: true", "restore: false")
    told = replayed(record_call(compiled(POLICY), call()), compiled(changed))
    assert told is not None
    assert told.change is Change.OBLIGATIONS
    assert told.added == ("reply not restored", "retention 7 days")
    assert told.removed == ("reply restored", "retention 30 days")


def test_a_caller_without_a_place_is_named(compiled: Compile) -> None:
    told = replayed(record_call(compiled(POLICY), call()), compiled(POLICY.replace("app: {}", "other: {}")))
    assert told is not None
    assert (told.unplaced, told.change, told.new) == (True, Change.DECISION, "deny default-deny")


class TestWhatTheRecordDoesNotHold:
    def test_a_model_that_was_to_help_and_that_no_policy_knew(self, compiled: Compile) -> None:
        policy = compiled(POLICY)
        told = replayed(record_call(policy, call(helpers=("my own",))), policy)
        assert told is not None
        assert (told.change, told.old) == (Change.UNKNOWN, "deny default-deny")
        known = replayed(record_call(policy, call(helpers=(call().facts.model,))), policy)
        assert known is not None
        assert (known.change, known.new) == (Change.SAME, "allow tenants.demo.models")

    def test_findings_where_nobody_looked(self, compiled: Compile) -> None:
        """Denied at once for want of a purpose; the new policy would look, and might find a crowd."""
        record = record_call(compiled(POLICY), call(purpose=None))
        lax = compiled(POLICY.replace("purposes: [support, letters]\n", "purposes: [support]\n"))
        told = replayed(record, lax)
        assert told is not None
        assert told.change is Change.UNKNOWN
        assert "findings" in told.new

    def test_findings_do_not_matter_where_no_rule_asks_for_them(self, compiled: Compile) -> None:
        plain = POLICY[: POLICY.index("    rules:")] + POLICY[POLICY.index("    principals:") :]
        plain = plain.replace(", SECRET: block", "").replace("purposes: [support, letters]\n", "purposes: [support]\n")
        told = replayed(record_call(compiled(POLICY), call(purpose=None)), compiled(plain))
        assert told is not None
        assert (told.change, told.new) == (Change.DECISION, "allow tenants.demo.models")

    def test_findings_where_everything_was_kept(self, compiled: Compile) -> None:
        """Nothing was counted because nobody looked; that is no proof that nothing was there."""
        open_handed = POLICY[: POLICY.index("    rules:")] + POLICY[POLICY.index("    principals:") :]
        open_handed = open_handed.replace("{CREDIT_CARD: mask, SECRET: block}", "{default: keep}")
        told = replayed(record_call(compiled(open_handed), call()), compiled(POLICY))
        assert told is not None
        assert told.change is Change.UNKNOWN

    def test_the_name_of_a_model_that_was_unknown(self, compiled: Compile) -> None:
        told = replayed(record_call(compiled(POLICY), call(model="secret-name")), compiled(POLICY))
        assert told is not None
        assert (told.change, told.old) == (Change.UNKNOWN, "deny default-deny")
        assert "model's name" in told.new

    def test_a_consent_that_no_purpose_needed(self, compiled: Compile) -> None:
        strict = compiled(POLICY.replace("support: {basis: contract}", "support: {basis: contract, consent: required}"))
        told = replayed(record_call(compiled(POLICY), call(consent="c-1")), strict)
        assert told is not None
        assert told.change is Change.UNKNOWN
        assert "consent" in told.new

    def test_the_want_of_a_consent_is_known(self, compiled: Compile) -> None:
        eased = compiled(POLICY.replace("letters: {basis: consent}", "letters: {basis: consent, consent: none}"))
        record = record_call(compiled(POLICY), call(purpose="letters"))
        assert recorded(record) is not None
        told = replayed(record, compiled(POLICY))
        assert told is not None
        assert told.change is Change.SAME
        waiting = replayed(record, eased)
        assert waiting is not None
        assert waiting.old == "deny purposes.letters.consent"

    def test_an_exchange_that_policy_never_saw(self, compiled: Compile) -> None:
        record = ExchangeRecord(
            call_id="c", surface=Surface.CHAT, opened_at=LONG_AGO, outcome=Outcome.DENIED, asked=Asked(model="small")
        )
        assert replayed(record, compiled(POLICY)) is None


class TestSums:
    def test_groups_by_tenant_and_rule_with_a_few_calls(self, compiled: Compile) -> None:
        old, new = compiled(POLICY), compiled(POLICY.replace("PERSON > 3", "PERSON > 0").replace("days: 30", "days: 3"))
        sums = Sums()
        for number in range(5):
            sums.add(replayed(record_call(old, call(f"p{number}", findings={"PERSON": 2})), new))
        sums.add(replayed(record_call(old, call("quiet")), new))
        sums.add(None)
        ((tenant, own),) = sums.by_tenant()
        (decided, tally), (demanded, other) = own
        assert tenant == "demo"
        assert (decided.old, decided.new) == ("allow tenants.demo.models", "deny tenants.demo.rules.crowds")
        assert (tally.count, tally.calls) == (5, ["p0", "p1", "p2"])
        assert (demanded.added, demanded.removed, other.count) == (("retention 3 days",), ("retention 30 days",), 1)
        assert sums.as_object()["totals"] == {
            "same": 0,
            "decision": 5,
            "rule": 0,
            "obligations": 1,
            "unknown": 0,
            "never_asked": 1,
        }
        assert sums.flips

    def test_another_rule_and_the_unknown_are_no_flips(self, compiled: Compile) -> None:
        old, new = compiled(POLICY), compiled(POLICY.replace("      crowds", "      many"))
        sums = Sums()
        sums.add(replayed(record_call(old, call(findings={"PERSON": 4})), new))
        sums.add(replayed(record_call(old, call(model="other")), new))
        assert (sums.totals[Change.RULE], sums.totals[Change.UNKNOWN], sums.flips) == (1, 1, False)

    def test_callers_without_a_place_are_counted(self, compiled: Compile) -> None:
        old, new = compiled(POLICY), compiled(POLICY.replace("app: {}", "other: {}"))
        sums = Sums()
        for name in ("a", "b"):
            sums.add(replayed(record_call(old, call(name)), new))
        assert sums.as_object()["no_longer_placed"] == {"demo/app": 2}

    def test_memory_does_not_grow_with_the_log(self, compiled: Compile, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("gateway.policy.replay_sums._MOST_GROUPS", 1)
        old, new = compiled(POLICY), compiled(POLICY.replace("days: 30", "days: 3").replace("PERSON > 3", "PERSON > 0"))
        sums = Sums()
        for findings in ({}, {"PERSON": 1}, {}, {"PERSON": 2}):
            sums.add(replayed(record_call(old, call(findings=findings)), new))
        assert (len(sums.groups), sums.not_grouped) == (1, 2)
        assert sums.totals.total() == 4


def test_a_copy_is_nothing_that_policy_was_asked() -> None:
    asked = Asked(model="small")
    told = Verdict(allow=True, rule="r", reason="", policy_version="1")
    record = ExchangeRecord(
        call_id="c.shadow",
        surface=Surface.CHAT,
        opened_at=LONG_AGO,
        outcome=Outcome.COMPLETED,
        tenant="demo",
        principal="app",
        asked=asked,
        decision=told,
    )
    assert recorded(record) is not None
    assert recorded(replace(record, shadow=Shadowed(of="c"))) is None


SEALED = """\
version: 1
deployments:
  clear: {base_url: "http://gpu-1:8000/v1"}
  sealed: {protocol: fhe, base_url: "fhes://sealed:8790", client_file: client.gguf, sidecars: true}
models: {assistant: {deployments: [clear, sealed]}}
tenants:
  clinic:
    models: [assistant]
    principals: {ward: {}}
"""


@pytest.mark.parametrize(
    ("more", "change", "new"),
    [
        ("", Change.SAME, "allow tenants.clinic.models"),
        ("    record: {content: redacted}\n", Change.DECISION, "deny record.content"),
        ("    entities: {EMAIL_ADDRESS: block}\n", Change.OBLIGATIONS, "allow tenants.clinic.models"),
    ],
)
def test_what_only_its_caller_could_read_is_judged_as_that(compiled: Compile, more: str, change: Change, new: str) -> None:
    told = replayed(_unread(compiled(SEALED)), compiled(SEALED + more))
    assert told is not None
    assert (told.change, told.new) == (change, new)


def test_what_was_denied_because_nobody_could_read_it_is_no_flip(compiled: Compile) -> None:
    policy = compiled(SEALED + "    record: {content: redacted}\n")
    told = replayed(_unread(policy), policy)
    assert told is not None
    assert (told.change, told.old) == (Change.SAME, "deny record.content")


def _unread(policy: CompiledPolicy) -> ExchangeRecord:
    asked = Call(id="s", who="clinic/ward", facts=Facts(model="assistant", surface=Surface.CHAT, stream=True, max_tokens=5))
    return ExchangeRecord.from_json(record_call(policy, asked, decide=decide_unread).to_json())
