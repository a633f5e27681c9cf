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


def test_what_is_said_comes_first_and_long_texts_have_a_page_of_their_own() -> None:
    found = passages(read_slots(BODY))
    laid = pages(found)
    assert [page.text[:1] for page in laid if len(page.parts) == 1] == ["y", "x"]
    assert found[0].text.startswith("y")


def test_short_texts_share_a_page_under_their_keys() -> None:
    (shared,) = (page for page in pages(passages(read_slots(BODY))) if len(page.parts) > 1)
    assert "name: ann\n" in shared.text
    assert "phone: 13812345678\n" in shared.text
    assert "user: zoe\n" in shared.text


def test_findings_come_back_to_their_passage_and_end_with_it() -> None:
    found = passages(read_slots({"messages": [{"content": "ann"}, {"content": "bob"}]}))
    laid = pages(found)
    assert laid[0].text == "ann\nbob\n"
    across = Finding(0, 7, "PERSON", 0.9, "r")
    assert by_passage(found, laid, [(across,)]) == [[Finding(0, 3, "PERSON", 0.9, "r")], [Finding(0, 3, "PERSON", 0.9, "r")]]
