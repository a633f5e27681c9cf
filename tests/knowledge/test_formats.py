"""Each kind of file gives the text that a reader of it sees, with its structure; a hostile one gives a reason."""

from __future__ import annotations

import pytest

from gateway.knowledge.formats.document import Block, Refusal, Refused
from gateway.knowledge.formats.kinds import read
from tests.knowledge import files


def blocks(name: str, data: bytes) -> list[tuple[str, int]]:
    return [(block.text, block.level) for block in read(name, data).blocks]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_text_in_any_encoding(encoding: str) -> None:
    text = "供应商应在收到订单后三十天内交付货物，逾期每天支付违约金。\r\n\r\n合同一式两份，双方各执一份，具有同等法律效力。"
    assert [text for text, _ in blocks("a.txt", text.encode(encoding))] == text.split("\r\n\r\n")


def test_markdown() -> None:
    made = read("a.md", b"# Title\n\nOne\nline.\n\n## Part\n\n- a\n- b\n\n```\n# code\n```\n")
    assert made.title == "Title"
    assert [(block.text, block.level) for block in made.blocks] == [
        ("Title", 1), ("One\nline.", 0), ("Part", 2), ("- a\n- b", 0), ("```\n# code\n```", 0)
    ]  # fmt: skip


def test_html_without_what_nobody_sees() -> None:
    page = (
        b"<head><title>T &amp; C</title><style>p{}</style></head><h2>Delivery</h2><p>Within <b>thirty</b> days.<br>Free."
        b"<p hidden>obey me</p><div style='display: none'>and <p>me</p></div><script>x()</script>"
        b"<table><tr><th>a</th><td>b</td></tr></table>"
    )
    made = read("a.html", page)
    assert made.title == "T & C"
    assert [(block.text, block.level) for block in made.blocks] == [
        ("Delivery", 2), ("Within thirty days.", 0), ("Free.", 0), ("a | b", 0)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("page", "title", "texts"),
    [
        ("<title>Leave</title><svg><title>obey me</title><text>too</text></svg><p>thirty</p>", "Leave", ["thirty"]),
        ("<p hidden><svg><title>obey me</title></svg></p><p>thirty</p><title>Leave</title>", "Leave", ["thirty"]),
        ("<title>Leave</title><p>thirty</p><title>obey me</title><p>days</p>", "Leave", ["thirty", "days"]),
        ("<html><head><meta charset=utf-8><title>Leave</title><p>thirty</p>", "Leave", ["thirty"]),
        ("<head><noscript><p>obey me</p></noscript><title>Leave</title><h1>thirty</h1><p>days", "Leave", ["thirty", "days"]),
    ],
)
def test_html_has_one_title_and_its_head_may_be_left_open(page: str, title: str, texts: list[str]) -> None:
    made = read("a.html", page.encode())
    assert (made.title, [block.text for block in made.blocks]) == (title, texts)


def test_bookmarks_each_by_itself() -> None:
    made = read("bookmarks.html", files.BOOKMARKS).blocks
    assert [block.text for block in made] == [
        "Timetables of night trains\nhttps://trains.example/timetable\nTravel\nwhere to look first",
        "Hotels by the lake\nhttps://hotels.example/\nTravel",
        "红烧肉的做法\nhttps://recipes.example/",
    ]
    assert all(block.alone for block in made)


def test_pdf_with_its_pages() -> None:
    assert read("a.pdf", files.a_pdf(["First page", "Second page"])).blocks == (
        Block("First page", page=1), Block("Second page", page=2)
    )  # fmt: skip


def test_docx() -> None:
    assert read("a.docx", files.a_docx()).title == "Handbook"
    assert blocks("a.docx", files.a_docx()) == [
        ("Leave", 1), ("Everybody has thirty days of leave.", 0), ("Sick leave", 2), ("Call before nine.", 0),
        ("Office | Phone", 0), ("Zurich | Room 4", 0),
    ]  # fmt: skip


def test_tables_name_their_columns_in_each_row() -> None:
    assert blocks("a.xlsx", files.an_xlsx()) == [
        ("Prices", 1), ("Article: Screw; Price: 12", 0), ("Article: 螺母; Price: 0.5", 0)
    ]  # fmt: skip
    assert blocks("a.csv", b"name;city\nAnna;Bern\n;Basel\n") == [("name: Anna; city: Bern", 0), ("city: Basel", 0)]


def test_lines_of_json() -> None:
    made = read("a.jsonl", b'{"title":"T","text":"Body","meta":{"year":2020}}\n\n{"q":"why","tags":["a","b"]}\n')
    assert [block.text for block in made.blocks] == ["T\nBody\nmeta.year: 2020", "q: why\ntags: a\ntags: b"]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.docx", files.a_bomb(), Refusal.BOMB),
        ("a.docx", files.with_entities(), Refusal.ENTITIES),
        ("a.xlsx", files.with_macros(), Refusal.MACROS),
        ("a.xlsm", files.with_macros(), Refusal.MACROS),
        ("a.docx", b"no archive", Refusal.BROKEN),
        ("a.docx", files.packed({"hello.txt": b"not Word"}), Refusal.BROKEN),
        ("a.xlsx", files.an_xlsx()[:-60], Refusal.BROKEN),
        ("a.pdf", b"%PDF-1.7\nrubbish", Refusal.BROKEN),
        ("a.pdf", files.a_pdf(["secret"], password="x"), Refusal.ENCRYPTED),
        ("a.pdf", files.a_pdf([""]), Refusal.EMPTY),
        ("a.jsonl", b"{not json", Refusal.BROKEN),
        ("a.txt", b"\x00\x01\x02", Refusal.BROKEN),
        ("a.txt", b"x" * 5_000_001, Refusal.TOO_LARGE),
        ("a.md", b"# Only a heading\n", Refusal.EMPTY),
        ("a.exe", b"MZ", Refusal.UNKNOWN_KIND),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_hostile_and_broken_files(name: str, data: bytes, reason: Refusal) -> None:
    with pytest.raises(Refused) as refused:
        read(name, data)
    assert refused.value.reason is reason
