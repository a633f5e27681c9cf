"""Hostile text in every field that somebody else can fill, the headers of every answer, and what errors say."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.audit.act import Action, entry_of_act, new_act
from gateway.audit.entry_table import EntryTable
from gateway.audit.event import ExchangeRecord, Outcome, Verdict
from gateway.audit.log import Phase, entry_of
from gateway.exchange import FindingCount
from gateway.explorer.headers import CONTENT_SECURITY_POLICY
from gateway.obligations import OperatorKind
from gateway.protocol.usage import Usage
from gateway.protocol.wire import Surface
from gateway.store.database import open_database
from tests.explorer.bank import AUDITOR, EVERYBODY, Bank, open_bank

EVIL = "\"><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}'`javascript:alert(1)"
TEMPLATES = Path(__file__).parents[2] / "gateway" / "explorer" / "templates"


def inert(page: str) -> bool:
    """No tag of ours may have what a stranger wrote outside of a text or an attribute's quotes."""
    return "<script>alert" not in page and "<img src=x" not in page


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    """A record with hostile text in it: through the real pipeline, and as somebody who edits the database would write it."""
    with open_bank(tmp_path_factory.mktemp("attacked")) as bank:
        headers = {"x-gateway-conversation": "evil", "x-gateway-purpose": "evil<b>", "traceparent": "evil"}
        bank.ask(EVIL, headers=headers, user=EVIL, metadata={"conversation_id": EVIL, EVIL: EVIL}, stop=[EVIL])
        bank.ask([{"role": EVIL, "content": EVIL}, {"role": "user", "content": [{"type": "text", "text": EVIL}]}])
        bank.ask("Hello", model=EVIL)
        bank.gateway.records(3)
        yield bank


def test_no_page_runs_what_somebody_wrote(attacked: Bank) -> None:
    browser = attacked.browse(EVERYBODY)
    for record in attacked.gateway.records():
        page = browser.get(f"/exchanges/{record.call_id}").text
        assert inert(page)
        if record.conversation:
            assert inert(browser.get("/conversation", params={"id": record.conversation}).text)
    first = browser.get(f"/exchanges/{attacked.gateway.records()[0].call_id}").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in first
    assert "{{7*7}}" in first


@pytest.mark.parametrize(
    "page", ["/", "/tail", "/acts", "/dashboard", "/conversation", "/nothing", "/login", "/export/csv", "/policy"]
)
def test_no_address_runs_what_it_says(attacked: Bank, page: str) -> None:
    browser = attacked.browse(EVERYBODY)
    for name in ("tenant", "text", "at", "next", "id", "kind", "actor", "target", "range", "before", "since", "entity"):
        answer = browser.get(page, params={name: EVIL})
        assert answer.status_code < 500, name
        assert inert(answer.text), name


def test_a_record_that_somebody_edited_runs_nothing_either(attacked: Bank) -> None:
    forged = ExchangeRecord(
        call_id="req_evil",
        surface=Surface.CHAT,
        opened_at="2027-01-15T08:00:00.000Z",
        outcome=Outcome.COMPLETED,
        tenant="bank",
        principal=EVIL,
        team=EVIL,
        key_id=EVIL,
        model=EVIL,
        conversation=EVIL,
        deployment=EVIL,
        route_reason=EVIL,
        cached_from=EVIL,
        trace_id=EVIL,
        error_code=EVIL,
        content_missing=EVIL,
        usage=Usage(finish_reasons=(EVIL,)),
        findings=(FindingCount(entity=EVIL, operator=OperatorKind.MASK, recognizer=EVIL, count=1, max_score=1.0),),
        decision=Verdict(allow=True, rule=EVIL, reason=EVIL, policy_version=EVIL, rules=(EVIL,), obligations=(EVIL,)),
    )
    database = open_database(attacked.gateway.settings.database())
    table = EntryTable(database)
    act = new_act(Action.KEYS_ISSUE, actor=EVIL, tenant="bank", principal=EVIL, target=EVIL, result=EVIL, note=EVIL)
    table.write([entry_of(forged, Phase.COMPLETED), entry_of_act(act)])
    table.close()
    database.close()
    browser = attacked.browse(AUDITOR)
    for page in ("/", "/tail", "/exchanges/req_evil", "/acts", "/dashboard", "/export/jsonl"):
        answer = browser.get(page)
        assert answer.status_code == 200, page
        assert inert(answer.text) or page == "/export/jsonl"
    assert inert(browser.get("/conversation", params={"id": EVIL}).text)


def test_no_template_switches_escaping_off_or_has_anything_inline() -> None:
    for path in TEMPLATES.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe|autoescape|Markup", text), path.name
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", text), path.name
        assert not re.search(r"(src|href)=\"https?:", text), path.name


@pytest.mark.parametrize(
    "page", ["/login", "/", "/nothing", "/static/explorer.css", "/static/nothing", "/export/csv", "/tail/news"]
)
def test_every_answer_has_the_headers(bank: Bank, page: str) -> None:
    headers = bank.browse(AUDITOR).get(page).headers
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    if not page.startswith("/static/explorer"):
        assert headers["cache-control"] == "no-store"


def test_static_files_may_be_kept_and_lead_nowhere_else(bank: Bank) -> None:
    browser = bank.browse()
    assert "immutable" in browser.get("/static/explorer.css").headers["cache-control"]
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/", "/static/..%2f..%2fapp.py"):
        assert browser.get(path).status_code in (303, 404)


def test_errors_are_pages_in_the_readers_language(bank: Bank) -> None:
    browser = bank.browse(AUDITOR)
    assert "Not found" in browser.get("/nothing").text
    assert "未找到" in browser.get("/nothing", headers={"accept-language": "zh"}).text
    assert browser.post("/acts", {}).status_code == 405


def test_the_explorer_is_found_without_its_slash(bank: Bank) -> None:
    answer = bank.browse().http.get(bank.url)
    assert (answer.status_code, answer.headers["location"]) == (308, "/explorer/")


def test_a_fault_of_ours_is_a_page_and_says_nothing(
    bank: Bank, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("Alice Johnson")

    monkeypatch.setattr("gateway.explorer.archive.read_case", broken)
    with caplog.at_level(logging.DEBUG):
        answer = bank.browse(AUDITOR).get("/exchanges/req_1")
    assert answer.status_code == 500
    assert "A fault of ours" in answer.text
    assert "Alice" not in answer.text + caplog.text
    assert "internal fault: ValueError" in caplog.text


@pytest.mark.parametrize(
    "page",
    [
        "/?principal=%00",
        "/tail?model=%00",
        "/exchanges/%00",
        "/conversation?id=%00",
        "/dashboard?tenant=%00",
        "/acts?target=%00",
    ],
)
def test_a_character_that_no_database_holds_is_the_readers_mistake(attacked: Bank, page: str) -> None:
    """Postgres would call it a fault of its own, and the reader would be told to come back later."""
    assert attacked.browse(EVERYBODY).get(page).status_code == 400
