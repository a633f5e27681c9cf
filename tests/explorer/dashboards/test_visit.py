"""The dashboard behind the door: who may look, at whose sums, and that every look is on the record."""

from __future__ import annotations

import pytest

from gateway.explorer.prices.price_list import PriceListError
from tests.explorer.bank import AUDITOR, OPERATOR, SHOP_AUDITOR, Bank, open_bank
from tests.explorer.record import acts


def test_a_look_at_the_sums_of_a_tenant_is_on_the_record(bank: Bank) -> None:
    page = bank.browse(AUDITOR).get("/dashboard?range=24h&tenant=bank")
    assert page.status_code == 200
    assert "PERSON" in page.text
    assert "qwen3-8b" in page.text
    looks = [act for act in acts(bank, actor=AUDITOR) if act.action.value == "explorer.dashboard"]
    assert (looks[-1].tenant, looks[-1].target, looks[-1].outcome.value) == ("bank", "range=24h until=now", "done")


def test_an_operator_sees_sums_and_a_stranger_the_door(bank: Bank) -> None:
    assert bank.browse(OPERATOR).get("/dashboard").status_code == 200
    assert bank.browse().get("/dashboard").headers["location"] == "/explorer/login?next=%2Fexplorer%2Fdashboard"


def test_another_tenant_does_not_exist_and_its_sums_are_in_no_total(bank: Bank) -> None:
    assert bank.browse(SHOP_AUDITOR).get("/dashboard?tenant=bank").status_code == 404
    theirs = bank.browse(SHOP_AUDITOR).get("/dashboard").text
    assert "qwen3-8b" not in theirs
    assert "glm-4-9b" in theirs


def test_an_address_that_makes_no_sense_shows_the_usual_time(bank: Bank) -> None:
    page = bank.browse(AUDITOR).get("/dashboard?range=%3Cscript%3E&until=never")
    assert page.status_code == 200
    assert "&lt;script" not in page.text


def test_a_price_list_that_is_not_there_stops_the_start(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("prices")
    with pytest.raises(PriceListError, match="cannot be read"), open_bank(folder, price_list=folder / "none.json"):
        pass
