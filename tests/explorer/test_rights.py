"""Every page, for every role, in one's own tenant and in another's: the table of docs/explorer.md, written again."""

from __future__ import annotations

import pytest

from gateway.audit.act import ActOutcome
from tests.explorer.bank import AUDITOR, EVERYBODY, OFFICER, OPERATOR, SHOP_AUDITOR, Bank
from tests.explorer.record import acts

ALL, READERS, OFFICERS = {AUDITOR, OFFICER, OPERATOR}, {AUDITOR, OFFICER}, {OFFICER}
PAGES = {
    "/": ALL,
    "/tail": ALL,
    "/exchanges/{call}": ALL,
    "/exchanges/{call}/proof.json": ALL,
    "/exchanges/{call}/proof.zip": READERS,
    "/dashboard": ALL,
    "/privacy": ALL,
    "/conversation?id={conversation}": READERS,
    "/acts": READERS,
    "/policy": READERS,
    "/grants": READERS,
    "/export/csv": READERS,
    "/export/jsonl": READERS,
    "/export/zip?conversation={conversation}": READERS,
}


def address(bank: Bank, page: str) -> str:
    first = bank.gateway.records()[0]
    return page.format(call=first.call_id, conversation=first.conversation)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", sorted(ALL))
def test_who_may_see_what(bank: Bank, page: str, who: str) -> None:
    answer = bank.browse(who).get(address(bank, page))
    assert answer.status_code == (200 if who in PAGES[page] else 403), answer.text[:500]
    if who not in PAGES[page]:
        refused = acts(bank, actor=who)[-1]
        assert (refused.outcome, refused.tenant) == (ActOutcome.DENIED, "bank")  # whose auditors see it


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_shown_to_whoever_is_not_logged_in(bank: Bank, page: str) -> None:
    answer = bank.browse().get(address(bank, page))
    assert (answer.status_code, answer.text) == (303, "")


@pytest.mark.parametrize("page", [page for page in PAGES if "{call}" in page or page.startswith("/conversation")])
def test_another_tenants_exchange_does_not_exist(bank: Bank, page: str) -> None:
    stranger = bank.browse(SHOP_AUDITOR)
    theirs, nobodys = (
        stranger.get(address(bank, page)),
        stranger.get(page.format(call="req_nobody", conversation="conv_nobody")),
    )
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.text == nobodys.text.replace("req_nobody", address(bank, "{call}")).replace(
        "conv_nobody", address(bank, "{conversation}")
    )


def test_lists_and_files_end_at_the_border_of_the_tenant(bank: Bank) -> None:
    stranger = bank.browse(SHOP_AUDITOR)
    for page in ("/", "/tail", "/export/csv", "/export/jsonl", "/?tenant=bank", "/export/csv?tenant=bank", "/acts"):
        answer = stranger.get(page)
        assert answer.status_code == 200
        assert "service-desk" not in answer.text
        assert bank.gateway.records()[0].call_id not in answer.text
    assert "till" in stranger.get("/").text


def test_what_is_in_no_tenant_is_for_those_who_see_all(bank: Bank) -> None:
    bank.gateway.http.post("/chat/completions", json={"model": "x", "messages": []}, headers={"authorization": "Bearer wrong"})
    nobodys = next(record for record in bank.gateway.records(18) if record.tenant is None)
    assert bank.browse(EVERYBODY).get(f"/exchanges/{nobodys.call_id}").status_code == 200
    assert bank.browse(AUDITOR).get(f"/exchanges/{nobodys.call_id}").status_code == 404


def test_an_operator_sees_that_and_how_but_never_what(bank: Bank) -> None:
    page = bank.browse(OPERATOR).get(address(bank, "/exchanges/{call}")).text
    assert "Your role sees no content." in page
    assert "Please write to" not in page
    assert "PERSON" in page
    assert "f-text" not in bank.browse(OPERATOR).get("/").text
    assert bank.browse(OPERATOR).get("/?text=claim").status_code == 403


def test_attempts_are_on_record(bank: Bank) -> None:
    bank.browse(OPERATOR).get("/acts")
    bank.browse(SHOP_AUDITOR).get(address(bank, "/exchanges/{call}"))
    assert acts(bank, actor=OPERATOR, action="explorer.acts", outcome="denied")
    denied = acts(bank, actor=SHOP_AUDITOR, action="explorer.view", outcome="denied")
    assert denied[-1].target == address(bank, "{call}")
    assert denied[-1].error_code == "not_found"
