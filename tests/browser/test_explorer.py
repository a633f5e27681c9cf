"""The explorer in a real browser, as an auditor and two officers use it."""

from __future__ import annotations

import re
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from gateway.audit.event import ExchangeRecord
from tests.browser.chromium import log_in, page_of
from tests.explorer.bank import AUDITOR, OFFICER, OPERATOR, OTHER_OFFICER, Bank

pytestmark = pytest.mark.slow

AXE = Path(__file__).parents[1] / "clients" / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def first(bank: Bank, principal: str = "service-desk") -> ExchangeRecord:
    return next(one for one in bank.gateway.records() if one.principal == principal)


def test_log_in_filter_open_and_verify(page: Page, bank: Bank) -> None:
    page.goto(bank.url)
    expect(page).to_have_url(re.compile("/explorer/login"))
    page.fill("#credential", bank.keys[AUDITOR])
    page.click("main button")
    expect(page.locator("h1")).to_have_text("Exchanges")
    page.fill("#f-principal", "service-desk")
    page.fill("#f-entity", "IBAN_CODE")
    page.click("text=Apply")
    expect(page).to_have_url(f"{bank.url}/?principal=service-desk&entity=IBAN_CODE")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.click("tbody tr:last-child a")
    expect(page.locator("h1")).to_have_text(first(bank).call_id)
    expect(page.locator("#h-sent")).to_have_text("Sent to the model")
    mark = page.locator("mark[data-mark='1']").first
    expect(mark).to_contain_text("<PERSON_1>")
    mark.hover()
    expect(page.locator("#finding-1")).to_have_class(re.compile("lit"))
    page.click("text=Verify in this page")
    expect(page.locator("#verdict")).to_have_text("Verified: what this page shows is what was logged and signed.")
    expect(page.locator("#steps li.good")).to_have_count(5)


def test_a_page_that_was_tampered_with_is_shown_in_red(page: Page, bank: Bank) -> None:
    log_in(page, bank.url, bank.keys[AUDITOR])
    page.goto(f"{bank.url}/exchanges/{first(bank).call_id}")
    page.evaluate(
        "document.querySelector('pre:last-of-type').textContent = "
        "document.querySelector('pre:last-of-type').textContent.replace('service-desk', 'somebody')"
    )
    page.click("text=Verify in this page")
    expect(page.locator("#verdict")).to_have_text("NOT verified: what this page shows is not what was signed.")
    expect(page.locator("#steps li.bad")).to_have_count(1)
    expect(page.locator("#verify")).to_have_class("verify bad")


def test_an_entry_that_was_changed_in_the_database_is_shown_in_red(page: Page, bank: Bank) -> None:
    record = first(bank, "claims-bot")
    log_in(page, bank.url, bank.keys[AUDITOR])
    with changed(bank, record.call_id):
        page.goto(f"{bank.url}/exchanges/{record.call_id}")
        expect(page.locator(".facts")).to_contain_text("nobody-bot")
        page.click("text=Verify in this page")
        expect(page.locator("#verdict")).to_contain_text("NOT verified")
    page.reload()
    page.click("text=Verify in this page")
    expect(page.locator("#verdict")).to_contain_text("Verified")


def test_the_key_of_another_log_verifies_nothing(page: Page, bank: Bank) -> None:
    log_in(page, bank.url, bank.keys[AUDITOR])
    page.goto(f"{bank.url}/exchanges/{first(bank).call_id}")
    for key in ("nonsense", "privacy-gateway/audit+00000000+AQ" + "A" * 42 + "="):
        page.fill("#vkey", key)
        page.click("text=Verify in this page")
        expect(page.locator("#verdict")).to_contain_text("NOT verified")
    expect(page.locator("#steps li.bad")).to_have_text("✗ The verifier key has the form NAME+ID+KEY")


def test_the_list_is_exported(page: Page, bank: Bank, tmp_path: Path) -> None:
    log_in(page, bank.url, bank.keys[AUDITOR])
    page.goto(f"{bank.url}/?principal=claims-bot")
    for name in ("CSV", "JSON lines", "Evidence with proofs"):
        with page.expect_download() as download:
            page.click(f"text={name}")
        download.value.save_as(tmp_path / download.value.suggested_filename)
    assert "claims-bot" in (tmp_path / "exchanges.csv").read_text()
    assert zipfile.ZipFile(tmp_path / "evidence.zip").testzip() is None


def test_break_glass_between_two_officers(page: Page, browser: Browser, bank: Bank) -> None:
    address = f"{bank.url}/exchanges/{first(bank).call_id}"
    log_in(page, bank.url, bank.keys[OFFICER])
    page.goto(address)
    expect(page.locator("#h-restored + .text")).not_to_contain_text("Alice")
    page.fill("#reason", "A subject access request, case 4711")
    page.click("text=Ask for leave")
    expect(page.locator("section:has(#h-leave)")).to_contain_text("another officer has to answer")
    with page_of(browser) as other:
        log_in(other, bank.url, bank.keys[OTHER_OFFICER])
        other.click("text=Break-glass")
        other.click("text=Give leave")
        expect(other.locator(".outcome")).to_have_text("given")
        other.goto(address)
        expect(other.locator("#h-restored + .text")).not_to_contain_text("Alice")
    page.reload()
    expect(page.locator(".banner")).to_contain_text("Break-glass: originals are shown.")
    expect(page.locator(".countdown")).to_have_text(re.compile(r"^(30:00|29:\d\d)$"))
    expect(page.locator("#h-restored + .text")).to_contain_text("Alice Johnson")


