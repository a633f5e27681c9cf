from __future__ import annotations

from contextlib import closing

import pytest

from gateway.audit.check import check_log
from gateway.explorer.session import COOKIE
from gateway.store.database import open_existing
from tests.explorer.bank import AUDITOR, EVERYBODY, OFFICER, OPERATOR, Bank
from tests.explorer.record import acts
from tests.explorer.without_server import BrokenLog, explorer_of


@pytest.mark.parametrize(
    ("who", "page", "action", "target"),
    [
        (AUDITOR, "/?decision=deny&model=qwen3-8b", "explorer.list", "model=qwen3-8b decision=deny"),
        (AUDITOR, "/", "explorer.list", "everything"),
        (AUDITOR, "/?text=Alice+Johnson", "explorer.list", "text=(13 characters)"),
        (OPERATOR, "/tail?outcome=denied", "explorer.tail", "outcome=denied"),
        (OPERATOR, "/exchanges/{call}", "explorer.view", "{call}"),
        (AUDITOR, "/exchanges/{call}", "explorer.content", "{call}"),
        (AUDITOR, "/conversation?id={conversation}", "explorer.conversation", "{conversation}"),
        (OFFICER, "/acts?kind=views", "explorer.acts", "kind=views"),
        (OFFICER, "/policy", "explorer.policy", None),
        (OFFICER, "/grants", "break_glass.list", None),
        (AUDITOR, "/export/csv?principal=app", "explorer.export", "principal=app"),
        (AUDITOR, "/exchanges/{call}/proof.zip", "explorer.export", "{call}"),
    ],
)
def test_every_look_is_an_act(bank: Bank, who: str, page: str, action: str, target: str | None) -> None:
    first, browser = bank.gateway.records()[0], bank.browse(who)
    names = {"call": first.call_id, "conversation": first.conversation}
    before = len(acts(bank))
    assert browser.get(page.format(**names)).status_code == 200
    (act,) = acts(bank)[before:]
    assert (act.actor, act.action, act.outcome, act.tenant) == (who, action, "done", "bank")
    assert act.target == (None if target is None else target.format(**names))
    assert act.key_id == bank.keys[who][:12]


def test_a_conversation_of_two_tenants_is_a_look_at_both(bank: Bank) -> None:
    name = {"x-gateway-conversation": "550e8400-e29b-41d4-a716-446655440000"}
    bank.ask("Hello", who="app", headers=name)
    bank.ask("Hello", who="till", model="glm-4-9b", headers=name)
    bank.gateway.records()
    assert bank.browse(EVERYBODY).get(f"/conversation?id={name['x-gateway-conversation']}").status_code == 200
    assert [act.tenant for act in acts(bank, actor=EVERYBODY, action="explorer.conversation")][-2:] == ["bank", "shop"]


@pytest.mark.parametrize("page", ["/", "/tail", "/acts", "/export/csv"])
def test_nobody_writes_into_what_another_tenant_reads(bank: Bank, page: str) -> None:
    bank.browse(AUDITOR).get(f"{page}?tenant=shop")
    look = acts(bank, actor=AUDITOR)[-1]
    assert (look.tenant, "tenant=shop" in (look.target or "")) == ("bank", True)


def test_what_makes_no_sense_is_no_search(bank: Bank) -> None:
    page = bank.browse(AUDITOR).get("/?since=yesterday")
    assert "makes no sense" in page.text
    assert "Write a day or moment in UTC" in page.text
    assert "service-desk" not in page.text
    assert bank.browse(AUDITOR).get("/export/csv?since=yesterday").status_code == 400


async def test_nothing_is_shown_that_cannot_be_entered_first(bank: Bank) -> None:
    first, cookies = bank.gateway.records()[0], bank.browse(AUDITOR).http.cookies
    async with explorer_of(bank, BrokenLog()) as http:
        http.cookies.set(COOKIE, cookies[COOKIE])
        for page in ("/", "/tail", f"/exchanges/{first.call_id}", "/acts", "/export/csv", "/dashboard"):
            answer = await http.get(page)
            assert answer.status_code == 503
            assert first.call_id not in answer.text
            assert "The record cannot be reached" in answer.text


def test_the_record_still_verifies_with_all_these_looks_in_it(bank: Bank) -> None:
    bank.browse(AUDITOR).get("/")
    with closing(open_existing(bank.gateway.settings.database())) as database:
        assert check_log(database).entries > 20
