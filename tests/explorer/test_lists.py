from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import orjson
import pytest

from gateway.explorer import exports
from gateway.explorer.index.filters import Cursor, Page
from gateway.explorer.index.row import Row
from tests.explorer.bank import AUDITOR, EVERYBODY, OPERATOR, Bank


def calls(text: str) -> list[str]:
    return re.findall(r'href="/explorer/exchanges/([^"]+)"', text)


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("principal=claims-bot", lambda one: one.principal == "claims-bot"),
        ("decision=deny", lambda one: one.decision is not None and not one.decision.allow),
        ("outcome=failed", lambda one: one.outcome == "failed"),
        ("entity=CREDIT_CARD", lambda one: any(found.entity == "CREDIT_CARD" for found in one.findings)),
        ("status=404", lambda one: one.status == 404),
        ("model=glm-4-9b&tenant=bank", lambda one: one.model == "glm-4-9b" and one.tenant == "bank"),
        ("rule=tenants.bank.rules.many-people", lambda one: one.error_code == "policy_denied"),
        ("until=2020-01-01", lambda one: False),
        ("min_ms=100000", lambda one: False),
    ],
)
def test_the_list_shows_what_its_address_asks_for(bank: Bank, query: str, holds: object) -> None:
    expected = [one.call_id for one in bank.gateway.records() if one.tenant == "bank" and holds(one)]  # type: ignore[operator]
    shown = calls(bank.browse(AUDITOR).get(f"/?{query}").text)
    assert sorted(shown) == sorted(expected)


def test_redacted_content_is_searched_by_those_who_may_read_it(bank: Bank) -> None:
    found = calls(bank.browse(AUDITOR).get("/?text=Make+it+shorter").text)
    assert len(found) == 1
    assert calls(bank.browse(AUDITOR).get("/?text=Alice+Johnson").text) == []
    assert bank.browse(OPERATOR).get("/?text=shorter").status_code == 403


def test_pages_lead_on_and_back(bank: Bank) -> None:
    for number in range(40):
        bank.ask("Hello", model=f"unknown-{number}")
    bank.gateway.records(40)
    browser = bank.browse(AUDITOR)
    first = browser.get("/").text
    onward = re.search(r'rel="next" href="/explorer(/[^"]+)"', first)
    assert onward is not None
    second = browser.get(onward[1].replace("&amp;", "&")).text
    assert not set(calls(first)) & set(calls(second))
    back = re.search(r'rel="prev" href="/explorer(/[^"]+)"', second)
    assert back is not None
    assert calls(browser.get(back[1].replace("&amp;", "&")).text) == calls(first)


@pytest.mark.parametrize("at", ["nonsense", "b", "b-1", "b99999999999999999999"])
def test_a_place_that_makes_no_sense_is_the_newest(bank: Bank, at: str) -> None:
    browser = bank.browse(AUDITOR)
    assert calls(browser.get(f"/?at={at}").text) == calls(browser.get("/").text)


def test_an_empty_list_says_so(bank: Bank) -> None:
    assert "Nothing matches" in bank.browse(AUDITOR).get("/?principal=nobody").text


def test_the_tail_tells_what_comes(bank: Bank) -> None:
    browser = bank.browse(AUDITOR)
    page = browser.get("/tail?model=qwen3-8b").text
    news, at, ticket = (re.search(rf'data-{name}="([^"]+)"', page) for name in ("news", "at", "ticket"))
    assert news is not None
    assert at is not None
    assert ticket is not None
    address = news[1].removeprefix("/explorer")
    assert browser.get(f"{address}&at={at[1]}&ticket={ticket[1]}").json()["rows"] == []
    bank.ask("Write to Emma White")
    bank.ask("Hello", model="unknown")
    bank.gateway.records()
    found = browser.get(f"{address}&at={at[1]}&ticket={ticket[1]}").json()
    (row,) = found["rows"]
    assert (row["who"], row["findings"]) == ("bank/app", "PERSON 1")
    assert browser.get(f"{address}&at={found['next']}&ticket={ticket[1]}").json()["rows"] == []
    assert browser.get(f"{address}&at={at[1]}&ticket=none").status_code == 403
    assert browser.get(f"/tail/news?at={at[1]}&ticket={ticket[1]}").status_code == 403
    assert browser.get(f"{address}&at=a0&ticket={ticket[1]}").status_code == 403


