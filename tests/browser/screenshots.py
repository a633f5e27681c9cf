"""Writes docs/screenshots: `make docs-screenshots`. A real gateway, a scripted model, Debian's Chromium; people are made up.

Chinese needs a font that has it (`apt install fonts-noto-cjk`).
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser.chromium import chromium, log_in, page_of
from tests.explorer.bank import EVERYBODY, OFFICER, OTHER_OFFICER, Bank, a_day, open_bank

OUT = Path(__file__).parents[2] / "docs" / "screenshots"
_SIZE = {"width": 1360, "height": 860}


def main() -> None:
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, open_bank(Path(folder)) as bank, chromium() as browser:
        a_day(bank)
        light(browser, bank)
        dark_and_chinese(browser, bank)


def light(browser: Browser, bank: Bank) -> None:
    record = next(one for one in bank.gateway.records() if one.principal == "service-desk")
    with page_of(browser, viewport=_SIZE, color_scheme="light") as page:
        log_in(page, bank.url, bank.keys[OFFICER])
        shoot(page, "list")
        page.goto(f"{bank.url}/exchanges/{record.call_id}")
        page.click("#verify-now")
        page.wait_for_selector(".verify.good")
        shoot(page, "exchange", whole=True)
        shoot(page, "conversation", f"{bank.url}/conversation?id={record.conversation}")
        give_leave(browser, bank, page, f"{bank.url}/exchanges/{record.call_id}")
        shoot(page, "break-glass")
    with page_of(browser, viewport=_SIZE, color_scheme="light") as page:
        log_in(page, bank.url, bank.keys[EVERYBODY])
        shoot(page, "dashboard", f"{bank.url}/dashboard", whole=True)
        shoot(page, "acts", f"{bank.url}/acts")


def dark_and_chinese(browser: Browser, bank: Bank) -> None:
    with page_of(browser, viewport=_SIZE, color_scheme="dark", locale="zh-CN") as page:
        log_in(page, bank.url, bank.keys[OFFICER])
        shoot(page, "list-zh-dark")


def give_leave(browser: Browser, bank: Bank, page: Page, address: str) -> None:
    page.goto(address)
    page.fill("#reason", "A subject access request, case 4711")
    page.click("section:has(#h-leave) button")
    with page_of(browser) as other:
        log_in(other, bank.url, bank.keys[OTHER_OFFICER])
        other.goto(f"{bank.url}/grants")
        other.click("button[value='give']")
        other.wait_for_selector(".grant-given")
    page.goto(address)
    page.evaluate("document.getElementById('h-diff').scrollIntoView()")


def shoot(page: Page, name: str, address: str | None = None, *, whole: bool = False) -> None:
    if address is not None:
        page.goto(address)
    page.screenshot(path=OUT / f"{name}.png", full_page=whole)


if __name__ == "__main__":
    main()
