"""JSON whose writer keeps to ASCII: `请` is written with letters and digits, and none of them belongs to a word."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.redaction.placeholders import typed_literals
from gateway.redaction.restore import Restorer
from tests.redaction.test_restore import in_pieces

PHONE = "10055501234"
RESTORER = Restorer(
    {("PERSON", 1): 'Ann "Lee"', ("PERSON", 2): "张伟"},
    {PHONE: "13812345678", "李娜": "王芳", "Maria Jones": "Zoë Quark"},
)
said = (
    st.lists(
        st.sampled_from(
            [
                *("请", "电话", "《", "》", "＜", "＞", "〈", "〉", "‹", "›", "<", ">", "<b>", "</b>", "：", "😀", "é", "'"),
                *(
                    "PERSON_1",
                    "PERSON_2",
                    "person_1",
                    "PERSON",
                    "_",
                    "1",
                    "x",
                    " ",
                    "\n",
                    PHONE,
                    "李娜",
                    "Maria Jones",
                    "Maria",
                ),
            ]
        ),
        max_size=7,
    )
    .map("".join)
    .map("{}.".format)
)


def html_safe(document: Any) -> str:
    """As Go writes it."""
    return json.dumps(document, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")


@pytest.mark.parametrize("write", [json.dumps, html_safe])
@pytest.mark.parametrize(
    ("text", "restored"),
    [
        (f"电话{PHONE}。", "电话13812345678。"),
        ("请联系Maria Jones吗", "请联系Zoë Quark吗"),
        ("请联系PERSON_1", '请联系Ann "Lee"'),
        ("《PERSON_2》，＜person_2＞和〈PERSON_2〉", "张伟，张伟和张伟"),
        ("李娜said", "王芳said"),
        (f"<b>PERSON_2</b> {PHONE}", "<b>张伟</b> 13812345678"),
        (f"<i>{PHONE}</i>", "<i>13812345678</i>"),
        ("éPERSON_2", "é张伟"),
    ],
)
def test_examples(text: str, restored: str, write: Any) -> None:
    written = write({"t": text})
    whole = RESTORER.whole(written, json=True)
    assert json.loads(whole) == {"t": restored}
    assert in_pieces(written, list(range(len(written))), as_json=True, restorer=RESTORER) == whole


@settings(max_examples=300, deadline=None)
@given(said, st.integers(1, 3))
def test_it_says_the_same_as_other_json(text: str, depth: int) -> None:
    def restored(*, ascii_only: bool) -> Any:
        document: Any = text
        for _ in range(depth):
            document = json.dumps({"t": document}, ensure_ascii=ascii_only)
        document = RESTORER.whole(document, json=True)
        for _ in range(depth):
            document = json.loads(document)["t"]
        return document

    assert restored(ascii_only=True) == restored(ascii_only=False)


@settings(max_examples=300, deadline=None)
@given(said, st.lists(st.integers(0, 200), max_size=8), st.booleans())
def test_every_way_of_cutting_gives_the_whole(text: str, cuts: list[int], as_json: bool) -> None:
    written = json.dumps({"t": text})
    assert in_pieces(written, cuts, as_json=as_json, restorer=RESTORER) == RESTORER.whole(written, json=as_json)


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("case", [str, lambda said: said.replace("674e", "674E").replace("5a1c", "5A1C")])
def test_a_text_may_show_json_too(depth: int, case: Callable[[str], str]) -> None:
    document: Any = "请联系李娜。"
    for _ in range(depth):
        document = json.dumps({"t": document})
    text = f"Here it is:\n```json\n{case(document)}\n```\nThat is 李娜, or '{case(json.dumps('李娜')[1:-1])}'."
    whole = RESTORER.whole(text)
    fenced = whole.split("\n")[2]
    for _ in range(depth):
        fenced = json.loads(fenced)["t"]
    assert (fenced, whole.split("\n")[-1]) == ("请联系王芳。", "That is 王芳, or '王芳'.")
    assert in_pieces(text, list(range(len(text))), restorer=RESTORER) == whole


@pytest.mark.parametrize("bracket", ["\\u300a", "\\u003C", "\\uFF1C"])
def test_what_a_client_typed_so_is_its_own(bracket: str) -> None:
    assert typed_literals([f'{{"t": "{bracket}person_4"}}'], ["PERSON"]) == {("PERSON", 4)}
