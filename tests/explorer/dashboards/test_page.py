"""The page says in SVG what it says in tables, in both languages, and what is on the record stays inert."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from gateway.explorer.appearance import Appearance, Theme
from gateway.explorer.dashboards.board import Sum, board_of
from gateway.explorer.dashboards.page import shown_of
from gateway.explorer.dashboards.times import RANGES, times_of
from gateway.explorer.languages import Language
from gateway.explorer.prices.price_list import load_prices
from gateway.explorer.rendering import STATIC, Renderer

HOSTILE = "\"><script>alert(1)</script>' onload=x"


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


def page(renderer: Renderer, language: Language, sums: list[Sum]) -> str:
    times = times_of({"range": "7d"}, datetime(2026, 3, 7, tzinfo=UTC))
    shown: dict[str, Any] = dict(shown_of(board_of(sums, times.periods), load_prices()))
    appearance = Appearance(language, Theme.AUTO)
    return renderer.page("dashboard", appearance, visit=None, times=times, ranges=RANGES, tenant=HOSTILE, **shown)


def sums(word: str) -> list[Sum]:
    day = "2026-03-05"
    return [
        Sum("outcome", day, "completed", "", 7, 0, 0, 0),
        Sum("outcome", day, word, "", 3, 0, 0, 0),
        Sum("model", day, word, word, 7, 4_321, 8_765, 12_345),
        Sum("denial", day, word, "", 2, 0, 0, 0),
        Sum("finding", day, word, word, 5, 0, 0, 0),
        Sum("cache", day, word, "", 5, 0, 0, 0),
        Sum("duration", day, "12", "", 10, 0, 0, 0),
    ]


class Tags(HTMLParser):
    """Elements and their attributes, as a browser takes them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("language", list(Language))
def test_every_chart_has_a_title_a_description_and_a_table(renderer: Renderer, language: Language) -> None:
    tags = Tags(page(renderer, language, sums("odd"))).found
    charts = [attributes for tag, attributes in tags if tag == "svg" and attributes.get("role") == "img"]
    ids = {attributes["id"] for _, attributes in tags if "id" in attributes}
    assert len(charts) == 3
    assert all(set((one["aria-labelledby"] or "").split()) <= ids for one in charts)
    assert sum(tag == "details" for tag, _ in tags) == 3
    assert len(ids) == sum("id" in attributes for _, attributes in tags)


def test_the_figures_are_there_in_words(renderer: Renderer) -> None:
    shown = page(renderer, Language.ENGLISH, sums("odd"))
    for figure in ("4\u202f321", "8\u202f765", "0.012345", "2026-03-01 to 2026-03-07", "completed 7"):
        assert figure in shown


@pytest.mark.parametrize("language", list(Language))
def test_nothing_is_inline_and_hostile_words_are_inert(renderer: Renderer, language: Language) -> None:
    shown = page(renderer, language, sums(HOSTILE))
    tags = Tags(shown).found
    assert "<script>alert" not in shown
    assert not [tag for tag, attributes in tags if tag == "style" or "style" in attributes]
    assert not [name for _, attributes in tags for name in attributes if name.startswith("on")]
    assert all(attributes.get("src") for tag, attributes in tags if tag == "script")


def test_an_empty_board_says_so(renderer: Renderer) -> None:
    assert page(renderer, Language.ENGLISH, []).count("None in this time.") == 4


def test_every_class_of_a_series_has_a_colour() -> None:
    css = (STATIC / "dashboard.css").read_text()
    for kind in ("completed", "denied", "failed", "input", "output", "p50", "p95", "first"):
        assert re.search(rf"\.{kind}\b", css)
    assert css.count("--s-failed:") == 3
