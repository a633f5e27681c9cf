"""Why an exchange was treated as it was: all that the record says, nothing that it does not, and a proof that holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, text
from typer.testing import CliRunner, Result

from gateway.assurance.evidence.case import Case, Proof, read_case
from gateway.assurance.evidence.document import Document, Kind, Table
from gateway.assurance.evidence.explanation import explanation, without_caller
from gateway.assurance.evidence.rendering import markdown
from gateway.audit.act import Action, ActOutcome, entry_of_act, new_act
from gateway.audit.checkpointer import sign as signed
from gateway.audit.enter import entered
from gateway.audit.entry_table import EntryTable
from gateway.audit.event import Asked, ExchangeRecord, Outcome, Verdict
from gateway.audit.log import Entry, Phase
from gateway.audit.verify import NotVerified
from gateway.cli.assurance.output import Tongue, catalogue
from gateway.cli.commands import cli
from gateway.exchange import Attempt, CacheState, ContentScores, Relayed, Served
from gateway.exchange.content import Hit
from gateway.obligations import OperatorKind
from gateway.store.tables.content import KEPT
from tests.assurance.evidence.drawn_from import SIGNED, exchange, found, keys
from tests.assurance.kept import ANNA, House
from tests.store.databases import sqlite_at

PROOF = Proof(leaves=(3, 4), signed=SIGNED, waiting=False)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with closing(sqlite_at(tmp_path / "audit.sqlite")) as database:
        house = House(database, tmp_path)
        house.keep("call_1", "<PERSON_1> asks", {"<PERSON_1>": ANNA})
        house.keep("call_2")
        yield house


def sign(house: House) -> None:
    with closing(EntryTable(house.database)) as table:
        signed(table, house.signing)


def told(**facts: Any) -> Document:
    record = exchange(**facts)
    return explanation(Case(record=record, acts=(), erasures=(), still_kept=frozenset(), proof=PROOF), names=False)


def tables(document: Document) -> dict[str, Table]:
    blocks = [block for chapter in document.chapters for block in chapter.blocks]
    return {block.key: block for block in blocks if isinstance(block, Table)}


def test_every_part_of_the_record_is_told_in_both_languages() -> None:
    full = told(
        roles=("clerk",),
        decision=Verdict(
            allow=True,
            rule="tenants.bank.models",
            reason="the list names it",
            policy_version="0123456789ab",
            rules=("tenants.bank.rules.health",),
            obligations=("request *=placeholder", "reply restored", "retention 7 days"),
        ),
        findings=(found("PERSON", OperatorKind.PLACEHOLDER, 2), found("SECRET", OperatorKind.BLOCK, 1)),
        content_scores=(
            ContentScores(weights="42275128f71b", scores={"health": 0.97, "legal": 0.01}),
            ContentScores(weights="0a1b2c3d4e5f", scores={"health": 0.5}, decides=False),
        ),
        deployment="gpu",
        route_reason="the first of its tier",
        attempts=(Attempt(deployment="old", result="upstream_timeout", started_ms=0, ended_ms=1),) * 2,
        served=Served(external=True),
        cache=CacheState.HIT,
        cached_from="call_0",
        grounding=(Hit(number=1, collection="contracts"),),
        relayed=Relayed(degree=1, modulus_bits=1, model=""),
        content={"request/0": "ab"},
        content_missing="the disk was full",
    )
    told_keys = set(keys(full))
    assert {"decision.allowed", "why.reply_restored", "why.scores.aside", "why.cached_from", "why.grounded"} <= told_keys
    assert {"relayed.about", "why.content_missing", "why.gone", "why.proved"} <= told_keys
    assert tables(full)["why.obligations"].rows == (("request *=placeholder",), ("retention 7 days",))
    assert [row[3] for row in tables(full)["why.findings"].rows] == [2, 1]
    for tongue, words in ((Tongue.ENGLISH, "placeholder | 2 |"), (Tongue.CHINESE, "占位符 | 2 |")):
        page = markdown(full, catalogue(tongue))
        assert words in page
        assert "health 0.97" not in page
        assert "app" not in page.split()


def test_a_caller_is_not_named_by_rules_and_reasons_either() -> None:
    verdict = Verdict(
        allow=True,
        rule="tenants.bank.principals.app.models",
        reason="model m is listed for bank/app, not for bank/app2",
        policy_version="0123456789ab",
        rules=("tenants.bank.principals.app.rules.late",),
        obligations=("limit tenants.bank.principals.app 60 requests/60s",),
    )
    hidden = without_caller(exchange(decision=verdict, route_reason="as bank/app has it"))
    assert hidden.decision is not None
    assert hidden.decision.rule == "tenants.bank.principals.–.models"
    assert hidden.decision.reason == "model m is listed for bank/–, not for bank/app2"
    assert hidden.decision.rules == ("tenants.bank.principals.–.rules.late",)
    assert hidden.decision.obligations == ("limit tenants.bank.principals.– 60 requests/60s",)
    assert hidden.route_reason == "as bank/– has it"
    quoted = without_caller(exchange(principal="a.b", decision=replace(verdict, rule='tenants.bank.principals."a.b".models')))
    assert quoted.decision is not None
    assert quoted.decision.rule == "tenants.bank.principals.–.models"
    assert without_caller(exchange(decision=None)).decision is None


def test_an_early_end_is_told_as_such() -> None:
    early = told(decision=None, asked=None, findings=(), outcome=Outcome.DENIED, error_code="unauthenticated", status=401)
    assert {"decision.none", "why.not_looked", "why.no_route", "why.not_judged", "why.nothing_kept"} <= set(keys(early))
    looked = told(findings=(), asked=Asked(model="m", found={}))
    assert "why.nothing_found" in keys(looked)
    assert "why.no_purpose" in keys(looked, Kind.GAP)


def test_the_proof_is_checked_where_there_is_one(house: House) -> None:
    waiting = read_case(house.database, "call_1")
    assert waiting is not None
    assert (waiting.proof.waiting, waiting.proof.signed) == (True, None)
    assert "why.not_proved" in keys(explanation(waiting, names=False), Kind.GAP)
    sign(house)
    proved = read_case(house.database, "call_1")
    assert proved is not None
    assert proved.proof.leaves == (0,)
    assert not proved.proof.waiting
    assert "why.proved" in keys(explanation(proved, names=False))
    with house.database.writing() as connection:
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        for name in names:
            connection.execute(text(f'DROP TRIGGER "{name}"'))
        connection.execute(text("UPDATE entries SET body = replace(body, 'app', 'eve') WHERE call_id = 'call_1'"))
    with pytest.raises(NotVerified, match="call_1"):
        read_case(house.database, "call_1")
    assert read_case(house.database, "nothing") is None


def test_acts_upon_it_and_erasures_are_told(house: House) -> None:
    for action, target, tenant in (
        (Action.BREAK_GLASS_SHOW, "call_1", "bank"),
        (Action.EXPLORER_VIEW, "call_11", "bank"),
        (Action.SUBJECT_ERASE, "tag:1", "bank"),
        (Action.SUBJECT_ERASE, "tag:2", "shop"),
    ):
        with entered(house.database, new_act(action, actor="olga", target=target, tenant=tenant)):
            pass
    case = read_case(house.database, "call_1")
    assert case is not None
    assert [act.action for act in case.acts] == [Action.BREAK_GLASS_SHOW]
    assert [act.tenant for act in case.erasures] == ["bank"]
    assert case.still_kept == {"request", "reply", "marks", "original"} & case.still_kept
    named, unnamed = explanation(case, names=True), explanation(case, names=False)
    assert tables(named)["why.acts"].rows[0][-1] == "olga"
    assert "actor" not in tables(unnamed)["why.acts"].columns
    assert "why.caller" in keys(named)
    assert "why.caller" not in keys(unnamed)


def test_what_is_gone_is_told_as_gone(house: House) -> None:
    record = exchange(call_id="call_9", opened_at="2026-01-01T00:00:00.000Z", content={"request/0": "ab", "reply/0": "cd"})
    gone = Case(record=record, acts=(), erasures=(), still_kept=frozenset({"request"}), proof=PROOF)
    assert "why.gone" in keys(explanation(gone, names=False))
    whole = Case(record=record, acts=(), erasures=(), still_kept=frozenset({"request", "reply"}), proof=PROOF)
    assert "why.still_there" in keys(explanation(whole, names=False))
    with house.database.writing() as connection:
        connection.execute(delete(KEPT).where(KEPT.c.call_id == "call_1"))
    case = read_case(house.database, "call_1")
    assert case is not None
    assert case.still_kept == frozenset()


def test_what_is_gone_and_nobody_erased_is_told_as_such(house: House) -> None:
    with house.database.writing() as connection:
        connection.execute(delete(KEPT).where(KEPT.c.call_id == "call_1", KEPT.c.part == "reply"))

    def said() -> set[str]:
        case = read_case(house.database, "call_1")
        assert case is not None
        return set(keys(explanation(case, names=False), Kind.GAP))

    assert "why.gone_unaccounted" in said()
    cut_short = new_act(Action.SUBJECT_ERASE, tenant="bank")
    with closing(EntryTable(house.database)) as table:
        table.write([entry_of_act(cut_short)])
    assert "why.gone_unaccounted" not in said()


def test_content_that_was_put_in_the_place_of_other_content_is_not_verified(house: House) -> None:
    """Its own keys open it, and the entry and its proof are as they were."""
    house.keep("call_9", "<PERSON_1> said nothing of it", {"<PERSON_1>": ANNA}, digests={"request/0": "ab" * 32})
    with pytest.raises(NotVerified, match=r"request/0.* of call call_9"):
        read_case(house.database, "call_9")


def test_of_retention_the_first_run_after_the_time_is_told(house: House) -> None:
    verdict = Verdict(allow=True, rule="r", reason="r", policy_version="0123456789ab", obligations=("retention 7 days",))
    ended = ["2026-08-05T00:00:00.000Z", "2026-08-09T11:00:00.000Z", "2026-08-09T12:00:00.000Z"]
    entries = [
        Entry(call_id=one.call_id, phase=Phase.COMPLETED, at=one.opened_at, body=one.to_json())
        for one in [exchange("call_9", decision=verdict), exchange("call_10")]
    ]
    for number, at in enumerate(ended):
        act = replace(new_act(Action.RETENTION_RUN), act_id=f"act_{number}", at=at, outcome=ActOutcome.DONE)
        entries.append(replace(entry_of_act(act), at=at))
    with closing(EntryTable(house.database)) as table:
        table.write(entries)
    first, endless = read_case(house.database, "call_9"), read_case(house.database, "call_10")
    assert first is not None
    assert endless is not None
    assert [act.act_id for act in first.erasures] == ["act_1"]
    assert endless.erasures == ()


def run(house: House, *words: str) -> Result:
    return CliRunner().invoke(cli, ["assurance", *words, "--state-dir", str(house.folder)])


def test_the_command_says_it_and_knows_what_it_does_not_have(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATEWAY_DATABASE_URL", raising=False)
    sign(house)
    said = run(house, "explain", "call_1", "--json")
    assert said.exit_code == 0, said.output
    assert json.loads(said.stdout)["document"] == "why.title"
    assert ANNA not in said.stdout
    assert "已在此验证" in run(house, "explain", "call_1", "--language", "zh", "--names").stdout
    missing = run(house, "explain", "nothing")
    assert (missing.exit_code, "no such exchange" in missing.stderr) == (1, True)


def test_counts_come_from_the_record(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATEWAY_DATABASE_URL", raising=False)
    sign(house)
    policy = Path(__file__).parents[3] / "policies" / "example.yaml"
    words = ("--policy", str(policy), "--since", "2025-12-01", "--tenant", "bank", "--json")
    said = run(house, "register", *words)
    assert said.exit_code == 0, said.output
    document = json.loads(said.stdout)
    assert {line["key"]: line["values"] for line in document["basis"]}["basis.signed"]["size"] == 2
    rows = [block for chapter in document["chapters"] for block in chapter["blocks"]]
    (counts,) = [block["rows"] for block in rows if block["key"] == "counts.exchanges"]
    assert [(row["tenant"], row["exchanges"]) for row in counts] == [("bank", 2)]
    unknown = run(house, "register", "--policy", str(policy), "--tenant", "typo")
    assert (unknown.exit_code, "no such tenant" in unknown.stderr) == (1, True)


def test_an_entry_of_another_version_ends_the_command(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATEWAY_DATABASE_URL", raising=False)
    monkeypatch.setattr(ExchangeRecord, "from_json", lambda _: (_ for _ in ()).throw(ValueError))
    policy = Path(__file__).parents[3] / "policies" / "example.yaml"
    refused = run(house, "register", "--policy", str(policy), "--since", "2025-12-01")
    assert (refused.exit_code, "cannot read" in refused.stderr) == (1, True)
