"""The list of public prices: ours has dates and sources, another may take its place, and a wrong one is named."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from gateway.explorer.prices.price_list import PriceListError, compare, load_prices

ONE = {"vendor": "V", "model": "M", "input": 2.0, "output": 10.0, "as_of": "2026-01-02", "source": "https://example.com/prices"}


def test_ours_has_a_date_and_a_source_for_every_price() -> None:
    prices = load_prices()
    assert prices.prices
    assert all(one.as_of <= prices.as_of for one in prices.prices)
    assert len({(one.vendor, one.model) for one in prices.prices}) == len(prices.prices)


def test_another_list_takes_its_place_and_is_compared_dearest_first(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_bytes(
        orjson.dumps({"as_of": "2026-01-02", "currency": "EUR", "prices": [ONE, ONE | {"model": "N", "input": 4.0}]})
    )
    prices = load_prices(path)
    assert [(one.price.model, one.cost) for one in compare(prices, 3_000_000, 500_000)] == [("N", 17.0), ("M", 11.0)]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"{", "its form"),
        (orjson.dumps({"as_of": "2026-01-02", "currency": "EUR", "prices": [ONE | {"input": -1}]}), "prices.0.input"),
        (orjson.dumps({"as_of": "soon", "currency": "EUR", "prices": []}), "as_of"),
        (
            orjson.dumps({"as_of": "2026-01-02", "currency": "EUR", "prices": [ONE | {"source": "javascript:x"}]}),
            "prices.0.source",
        ),
    ],
)
def test_a_wrong_list_is_named(tmp_path: Path, content: bytes, place: str) -> None:
    path = tmp_path / "prices.json"
    path.write_bytes(content)
    with pytest.raises(PriceListError, match=f"is wrong at {place}"):
        load_prices(path)
    with pytest.raises(PriceListError, match="cannot be read"):
        load_prices(tmp_path / "none.json")
