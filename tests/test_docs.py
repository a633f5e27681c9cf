"""What the documentation says is checked where a machine can."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.coverage.disguises import VALUES, disguises
from bench.coverage.page import hipaa_table
from bench.coverage.types import type_rows
from gateway.detection.recognizers.registry import pattern_recognizers
from gateway.settings import Settings

ROOT = Path(__file__).parent.parent
PAGES = sorted(page for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    for name in Settings.model_fields:
        assert f"`GATEWAY_{name.upper()}`" in text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_leads_nowhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_anchor_is_a_heading(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#\s:]*)#([^)\s]+)\)", page.read_text(encoding="utf-8")):
        other = page.parent / target if target else page
        if other.suffix == ".md":
            assert anchor in _anchors(other), f"{target}#{anchor}"


def _anchors(page: Path) -> set[str]:
    """Of a page's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    headings = [re.sub(r"\[([^]]*)]\([^)]*\)", r"\1", one) for one in re.findall(r"^#+ (.+)$", text, re.MULTILINE)]
    return {re.sub(r"[^\w -]", "", one.strip().lower()).replace(" ", "-") for one in headings}


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = {*ROOT.glob("docs/*.md"), *ROOT.glob("docs/measurements/*.md")} - {ROOT / "docs" / "README.md"}
    assert [page.name for page in sorted(pages) if f"]({page.relative_to(ROOT / 'docs')})" not in index] == []


def test_both_readmes_have_the_same_parts() -> None:
    english, chinese = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md"))
    for mark in ("\n## ", "\n```", "\n| `", "\n1. ", "\n7. "):
        assert english.count(mark) == chinese.count(mark), mark


def test_every_decision_is_listed() -> None:
    listed = (ROOT / "docs" / "adr" / "README.md").read_text(encoding="utf-8")
    assert all(page.name in listed for page in (ROOT / "docs" / "adr").glob("0*.md"))


def test_the_coverage_page_is_current() -> None:
    """In everything but what is measured: `make docs-coverage` writes it anew."""
    text = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    lines = [line.split(" | ") for line in text.partition("## HIPAA")[0].splitlines() if line.startswith("| ")][2:]
    assert [[cells[0].removeprefix("| "), *cells[1:5]] for cells in lines] == [
        row.cells() for row in type_rows(pattern_recognizers())
    ]
    assert hipaa_table() in text
    assert all(f"\n| {name} | " in text for name in ["disguise", *disguises(), "split over two messages"])
    assert all(f" {name} |" in text for name in VALUES)