def test_the_tail_shows_what_comes(page: Page, bank: Bank) -> None:
    log_in(page, bank.url, bank.keys[OPERATOR])
    page.goto(f"{bank.url}/tail")
    expect(page.locator("#live")).to_have_text("Following: new exchanges appear on top.")
    before = page.locator("#tail tbody tr").count()
    bank.ask("Write to Emma White <b>now</b>")
    expect(page.locator("#tail tbody tr")).to_have_count(before + 1)
    expect(page.locator("#tail tbody tr").first).to_contain_text("PERSON 1")
    page.click("#pause")
    expect(page.locator("#live")).to_have_text("Paused.")


def test_by_keyboard_alone(page: Page, bank: Bank) -> None:
    page.goto(f"{bank.url}/login")
    expect(page.locator("input:focus")).to_have_count(1)  # a busy browser puts the focus there a moment later
    page.keyboard.type(bank.keys[AUDITOR])
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Exchanges")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to content")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("CSV")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.locator("td.when a:focus").count():
            break
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(re.compile("^req_"))
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.locator("#verify-now:focus").count():
            break
    page.keyboard.press("Enter")
    expect(page.locator("#verdict")).to_contain_text("Verified")


def test_in_chinese_and_in_the_dark(page: Page, bank: Bank) -> None:
    log_in(page, bank.url, bank.keys[AUDITOR])
    page.click("text=中文")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator("h1")).to_have_text("交互记录")
    light = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.click("button[value='dark']")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != light
    page.click("text=English")
    expect(page.locator("h1")).to_have_text("Exchanges")


def test_everything_is_read_without_a_script(browser: Browser, bank: Bank) -> None:
    with page_of(browser, java_script_enabled=False) as page:
        page.goto(f"{bank.url}/login")
        page.fill("#credential", bank.keys[AUDITOR])
        page.click("main button")
        page.fill("#f-principal", "claims-bot")
        page.click("text=Apply")
        expect(page.locator("tbody tr")).to_have_count(1)
        page.click("td.when a")
        expect(page.locator(".waterfall tbody tr")).not_to_have_count(0)
        expect(page.locator("#verify-now")).to_be_hidden()
        expect(page.locator("#verify")).to_contain_text("Without a script")


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not here: npm ci --prefix tests/clients")
def test_no_page_shuts_anybody_out(page: Page, bank: Bank) -> None:
    """axe-core, by the rules of WCAG 2.2 A and AA."""
    record = first(bank)
    page.goto(f"{bank.url}/login")
    found = {"/login": violations(page)}
    log_in(page, bank.url, bank.keys[OFFICER])
    places = ("/?decision=deny&since=x", "/?principal=nobody", "/tail", f"/exchanges/{record.call_id}", "/acts", "/policy")
    for place in (*places, "/grants", "/dashboard", f"/conversation?id={record.conversation}"):
        page.goto(f"{bank.url}{place}")
        found[place] = violations(page)
    page.emulate_media(color_scheme="dark")
    for place in ("/?decision=deny&since=x", f"/exchanges/{record.call_id}", "/dashboard"):
        page.goto(f"{bank.url}{place}")
        found[f"{place} in the dark"] = violations(page, "wcag2aa")
    assert {place: what for place, what in found.items() if what} == {}


def test_no_page_is_wider_than_a_telephone(page: Page, bank: Bank) -> None:
    """Reflow (WCAG 1.4.10): at 320 pixels a page is read in one direction; wide tables scroll in a frame of their own."""
    record = first(bank)
    page.set_viewport_size({"width": 320, "height": 640})
    log_in(page, bank.url, bank.keys[OFFICER])
    places = ("/", "/tail", "/dashboard", "/privacy", "/acts", "/policy", "/grants", f"/conversation?id={record.conversation}")
    widths = {}
    for place in (*places, f"/exchanges/{record.call_id}", "/?since=x"):
        page.goto(f"{bank.url}{place}")
        widths[place] = page.evaluate("document.documentElement.scrollWidth")
    assert {place: width for place, width in widths.items() if width > 320} == {}


def violations(page: Page, *tags: str) -> list[str]:
    """What axe finds that is serious, and where. It comes in past the content security policy, which lets no page do so."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate("(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}})", tags or _RULES)
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in result["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:3]
    ]


@contextmanager
def changed(bank: Bank, call_id: str) -> Iterator[None]:
    """As somebody with the database's file would change an entry: past the triggers, which keep honest programs honest."""
    with closing(sqlite3.connect(bank.gateway.settings.audit_path, timeout=10)) as file:
        rewrite(file, call_id, "claims-bot", "nobody-bot")
        try:
            yield
        finally:
            rewrite(file, call_id, "nobody-bot", "claims-bot")


def rewrite(file: sqlite3.Connection, call_id: str, before: str, after: str) -> None:
    triggers = file.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'entries'").fetchall()
    with file:
        for name, _ in triggers:
            file.execute(f"DROP TRIGGER {name}")
        query = "UPDATE entries SET body = replace(body, ?, ?) WHERE call_id = ? AND phase = 'completed'"
        file.execute(query, (before, after, call_id))
        for _, statement in triggers:
            file.execute(statement)


def test_acts_break_no_word_and_give_an_empty_note_no_room(page: Page, bank: Bank) -> None:
    log_in(page, bank.url, bank.keys[AUDITOR])
    page.set_viewport_size({"width": 1000, "height": 800})
    page.goto(f"{bank.url}/acts?target={'long' * 45}")
    page.goto(f"{bank.url}/acts?kind=views")
    expect(page.locator("td", has_text="longlong")).not_to_have_count(0)
    heads = page.locator(".scroll table.list th")
    widths = [one.bounding_box() for one in heads.all()]
    assert widths[-1] is not None
    assert widths[-1]["width"] < sum(one["width"] for one in widths if one is not None) / 5
    for words in page.locator(".scroll td code").all():
        assert words.evaluate("it => it.getClientRects().length") == 1
