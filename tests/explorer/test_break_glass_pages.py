from __future__ import annotations

import re

from tests.explorer.bank import AUDITOR, OFFICER, OTHER_OFFICER, SHOP_AUDITOR, Bank
from tests.explorer.record import acts

REASON = {"reason": "A subject access request, case 4711"}


def grant_of(page: str) -> str:
    found = re.search(r'name="grant" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_two_officers_open_originals_for_one_of_them(bank: Bank) -> None:
    bank.ask("Please write to Alice Johnson (alice.johnson@example.org).")
    record = max(bank.gateway.records(), key=lambda one: one.opened_at)
    page = f"/exchanges/{record.call_id}"
    one, other, auditor = bank.browse(OFFICER), bank.browse(OTHER_OFFICER), bank.browse(AUDITOR)
    assert "Ask for leave" in one.get(page).text
    assert "Ask for leave" not in auditor.get(page).text
    assert one.send(page, f"{page}/ask", REASON).headers["location"] == f"/explorer{page}"
    assert "another officer has to answer" in one.get(page).text
    assert "Somebody else has to answer." in one.get("/grants").text
    grant = grant_of(other.get("/grants").text)
    assert one.send("/grants", "/grants/answer", {"grant": grant, "answer": "give"}).status_code == 403
    assert auditor.send("/grants", "/grants/answer", {"grant": grant, "answer": "give"}).status_code == 403
    assert other.send("/grants", "/grants/answer", {"grant": grant, "answer": "give"}).status_code == 303
    shown = one.get(page).text
    for words in ("Break-glass: originals are shown.", "Alice Johnson", "alice.johnson@example.org", "data-until="):
        assert words in shown
    for somebody in (other, auditor):
        assert "Alice" not in somebody.get(page).text
    assert "Alice" not in one.get("/").text
    told = [(act.action.value, act.outcome.value, act.actor) for act in acts(bank, target=record.call_id)]
    assert ("break_glass.ask", "done", OFFICER) in told
    assert ("break_glass.give", "failed", OFFICER) in told
    assert ("break_glass.give", "done", OTHER_OFFICER) in told
    (look,) = acts(bank, action="break_glass.show", target=record.call_id)
    assert (look.actor, look.note, look.principal) == (OFFICER, f"by leave {grant}", "app")


def test_a_refusal_opens_nothing(bank: Bank) -> None:
    record = next(one for one in bank.gateway.records() if one.principal == "claims-bot")
    page = f"/exchanges/{record.call_id}"
    one, other = bank.browse(OFFICER), bank.browse(OTHER_OFFICER)
    one.send(page, f"{page}/ask", REASON)
    grant = grant_of(other.get("/grants").text)
    assert other.send("/grants", "/grants/answer", {"grant": grant, "answer": "refuse"}).status_code == 303
    assert "originals are shown" not in one.get(page).text
    assert other.send("/grants", "/grants/answer", {"grant": grant, "answer": "give"}).status_code == 403


def test_a_request_needs_a_reason_and_an_exchange_of_ones_own(bank: Bank) -> None:
    record = next(one for one in bank.gateway.records() if one.principal == "claims-bot")
    page = f"/exchanges/{record.call_id}"
    assert bank.browse(OFFICER).send("/", f"{page}/ask", {"reason": "because"}).status_code == 400
    assert bank.browse(OFFICER).send("/", "/exchanges/req_nobody/ask", REASON).status_code == 404
    assert bank.browse(AUDITOR).send("/", f"{page}/ask", REASON).status_code == 403
    assert bank.browse(SHOP_AUDITOR).send("/", f"{page}/ask", REASON).status_code == 403
    assert bank.browse(OFFICER).send("/", "/grants/answer", {"grant": "bg_nothing", "answer": "give"}).status_code == 404
    assert bank.browse(OFFICER).send("/", "/grants/answer", {"grant": "bg_nothing", "answer": "maybe"}).status_code == 400
