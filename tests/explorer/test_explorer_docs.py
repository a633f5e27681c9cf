"""What docs/explorer.md says is what the explorer does."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.explorer.exports import MOST
from gateway.explorer.filters import asked
from gateway.rules.identity import Role
from tests.explorer.bank import AUDITOR, OFFICER, OPERATOR
from tests.explorer.test_filters import EVERY, NOW
from tests.explorer.test_rights import PAGES

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "explorer.md").read_text(encoding="utf-8")
PEOPLE = {Role.OPERATOR: OPERATOR, Role.PRIVACY_OFFICER: OFFICER, Role.AUDITOR: AUDITOR}


def test_the_table_says_who_may_see_what() -> None:
    told: dict[str, set[str]] = {}
    for line in TEXT.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `/") and len(cells) == 5:
            who = {person for person, cell in zip(PEOPLE.values(), cells[2:], strict=True) if cell == "yes"}
            told |= {re.sub(r"[?{].*", "", path): who for path in re.findall(r"`([^`]+)`", cells[0])}
    for page, who in PAGES.items():
        if "proof" not in page:
            assert told[re.sub(r"[?{].*", "", page)] == who, page


def test_every_filter_is_named() -> None:
    assert all(f"`{name}`" in TEXT for name in asked(EVERY, None, NOW).given)


def test_the_bound_of_a_file_is_told() -> None:
    assert f"{MOST:,} exchanges" in TEXT


def test_pictures_are_there_and_small() -> None:
    for picture in re.findall(r"\((screenshots/[^)]+)\)", TEXT):
        assert 10_000 < (DOCS / picture).stat().st_size < 300_000, picture
