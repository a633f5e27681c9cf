"""Annotations of a backend point at the same words when originals are back in the text."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.protocol.segments import Edit
from gateway.protocol.wire import Surface
from gateway.redaction.citations import moved
from tests.redaction.test_reply import NAME, chunk, event, rewritten, rules, texts

SAID = "As <PERSON_1> says, <PERSON_1> is here."
CITED = "<PERSON_1> is"


def cites(text: str, cited: str) -> dict[str, Any]:
    start = text.rindex(cited)
    return {"start_index": start, "end_index": start + len(cited), "url": "https://x.org"}


def part(text: str, cited: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [{"type": "url_citation", **cites(text, cited)}]}


@pytest.mark.parametrize("reply", ["keep", "mask"])
@pytest.mark.parametrize("keeps_spoken", [False, True])
async def test_a_chat(reply: str, keeps_spoken: bool) -> None:
    message = {"content": SAID, "annotations": [{"type": "url_citation", "url_citation": cites(SAID, CITED)}, "odd"]}
    answer = {"choices": [{"index": 0, "message": message}]}
    [out] = await rewritten([answer], rules(reply=reply, keeps_spoken=keeps_spoken), streaming=False)
    told = out["choices"][0]["message"]
    place = told["annotations"][0]["url_citation"]
    if reply == "keep":
        assert told["content"][place["start_index"] : place["end_index"]] == f"{NAME} is"
    assert message["annotations"][0]["url_citation"] == cites(SAID, CITED)  # type: ignore[index]


async def test_a_response_and_the_last_events_of_its_stream() -> None:
    spoken, expected = part(SAID, CITED), part(SAID.replace("<PERSON_1>", NAME), f"{NAME} is")
    item = {"type": "message", "id": "msg_1", "content": [spoken, {"type": "refusal", "refusal": "no"}]}
    whole = {"object": "response", "output": [{"type": "reasoning"}, item]}
    [plain] = await rewritten([whole], rules(Surface.RESPONSES), streaming=False)
    assert plain["output"][1]["content"][0] == expected
    events = [
        event("response.content_part.done", 0, part=spoken, item_id="msg_1", output_index=0, content_index=0),
        event("response.output_item.done", 1, item=item, output_index=0),
        event("response.completed", 2, response=whole),
    ]
    of_part, of_item, last = await rewritten(events, rules(Surface.RESPONSES))
    assert of_part["part"] == of_item["item"]["content"][0] == last["response"]["output"][1]["content"][0] == expected


def pieces(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


@pytest.mark.parametrize("size", [1, 7, 100])
@pytest.mark.parametrize("finish", [None, "stop"])
async def test_a_streamed_chat_is_cited_as_the_plain_one(size: int, finish: str | None) -> None:
    restored = SAID.replace("<PERSON_1>", NAME)
    annotation = {"type": "url_citation", "url_citation": cites(SAID, CITED)}
    other = {"index": 1, "delta": {"annotations": "odd"}, "finish_reason": None}
    last = chunk(annotations=[annotation, "odd"], finish=finish)
    last["choices"].append(other)
    out = await rewritten([*(chunk(piece) for piece in pieces(SAID, size)), last, chunk(finish="stop")], rules())
    assert texts(out) == restored
    (found,) = (
        c["delta"]["annotations"][0] for d in out for c in d["choices"] if isinstance(c["delta"].get("annotations"), list)
    )
    assert found["url_citation"] == cites(restored, f"{NAME} is")
    assert annotation["url_citation"] == cites(SAID, CITED)


@pytest.mark.parametrize("size", [1, 7, 100])
async def test_a_streamed_response_is_cited_as_the_plain_one(size: int) -> None:
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    said = [event("response.output_text.delta", nr, delta=one, **place) for nr, one in enumerate(pieces(SAID, size))]
    added = event(
        "response.output_text.annotation.added", len(said), annotation=cites(SAID, CITED), annotation_index=0, **place
    )
    elsewhere = {**added, "content_index": 1}
    *_, first, second = await rewritten([*said, added, elsewhere], rules(Surface.RESPONSES))
    assert first["annotation"] == cites(SAID.replace("<PERSON_1>", NAME), f"{NAME} is")
    assert second["annotation"] == cites(SAID, CITED), "nothing was said there"


@pytest.mark.parametrize("rest", ["", " says so."])
async def test_what_is_cited_may_still_be_held_back(rest: str) -> None:
    """It may go on, as `PERSON_12`; whoever cites it says that it does not."""
    text = "As <PERSON_1> says, PERSON_1"
    restored = text.replace("<PERSON_1>", NAME).replace("PERSON_1", NAME)
    annotation = {"type": "url_citation", "url_citation": cites(text, "PERSON_1")}
    out = await rewritten([chunk(text), chunk(annotations=[annotation]), chunk(rest, finish="stop")], rules())
    assert texts(out) == restored + rest
    (found,) = (c["delta"]["annotations"][0] for d in out for c in d["choices"] if c["delta"].get("annotations"))
    assert found["url_citation"] == cites(restored, NAME)


@pytest.mark.parametrize(
    "answer", [{"choices": "x"}, {"output": [[]]}, {"part": {"annotations": [1]}}, {"item": {"content": {}}}]
)
async def test_odd_answers_pass(answer: dict[str, Any]) -> None:
    assert await rewritten([{**answer, "x": "<PERSON_1>"}], rules(), streaming=False) == [{**answer, "x": NAME}]


@pytest.mark.parametrize(
    ("at", "is_end", "expected"),
    [(0, False, 0), (2, False, 2), (2, True, 2), (4, False, 2), (4, True, 12), (5, True, 12), (6, False, 13)],
)
def test_where_a_place_moves(at: int, is_end: bool, expected: int) -> None:
    assert moved(at, [Edit(2, 5, "x" * 10), Edit(9, 11, "")], is_end=is_end) == expected