def test_the_list_as_csv(bank: Bank) -> None:
    answer = bank.browse(AUDITOR).get("/export/csv?principal=claims-bot")
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["tenant"], row["principal"], row["outcome"], row["findings"]) == ("bank", "claims-bot", "completed", "1")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]


def test_the_list_as_json_lines_has_records_and_no_content(bank: Bank) -> None:
    answer = bank.browse(AUDITOR).get("/export/jsonl?principal=service-desk")
    records = [orjson.loads(line)["record"] for line in answer.text.splitlines()]
    assert {record["principal"] for record in records} == {"service-desk"}
    assert "Please write to" not in answer.text


def test_a_file_goes_on_where_another_one_ended(bank: Bank) -> None:
    browser = bank.browse(AUDITOR)
    first, *others = [orjson.loads(line)["seq"] for line in browser.get("/export/jsonl?model=qwen3-8b").text.splitlines()]
    onward = browser.get(f"/export/jsonl?model=qwen3-8b&at=b{first}").text.splitlines()
    assert [orjson.loads(line)["seq"] for line in onward] == others


def test_evidence_verifies_without_us(bank: Bank, tmp_path: Path) -> None:
    answer = bank.browse(EVERYBODY).get("/export/zip?principal=till")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
        assert {"README.txt", "verify.py", "unproved.txt"} <= set(names)
        call = next(name for name in names if name.startswith("calls/"))
        with zipfile.ZipFile(io.BytesIO(archive.read(call))) as inner:
            assert "proofs/" in " ".join(inner.namelist())
        assert archive.read("unproved.txt") == b""
        assert b"principal=till" in archive.read("README.txt")


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＠SUM(A1)", '=HYPERLINK("http://evil")']
)
def test_no_spreadsheet_runs_a_cell(cell: str) -> None:
    row = Row(seq=1, call_id="req_1", opened_at="2027-01-15T08:00:00.000Z", model=cell, duration_ms=-1.0)
    text = b"".join(exports.csv_lines(lambda _: Page(rows=(row,)))).decode()
    (line,) = csv.DictReader(io.StringIO(text, newline=""))
    assert line["model"] == f"'{cell}"
    assert line["duration_ms"] == "-1.0"


def test_a_file_is_bounded_and_says_where_to_go_on() -> None:
    rows = [Row(seq=seq, call_id=f"req_{seq}", opened_at="2027-01-15T08:00:00.000Z") for seq in range(20, 0, -1)]

    def pages(after: Cursor | None) -> Page:
        found = [row for row in rows if after is None or row.seq < after.seq]
        return Page(rows=tuple(found[:5]), older=Cursor(found[4].seq) if len(found) > 5 else None)

    found, onward = exports.calls(pages, 12)
    assert (len(found), onward) == (12, Cursor(9))
    assert exports.calls(pages, 20) == ([row.call_id for row in rows], None)
    lines = b"".join(exports.csv_lines(pages, 12)).decode().splitlines()
    assert len(lines) == 1 + 12 + 1
    assert lines[-1] == "more,at=b9"


def test_there_is_no_other_file(bank: Bank) -> None:
    assert bank.browse(AUDITOR).get("/export/exe").status_code == 404


def test_a_search_that_finds_nothing_ends_and_says_where_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MOST_PAGES", 7)
    asked: list[Cursor | None] = []

    def pages(after: Cursor | None) -> Page:
        asked.append(after)
        return Page(rows=(), older=Cursor(1_000 - len(asked)))

    assert exports.calls(pages, 12) == ([], Cursor(993))
    assert asked == [None, *(Cursor(1_000 - turn) for turn in range(1, 7))]
