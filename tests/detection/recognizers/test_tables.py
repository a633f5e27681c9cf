"""Values under a head that says what they are, in the ways in which tables are written; and tables of other things."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.detection.detect import PresidioDetector
from gateway.detection.gate import Gate
from gateway.detection.recognizers.columns import HEADS, read_heads
from gateway.detection.recognizers.tables import TableColumns

_TABLES = TableColumns()
_GATE = Gate([_TABLES])
_CORE = PresidioDetector([_TABLES])


def _found(text: str) -> list[tuple[str, str]]:
    return [(f.entity, text[f.start : f.end]) for f in _CORE.analyze(text)]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("username,role\nkbrown,admin\nlena.h,viewer\n", [("USERNAME", "kbrown"), ("USERNAME", "lena.h")]),
        ("user;password\nolaf;Gh7!kk2\n", [("USERNAME", "olaf"), ("SECRET", "Gh7!kk2")]),
        ("Staff No\tName\n000417\tTove Lind\n", [("PERSON_ID", "000417"), ("PERSON", "Tove Lind")]),
        ("| Username | Role |\n|---|:-:|\n| kbrown | x |\n", [("USERNAME", "kbrown")]),
        (" username | role\n----------+------\n kbrown   | x\n(1 row)\n", [("USERNAME", "kbrown")]),
        (
            "+----+---------+\n| id | login   |\n+----+---------+\n|  1 | kbrown  |\n+----+---------+\n",
            [("USERNAME", "kbrown")],
        ),
        ("Surname   Passport\nOKORO     B01234567\n", [("PERSON", "OKORO"), ("PASSPORT_NUMBER", "B01234567")]),
        ('"Last name","Home address"\n"Lind","4, Elm Row"\n', [("PERSON", "Lind"), ("LOCATION", "4, Elm Row")]),
        ("first,last,dob\nTove,Lind,3/4/71\n", [("PERSON", "Tove"), ("PERSON", "Lind"), ("DATE_TIME", "3/4/71")]),
        ("id;nombre;móvil\n1;Ana Gil;600555014\n", [("PERSON", "Ana Gil"), ("PHONE_NUMBER", "600555014")]),
        ("employeeId,guardianPhone\nE2041,070 555 01 99\n", [("PERSON_ID", "E2041"), ("PHONE_NUMBER", "070 555 01 99")]),
        (
            "INSERT INTO staff (id, full_name, ssn) VALUES (1, 'Tove O''Lind', '219099999'), (2, 'ann roe', NULL);",
            [("PERSON", "Tove O''Lind"), ("US_SSN", "219099999"), ("PERSON", "ann roe")],
        ),
        ("name,mobile\n田野,x\n", [("PERSON", "田野")]),
        ("payee;sortCode\nx;20-45-77\ny;309089\n", [("UK_SORT_CODE", "20-45-77"), ("UK_SORT_CODE", "309089")]),
        (
            "INSERT INTO staff (full_name, ssn)\nVALUES (\n  N'Tove Lind',\n  '219099999'\n), (CONCAT('a', 'b'), ''), ('Ann Roe', '')",
            [("PERSON", "Tove Lind"), ("US_SSN", "219099999"), ("PERSON", "Ann Roe")],
        ),
        ("INSERT INTO staff (full_name, ssn) VALUES ('O\\'Lind', ''), ('Ann Roe', '')", [("PERSON", "Ann Roe")]),
        ('"login","role",\n"kbrown","x",\n', [("USERNAME", "kbrown")]),
        ("dob,address\n,4 Elm Row; Flat 2\n", [("LOCATION", "4 Elm Row; Flat 2")]),
        ("name,email .\nTove,x .\n", []),  # texts that share a page
        ("username,role\nkbrown,x .\nlena,y\n", [("USERNAME", "kbrown")]),
    ],
)
def test_a_head_says_what_is_below_it(text: str, values: list[tuple[str, str]]) -> None:
    assert _found(text) == values


def test_crlf_ends_a_line_too() -> None:
    assert _found("username,role\r\nkbrown,admin\r\n") == [("USERNAME", "kbrown")]


def test_a_table_ends_at_an_empty_line_and_at_a_line_without_cells() -> None:
    assert _found("username,role\nkbrown,x\n\nlena,y\n") == [("USERNAME", "kbrown")]
    assert _found("username,role\nkbrown,x\nThat is all.\nlena,y\n") == [("USERNAME", "kbrown")]


def test_a_line_with_more_cells_is_left_out_and_the_next_one_read() -> None:
    assert _found("username,role\na,b,c\nkbrown,x\n") == [("USERNAME", "kbrown")]


@pytest.mark.parametrize(
    "text",
    [
        "name,price\nApple,3\nPear,4\n",
        "name,phone and email are required.\nPlease fill in, thanks\n",
        "user,password\nNULL,NULL\nadmin,xxx\nstring,string\n",
        "city,phone\n12,n/a\n",
        "| Field | Type |\n|---|---|\n| username | varchar(40) |\n",
        "CREATE TABLE t (username text, role text)",
        "INSERT INTO items (sku, price) VALUES ('kbrown', 'x')",
        "SELECT username, role FROM t\nWHERE a, b\n",
        '"School",\n"Elm Row",\n"Lind",\n',
        "'handle', 'if',\n'in', 'infix',\n",
        "call(name, phone,\n     Tove, Lind)\n",
        'put(self, fname, "a")\nput(self, oldname, "b")\n',
        "apt   zip   3.0-13\napt   zsh1   5.9-4\n",
        "  login    Log in\n  logout   Log out\n",
        "name,salary\naverage,10\n",
    ],
)
def test_tables_of_other_things_say_nothing(text: str) -> None:
    assert _found(text) == []


@pytest.mark.parametrize("head", HEADS)
def test_the_gate_opens_for_every_head(head: str) -> None:
    @settings(max_examples=3, deadline=None, database=None)
    @given(st.from_regex(re.compile(head, re.ASCII), fullmatch=True), st.sampled_from([str, str.title, str.upper]))
    def opens(plain: str, written: object) -> None:
        head = written(plain)  # type: ignore[operator]
        if read_heads([head, "x"])[0] is not None:
            assert _GATE.open(f"x,{head},y\na,b,c\n")
            assert _GATE.open(f"x,{head}\na,b\n")

    opens()


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["username", "name", "email", ",", "|", "\t", "  ", "\n", '"', "'", "a", "INSERT INTO a (", ")", " .\n"]
        )
    )
)
def test_whatever_a_table_is_like_values_lie_in_the_text(parts: list[str]) -> None:
    text = "".join(parts)
    results = _TABLES.analyze(text, [])
    assert all(0 <= one.start < one.end <= len(text) and text[one.start : one.end].strip() for one in results)
    assert not results or _GATE.open(text)
