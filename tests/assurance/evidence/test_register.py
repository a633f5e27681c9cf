"""The record of processing activities: each statement with its line, what is missing as a gap, counts out of the record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gateway.assurance.evidence.document import Document, Kind, Listed, Origin, Table, Term
from gateway.assurance.evidence.register import Controller, register
from gateway.audit.event import Asked, Outcome
from gateway.exchange import Served, Shadowed
from gateway.obligations import OperatorKind
from tests.assurance.evidence.drawn_from import CAREFUL, drawn, exchange, found, keys, lines, with_tenant


def table(document: Document, key: str) -> Table:
    return next(
        block for chapter in document.chapters for block in chapter.blocks if isinstance(block, Table) and block.key == key
    )


def test_every_statement_says_where_it_comes_from(tmp_path: Path) -> None:
    document = register(drawn(tmp_path, records=[exchange()]), Controller(name="Example Bank"))
    assert [chapter.key for chapter in document.chapters][:2] == ["register.controller", "register.purposes"]
    assert len(document.chapters) == 8
    facts = [line for line in lines(document, Kind.FACT) if line.key != "basis.no_advice"]
    assert len(facts) > 15
    assert all(line.source is not None for line in facts)
    text = (tmp_path / "policy.yaml").read_text().splitlines()
    placed = [line.source for line in facts if line.source and line.source.line]
    assert len(placed) > 4
    for source in placed:
        assert text[(source.line or 0) - 1].strip().startswith(f"{source.where.rpartition('.')[2]}:")


def test_who_answers_for_it_is_given_or_asked_for(tmp_path: Path) -> None:
    document = register(drawn(tmp_path), Controller(name="Example Bank", officer="Olga"))
    given = {line.key: line.values["given"] for line in lines(document, Kind.FACT) if "given" in line.values}
    assert given == {"register.controller.name": "Example Bank", "register.controller.officer": "Olga"}
    asked = keys(document, Kind.FIELD)
    assert "register.controller.contact.missing" in asked
    assert "register.controller.name.missing" not in asked


def test_purposes_have_their_articles_and_what_is_missing_is_a_gap(tmp_path: Path) -> None:
    policy = {**CAREFUL, "purposes": {"support": {"basis": "legitimate_interests"}, "staff": {"basis": "hr_management"}}}
    document = register(drawn(tmp_path, policy), Controller())
    (row,) = table(document, "register.purposes.table").rows
    assert row[:6] == (
        "support",
        None,
        Term("lawful", "legitimate_interests"),
        Term("article", "Art. 6(1)(f)"),
        None,
        Term("consent", "none"),
    )
    gaps = [(line.key, line.values.get("law")) for line in lines(document, Kind.GAP) if "purposes" in line.key]
    assert gaps == [("register.purposes.no_description", None), ("register.purposes.no_article", Term("law", "PIPL"))]
    bare = {name: part for name, part in with_tenant(purposes=None).items() if name != "purposes"}
    without = register(drawn(tmp_path, bare), Controller())
    assert {"register.purposes.none", "register.purposes.not_asked"} <= set(keys(without, Kind.GAP))


def test_categories_say_as_what_each_type_reaches_a_model(tmp_path: Path) -> None:
    own = [{"entity": "BADGE", "patterns": ["B[0-9]{5}"]}]
    policy = with_tenant(entities={"NRP": "keep", "SECRET": "block"}, detection={"recognizers": own})
    rows = table(register(drawn(tmp_path, policy), Controller()), "register.categories.table").rows
    told = {
        str(category.word): (how.word, types)
        for category, how, types, _ in rows
        if isinstance(category, Term) and isinstance(how, Term)
    }
    assert told["group"] == ("keep", 1)
    assert told["credential"] == ("block", 1)
    assert told["own"] == ("placeholder", 1)
    assert told["identity_number"] == ("placeholder", 1)
    assert told["health"] == ("placeholder", 1)


def test_recipients_are_those_that_can_be_reached(tmp_path: Path) -> None:
    cloud = {"base_url": "http://cloud.example/v1", "external": True}
    shadow = {"deployment": "cloud", "percent": 5.0}
    policy = with_tenant(route={"external": True})
    policy |= {
        "deployments": {**CAREFUL["deployments"], "cloud": cloud, "unused": {"base_url": "http://127.0.0.1:1/v1"}},
        "models": {"m": {"deployments": ["gpu"], "routing": {"shadow": shadow}}},
    }
    document = register(drawn(tmp_path, policy), Controller())
    rows = table(document, "register.recipients.table").rows
    assert [(row[0], row[1], row[3]) for row in rows] == [("cloud", "cloud.example", None), ("gpu", "gpu.example", "eu")]
    assert (rows[0][2], rows[0][5]) == (Term("premises", "external"), Term("line", "none"))
    assert "register.transfers.some" in keys(document)
    assert "register.recipients.no_region" in keys(document, Kind.GAP)
    closed = register(drawn(tmp_path, {**policy, "tenants": CAREFUL["tenants"]}), Controller())
    assert [row[0] for row in table(closed, "register.recipients.table").rows] == ["gpu"]
    assert "register.transfers.none" in keys(closed)


def test_time_limits_are_those_of_policy(tmp_path: Path) -> None:
    kept = with_tenant(
        record={"content": "redacted", "originals": "sealed", "retention_days": 30},
        cache={"share": "tenant", "ttl": "2h"},
        pseudonyms={"scope": "tenant", "ttl": "10d"},
        knowledge={"write": ["*"]},
        reply={"store": "12h"},
    )
    document = register(drawn(tmp_path, kept), Controller())
    told = {line.key.removeprefix("register.time."): line.values for line in lines(document) if "time." in line.key}
    assert told["content"]["days"] == 30
    assert told["cache"]["ttl"] == "2 h"
    assert told["vault"]["ttl"] == "10 d"
    assert told["items"]["ttl"] == "12 h"
    assert {"originals", "documents"} <= told.keys()
    forever = register(drawn(tmp_path, with_tenant(record={"content": "redacted"})), Controller())
    assert "register.time.content_no_end" in keys(forever, Kind.GAP)
    assert "register.time.no_content" in keys(register(drawn(tmp_path), Controller()), Kind.FACT)


def test_counts_are_of_the_record_by_purpose(tmp_path: Path) -> None:
    records = [
        exchange(findings=(found("PERSON", OperatorKind.PLACEHOLDER, 3), found("NRP", OperatorKind.KEEP, 1))),
        exchange("call_2", outcome=Outcome.DENIED, findings=()),
        exchange("call_3", outcome=Outcome.FAILED, asked=Asked(), served=Served(external=True)),
        exchange("call_4", tenant=None),
        exchange("call_5", shadow=Shadowed(of="call_1")),
        exchange("call_6", tenant="gone"),
    ]
    document = register(drawn(tmp_path, records=records), Controller())
    assert table(document, "counts.exchanges").rows == (("bank", "support", 2, 1, 0, 0), ("bank", None, 1, 0, 1, 1))
    types = table(document, "counts.types").rows
    assert [(row[0], row[2], row[4]) for row in types] == [("PERSON", 5, 0), ("NRP", 1, 1)]
    told = {line.key: line for line in lines(document)}
    assert told["counts.aside"].values == {"unknown": 1, "copies": 1}
    assert told["counts.no_purpose"].values["exchanges"] == 1
    assert "counts.strangers" in told
    assert told["basis.signed"].values["root"] == "cm9vdA=="
    assert told["basis.other_versions"].values["others"] == "0123456789ab: 4"
    unsigned = register(drawn(tmp_path, records=[], signed=False), Controller())
    assert "basis.unsigned" in keys(unsigned, Kind.GAP)


def test_what_is_about_one_tenant_names_nobody_of_the_others(tmp_path: Path) -> None:
    people = {"olga": {"roles": ["auditor"], "tenants": ["bank"]}, "onno": {"roles": ["auditor"], "tenants": ["other"]}}
    policy = {**CAREFUL, "tenants": {**CAREFUL["tenants"], "other": {}}, "identity": {"people": people}}
    records = [exchange(), exchange("call_2", tenant="other"), exchange("call_3", tenant="gone")]
    whole = drawn(tmp_path, policy, records)
    bank = replace(whole, tenants=tuple(one for one in whole.tenants if one.name == "bank"))
    for about, names, decided in ((whole, ("olga", "onno"), 3), (bank, ("olga",), 1)):
        document = register(about, Controller())
        told = {line.key: line.values for line in lines(document)}
        assert told["measures.role"]["people"] == Listed(names)
        assert told["measures.access_by_key"]["people"] == len(names)
        assert told["basis.other_versions"]["others"] == f"0123456789ab: {decided}"
        assert ("counts.strangers" in told) == about.whole


def test_the_record_is_named_as_not_asked(tmp_path: Path) -> None:
    document = register(drawn(tmp_path), Controller())
    assert "counts.not_asked" in keys(document, Kind.GAP)
    assert all(line.source is None or line.source.origin is not Origin.RECORD for line in lines(document))
