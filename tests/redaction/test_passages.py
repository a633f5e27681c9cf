import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.detect import PresidioDetector
from gateway.exchange import Finding
from gateway.protocol.text_slots import read_slots
from gateway.redaction.passages import by_passage, pages, passages

BODY = {
    "user": "zoe",
    "tools": [{"function": {"name": "f", "description": "x" * 50}}],
    "messages": [
        {"role": "user", "content": "y" * 60},
        {"role": "tool", "content": '{"name": "ann", "phone": 13812345678}'},
    ],
}


def laid_out(body: dict[str, Any]) -> list[str]:
    return [page.text for page in pages(passages(read_slots(body)))]


def test_what_is_said_comes_first_and_long_texts_have_a_page_of_their_own() -> None:
    found = passages(read_slots(BODY))
    assert [page.text[:1] for page in pages(found) if page.text in ("y" * 60, "x" * 50)] == ["y", "x"]
    assert found[0].text.startswith("y")


def test_short_texts_share_a_page_under_their_keys() -> None:
    (shared,) = (page for page in pages(passages(read_slots(BODY))) if len(page.parts) > 1)
    assert "name: ann .\n" in shared.text
    assert "phone: 13812345678 .\n" in shared.text
    assert "user: zoe .\n" in laid_out(BODY)


def called(arguments: dict[str, Any]) -> dict[str, Any]:
    return {"messages": [{"role": "assistant", "tool_calls": [{"function": {"arguments": json.dumps(arguments)}}]}]}


def test_a_long_key_is_written_out_for_its_numbers_in_brief() -> None:
    laid = laid_out(called({"k" * 20_000: list(range(100_000, 102_000))}))
    assert sum(map(len, laid)) < 20_000 + 2_000 * 60
    assert any("kkk: 101999 .\n" in page for page in laid)


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("phone_number_of_the_primary_contact_person_in_this_list", "phone_number in_this_list"),
        ("phoneNumberOfThePrimaryContactPersonInThisCustomerList", "phone Number Of Customer List"),
        ("the_person_to_call_about_it_has_this_private_phone_number", "the_person_to phone_number"),
        ("紧急联系人" * 10 + "手机号码", "紧急联系人紧急联系人紧急联系 紧急联系人紧急联系人手机号码"),
        ("primary_contact_person_of_customer_phone_number", "primary phone_number"),
        ("k" * 47, "k" * 14),
        ("k" * 46, "k" * 46),
        ("_" * 50, ""),
    ],
)
def test_a_long_key_keeps_its_first_and_its_last_words(key: str, label: str) -> None:
    value = passages(read_slots(called({key: "5551234"})))[-1]
    assert (value.text, value.label) == ("5551234", label)
    assert passages(read_slots({"metadata": {key: "5551234"}}))[-1].label == label


def test_a_repr_shows_no_text() -> None:
    found = passages(read_slots(called({"hunter1": "hunter2"})))
    assert "hunter" not in repr(found)
    assert "hunter" not in repr(pages(found))


def test_a_message_more_is_a_page_more_and_changes_none() -> None:
    messages = [{"role": "user", "name": "ann", "content": f"Short {n}"} for n in range(9)]
    around = {"user": "zoe", "tools": [{"function": {"name": "f", "description": "Short"}}], "metadata": {"city": "Rome"}}
    before, after = (laid_out({**around, "messages": messages[:n]}) for n in (8, 9))
    assert "name: ann .\nShort 8 .\n" in after
    assert sorted(after) == sorted([*before, "name: ann .\nShort 8 .\n"])


def test_a_list_of_plain_strings_shares_pages() -> None:
    assert len(laid_out({"input": [f"name {n}" for n in range(300)]})) == 2


def test_findings_come_back_to_their_passage_and_end_with_it() -> None:
    found = passages(read_slots({"messages": ["ann", "bob"]}))
    laid = pages(found)
    assert laid[0].text == "ann .\nbob .\n"
    across = Finding(0, 9, "PERSON", 0.9, "r")
    assert by_passage(found, laid, [(across,)]) == [[Finding(0, 3, "PERSON", 0.9, "r")], [Finding(0, 3, "PERSON", 0.9, "r")]]


@given(
    st.lists(
        st.sampled_from(["Ann is here.\n\n", "x" * 700 + ".\n\n", "Bob!\r\n\r\n", "中文Ann。\n\n", "no end\n\n"]), max_size=30
    )
)
def test_findings_in_the_parts_of_a_long_text_come_back_to_where_they_are(blocks: list[str]) -> None:
    text = "".join(blocks) + "x" * 41
    found = passages(read_slots({"messages": [{"content": "short"}, {"content": text}]}))
    laid = pages(found)
    findings = by_passage(found, laid, [[Finding(at, at + 3, "P", 0.9, "r") for at in _places(page.text)] for page in laid])
    assert [finding.start for finding in findings[1]] == _places(text)
    assert all(finding.end == finding.start + 3 for finding in findings[1])


def _places(text: str) -> list[int]:
    return [at for at in range(len(text)) if text.startswith("Ann", at)]


@pytest.fixture(scope="module")
def core() -> PresidioDetector:
    return PresidioDetector()


def _found(core: PresidioDetector, body: dict[str, object]) -> list[list[str]]:
    found = passages(read_slots(body))
    laid = pages(found)
    findings = by_passage(found, laid, [core.analyze(page.text) for page in laid])
    return [[p.text[f.start : f.end] for f in own] for p, own in zip(found, findings, strict=True)]


def test_a_name_on_a_shared_page_is_found_as_it_is_alone(core: PresidioDetector) -> None:
    names = ["Alice", "Bob", "Sarah Connor", "Berlin", "Chicago", "王小明", "Emily", "Michael", "Daniel Craig", "London"]
    alone = [bool(core.analyze(name)) for name in names]
    assert sum(alone) >= 8
    together = [bool(own) for own in _found(core, {"messages": names})]
    assert not [name for name, once, again in zip(names, alone, together, strict=True) if once and not again]


def test_a_name_beside_a_sentence_with_the_name(core: PresidioDetector) -> None:
    message = {"role": "user", "name": "Alice", "content": "My name is Alice Johnson, I live here."}
    assert ["Alice"] in _found(core, {"messages": [message]})


def test_a_word_in_one_text_says_nothing_about_a_number_in_another(core: PresidioDetector) -> None:
    assert _found(core, {"messages": ["What is my patient id?", "50256"]})[1] == []
    assert _found(core, {"messages": ["patient id:\n50256"]})[0] == ["50256"]
    assert _found(core, {"patient id": "50256"})[-1] == ["50256"]


def test_the_words_of_a_long_key_reach_its_value(core: PresidioDetector) -> None:
    long = "phone_number_of_the_primary_contact_person_in_this_list_of_customers"
    assert _found(core, called({long: "5551234"}))[-1] == ["5551234"]
    assert _found(core, called({long: 5551234}))[-1] == ["5551234"]
