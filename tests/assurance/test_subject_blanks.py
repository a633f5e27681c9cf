"""What of an item a person sees: their own values, and nothing of others that was found there."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from gateway.assurance.subject_blanks import Blanked, blanked
from gateway.keys.data_key import TenantKey
from tests.assurance.kept import ANNA, ZHANG

OWNER = TenantKey("bank", b"k" * 32)
MAIL = "bob@example.com"


def _message(text: str) -> dict[str, Any]:
    return {"type": "message", "id": "msg_1", "role": "assistant", "content": [{"type": "output_text", "text": text}]}


def _blanked(item: dict[str, Any], own: set[str], others: set[str] = frozenset()) -> Blanked | None:  # type: ignore[assignment]
    return blanked(item, OWNER.tag, {*map(OWNER.tag, own | others)}, {*map(OWNER.tag, own)})


def _text(text: str, own: set[str], others: set[str]) -> tuple[str, dict[str, str]]:
    seen = _blanked(_message(text), own, others)
    assert seen is not None
    return seen.item["content"][0]["text"], dict(seen.own)


@pytest.mark.parametrize(
    ("text", "own", "others", "seen", "values"),
    [
        (f"{ANNA} wrote to {MAIL}.", {ANNA}, {MAIL}, "<VALUE_1> wrote to <VALUE_2>.", {"<VALUE_1>": ANNA}),
        (
            "ANNA  SCHMIDT, Anna Schmidt",
            {ANNA},
            set(),
            "<VALUE_1>, <VALUE_2>",
            {"<VALUE_1>": "ANNA  SCHMIDT", "<VALUE_2>": ANNA},
        ),
        (
            f"请{ZHANG}联系李雷，李雷很忙。",
            {ZHANG},
            {"李雷"},
            "请<VALUE_1>联系<VALUE_2>，<VALUE_2>很忙。",
            {"<VALUE_1>": ZHANG},
        ),
        ("Müller: annaMüller, Annas", set(), {"Müller"}, "<VALUE_1>: anna<VALUE_1>, Annas", {}),
        ("在建国路88号，A座。", set(), {"建国路88号，A座"}, "在<VALUE_1>。", {}),
        ("Lee﹐Ann and Lee，Ann", set(), {"Lee,Ann"}, "<VALUE_1> and <VALUE_2>", {}),
        ("Call 139-1234-5678 or13812345678", {"13912345678"}, {"+86 13812345678"}, "Call <VALUE_1> or<VALUE_2>", None),
        ("<VALUE_1> and <VALUE_2>: Bob", set(), {"Bob"}, "<VALUE_1> and <VALUE_2>: <VALUE_3>", {}),
        ("Anna Lee Wong called Anna Lee", {"Anna Lee"}, {"Lee Wong"}, "<VALUE_1> called <VALUE_2>", {"<VALUE_2>": "Anna Lee"}),
        ("at 12 Anna Lee Road", {"12 Anna Lee Road"}, {"Anna Lee"}, "at <VALUE_1>", {"<VALUE_1>": "12 Anna Lee Road"}),
        ("at 12 Anna Lee Road", {"Anna Lee"}, {"12 Anna Lee Road"}, "at <VALUE_1>", {}),
    ],
    ids=[
        "two people",
        "two spellings",
        "Chinese",
        "grown together",
        "a comma",
        "either comma",
        "numbers",
        "typed",
        "overlapping",
        "within mine",
        "mine within another's",
    ],
)
def test_others_are_blanked_and_the_person_is_told(
    text: str, own: set[str], others: set[str], seen: str, values: dict[str, str] | None
) -> None:
    shown, told = _text(text, own, others)
    assert shown == seen
    assert told == (values if values is not None else {"<VALUE_1>": "139-1234-5678"})


def test_arguments_of_a_tool_are_read_as_the_document_that_they_are() -> None:
    arguments = '{"to": "\\u5f20\\u4f1f", "cc": "bob@example.com", "phone": 13812345678, "anna schmidt": 1}'
    item = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "send", "arguments": arguments}
    seen = _blanked(item, {ZHANG, ANNA}, {MAIL, "13812345678"})
    assert seen is not None
    said = orjson.loads(seen.item["arguments"])
    own = dict(seen.own)
    assert (own[said["to"]], sorted(own.values())) == (ZHANG, sorted([ZHANG, "anna schmidt"]))
    assert MAIL not in orjson.dumps(seen.item).decode()
    assert "13812345678" not in orjson.dumps(seen.item).decode()
    assert {**seen.item, "arguments": ""} == {**item, "arguments": ""}


@pytest.mark.parametrize("text", ["Lisa asks", "x" * 200, "建国路88号、A座"], ids=["inside a word", "too long", "with a stop"])
def test_where_one_is_not_found_again_nothing_is_shown(text: str) -> None:
    """It was put back there as part of a word, or is no value that could be found."""
    others = {"Li"} if text.startswith("Li") else {text}
    assert _blanked(_message(f"{ANNA}: {text}"), {ANNA}, others) is None


def test_what_nobody_can_look_through_is_left_out() -> None:
    item = _message(ANNA)
    item["content"].append({"type": "output_image", "image_url": "https://example.com/bob.png"})
    seen = _blanked(item, {ANNA})
    assert seen is not None
    assert "bob" not in orjson.dumps(seen.item).decode()
