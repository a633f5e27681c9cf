from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.browser.chromium import CHROMIUM, chromium, page_of
from tests.explorer.bank import Bank, a_day, open_bank


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    with open_bank(tmp_path_factory.mktemp("bank")) as opened:
        a_day(opened)
        yield opened


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM} here: apt install chromium")
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that has nothing to complain of: no error in the console, and no violation of the content security policy."""
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    with page_of(browser, viewport={"width": 1360, "height": 900}) as opened:
        opened.on("console", hear)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        yield opened
    assert complaints == []
