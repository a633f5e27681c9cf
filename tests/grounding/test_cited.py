"""Citations in answers, plain and streamed, in the shapes that OpenAI's own types read."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from openai.types.responses import Response, ResponseFileSearchToolCall, ResponseOutputMessage

from gateway.obligations import EntityRules, OperatorKind
from gateway.protocol.wire import JsonObject, Surface
from tests.grounding.conftest import ALWAYS, KEEP, Office, asking, empty, office
from tests.knowledge.conftest import RULES

__all__ = ["empty", "office"]

SEARCH = {"type": "file_search", "vector_store_ids": ["default"]}
CALL_EVENTS = [
    "response.output_item.added",
    "response.file_search_call.in_progress",
    "response.file_search_call.searching",
    "response.file_search_call.completed",
    "response.output_item.done",
]


async def _kept(office: Office) -> str:
    await office.keep("Handbook", "Anna Schmidt has thirty days off.")
    (known,) = await office.library.documents("bank")
    office.model.says = "<PERSON_1> has thirty [1], not [7]."
    return known.id


def _searching(**more: Any) -> JsonObject:
    return {"model": "m", "input": "How many days off has Anna Schmidt?", "tools": [SEARCH], **more}


async def test_a_chat_stream_is_cited_in_its_last_delta_and_held_back_nowhere(office: Office) -> None:
    document = await _kept(office)
    answer = await office.ask(asking("How many days off has Anna Schmidt?", stream=True))
    deltas = [choice["delta"] for event in answer.events for choice in event["choices"]]
    text = "".join(delta.get("content") or "" for delta in deltas)
    assert text == "Anna Schmidt has thirty [1], not [7]."
    told = [delta["annotations"] for delta in deltas if "annotations" in delta]
    file = {"file_id": document, "filename": "Handbook", "start_index": 24, "end_index": 27}
    assert told == [[{"type": "file_citation", "file_citation": file}]]
    assert text[24:27] == "[1]"
    assert len([delta for delta in deltas if delta.get("content")]) > 3


async def test_a_response_shows_the_search_and_cites(office: Office) -> None:
    document = await _kept(office)
    include = ["file_search_call.results"]
    answer = await office.ask(_searching(include=include), surface=Surface.RESPONSES)
    assert {"tools", "include"}.isdisjoint(office.model.sent[-1])
    read = Response.construct(**answer.events[0])
    call, message = read.output
    assert isinstance(call, ResponseFileSearchToolCall)
    assert isinstance(message, ResponseOutputMessage)
    assert call.results is not None
    assert [(one.file_id, one.filename, one.text) for one in call.results] == [
        (document, "Handbook", "Anna Schmidt has thirty days off.")
    ]
    assert read.output_text == "Anna Schmidt has thirty [1], not [7]."
    (part,) = message.model_dump()["content"]
    assert part["annotations"] == [{"type": "file_citation", "file_id": document, "filename": "Handbook", "index": 24}]


async def test_results_are_shown_to_those_who_ask_for_them(office: Office) -> None:
    await _kept(office)
    answer = await office.ask(_searching(), surface=Surface.RESPONSES)
    assert answer.events[0]["output"][0]["results"] is None
    by_policy = await office.ask({"model": "m", "input": "How many days off?"}, surface=Surface.RESPONSES)
    assert [item["type"] for item in by_policy.events[0]["output"]] == ["message"]


@pytest.mark.parametrize("stream", [False, True])
async def test_what_only_the_readers_rules_protect_is_in_no_file_name_and_no_result(office: Office, *, stream: bool) -> None:
    """The tenant keeps addresses in its documents; this reader gets none in an answer, and so none beside it."""
    lax = replace(RULES, entities=EntityRules(OperatorKind.PLACEHOLDER, {"EMAIL_ADDRESS": OperatorKind.KEEP}))
    await office.keep("Handbook of ben@bank.example", "Ask ben@bank.example or Anna Schmidt about days off.", rules=lax)
    office.model.says = "Thirty [1]."
    strict = EntityRules(OperatorKind.PLACEHOLDER, {"EMAIL_ADDRESS": OperatorKind.MASK})
    asked = _searching(include=["file_search_call.results"], stream=stream)
    answer = await office.ask(asked, surface=Surface.RESPONSES, request=strict)
    assert "Anna Schmidt about days off." in str(answer.events)
    chat = await office.ask(asking("How many days off?", stream=stream), request=strict)
    assert "Handbook of" in str(chat.events)
    assert not any("ben@" in str(events) for events in (answer.events, chat.events, office.model.sent))


@pytest.mark.parametrize("stream", [False, True])
async def test_what_only_the_rules_of_today_protect_is_in_no_file_name_and_no_result(office: Office, *, stream: bool) -> None:
    """The document was kept when policy kept addresses, and nobody has added it again."""
    lax = replace(RULES, entities=EntityRules(OperatorKind.PLACEHOLDER, {"EMAIL_ADDRESS": OperatorKind.KEEP}))
    await office.keep("Handbook of ben@bank.example", "Ask ben@bank.example or Anna Schmidt about days off.", rules=lax)
    asked, now = _searching(include=["file_search_call.results"], stream=stream), RULES.entities
    answer = await office.ask(asked, surface=Surface.RESPONSES, request=now, detection=RULES.detection, restore=False)
    assert "Ask <EMAIL_ADDRESS> or <PERSON> about days off." in str(answer.events)
    assert not any("ben@" in str(events) for events in (answer.events, office.model.sent))


async def test_what_an_answer_may_not_say_stands_in_no_result(office: Office) -> None:
    """Policy keeps addresses in requests and documents, and lets no model write one."""
    kept = EntityRules(OperatorKind.PLACEHOLDER, {"EMAIL_ADDRESS": OperatorKind.KEEP})
    await office.keep(
        "Handbook of ben@bank.example", "Ask ben@bank.example or Anna Schmidt.", rules=replace(RULES, entities=kept)
    )
    asked, hushed = (
        _searching(include=["file_search_call.results"]),
        replace(KEEP, by_entity={"EMAIL_ADDRESS": OperatorKind.MASK}),
    )
    answer = await office.ask(asked, surface=Surface.RESPONSES, request=kept, reply=hushed)
    assert "or Anna Schmidt." in str(answer.events), "who was replaced comes back, as in the answer"
    assert "ben@bank.example" in str(office.model.sent)
    assert "ben@" not in str(answer.events)


async def test_a_response_stream_is_whole_with_what_was_put_in(office: Office) -> None:
    document = await _kept(office)
    events = (await office.ask(_searching(stream=True), surface=Surface.RESPONSES)).events
    kinds = [event["type"] for event in events]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert kinds[:7] == ["response.created", "response.in_progress", *CALL_EVENTS]
    places = [event["output_index"] for event in events if "output_index" in event]
    assert all(one <= other for one, other in pairwise(places))
    assert set(places) == {0, 1}
    (added,) = (event for event in events if event["type"] == "response.output_text.annotation.added")
    citation = {"type": "file_citation", "file_id": document, "filename": "Handbook", "index": 24}
    assert (added["annotation"], added["annotation_index"], added["output_index"]) == (citation, 0, 1)
    assert kinds.index("response.output_text.annotation.added") < kinds.index("response.output_text.done")
    whole = Response.construct(**events[-1]["response"])
    assert [item.type for item in whole.output] == ["file_search_call", "message"]
    assert events[-1]["response"]["output"][1]["content"][0]["annotations"] == [citation]


async def test_the_answer_that_no_model_gave_is_a_whole_one(office: Office) -> None:
    terms = replace(ALWAYS, says_so=True)
    plain = await office.ask(_searching(), terms=terms, surface=Surface.RESPONSES)
    read = Response.model_validate(plain.events[0])
    assert read.output_text == "The documents do not say anything about this."
    assert [item.type for item in read.output] == ["file_search_call", "message"]
    streamed = await office.ask(_searching(stream=True), terms=terms, surface=Surface.RESPONSES)
    assert [event["sequence_number"] for event in streamed.events] == list(range(len(streamed.events)))
    assert Response.model_validate(streamed.events[-1]["response"]).output_text == read.output_text
    options = {"stream": True, "stream_options": {"include_usage": True}}
    chat = await office.ask(asking("How many?", **options), terms=terms)
    assert chat.events[-1]["usage"]["total_tokens"] == 0
    assert office.model.sent == []


@pytest.mark.parametrize("surface", [Surface.CHAT, Surface.COMPLETIONS])
@pytest.mark.parametrize("stream", [False, True])
async def test_the_answer_that_no_model_gave_comes_as_often_as_was_asked(
    office: Office, surface: Surface, *, stream: bool
) -> None:
    said = asking("How many?") if surface is Surface.CHAT else {"model": "m", "prompt": "How many?"}
    body = {**said, "n": 3, "stream": stream}
    answer = await office.ask(body, terms=replace(ALWAYS, says_so=True), surface=surface)
    texts: dict[int, str] = {}
    for choice in (one for event in answer.events for one in event["choices"]):
        told = choice.get("message") or choice.get("delta") or {"content": choice.get("text")}
        texts[choice["index"]] = texts.get(choice["index"], "") + (told.get("content") or "")
    assert texts == dict.fromkeys(range(3), "The documents do not say anything about this.")
    ended = [choice["index"] for event in answer.events for choice in event["choices"] if choice["finish_reason"]]
    assert sorted(ended) == [0, 1, 2]
