"""Asking for documents: by a field of a chat, and in a prompt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from gateway.errors import InvalidRequest, MalformedBody, PolicyDenied, UninspectableContent
from gateway.exchange import Decision
from gateway.grounding.asked import FIELD
from gateway.obligations import GroundingTerms
from gateway.protocol.wire import Surface
from tests.grounding.conftest import ALWAYS, Office, asking
from tests.stages.ground.asked import HANDBOOK, QUESTION, prompt


async def test_a_chat_asks_by_a_field_that_no_backend_gets(office: Office) -> None:
    await office.keep("Handbook", HANDBOOK)
    await office.keep("Rules", "Days off are holidays.", collection="hr")
    asked = asking(QUESTION, knowledge={"collections": ["hr", "elsewhere"], "passages": 3})
    await office.ask(asked, terms=GroundingTerms())
    assert "Rules" in prompt(office)
    assert "Handbook" not in prompt(office)
    assert FIELD not in office.model.sent[-1]


async def test_documents_that_are_not_granted_cannot_be_asked_for(office: Office) -> None:
    with pytest.raises(PolicyDenied, match="no documents"):
        await office.ask(asking(QUESTION, knowledge=True), terms=None)
    tool = {"type": "file_search"}
    request = {"model": "m", "input": QUESTION, "tools": [tool]}
    await office.ask(request, terms=None, surface=Surface.RESPONSES)
    assert office.model.sent[-1]["tools"] == [tool]  # the backend's own
    stored = {**request, "tools": [{**tool, "vector_store_ids": ["default"]}]}
    with pytest.raises(UninspectableContent, match="No rule gives you documents"):
        await office.ask(stored, terms=None, surface=Surface.RESPONSES)


@pytest.mark.parametrize("prompt", [QUESTION, [QUESTION]])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_prompt_is_grounded_and_its_answer_cites(office: Office, prompt: object, *, stream: bool) -> None:
    await office.keep("Handbook", HANDBOOK)
    office.model.says = "<PERSON_1> has thirty [1]."
    arriving = {"model": "m", "prompt": prompt, "stream": stream, "tools": [{"type": "file_search"}], "knowledge": True}
    answer = await office.ask(arriving, surface=Surface.COMPLETIONS)
    sent = office.model.sent[-1]["prompt"]
    text = sent if isinstance(prompt, str) else sent[0]
    rules, rest = text.split("\n\n", 1)
    assert rules.startswith("Below stand numbered passages of documents.")
    assert rest.startswith(
        "Passages of documents:\n[1]\n> Handbook · page 3\n> Everybody has thirty days off a year, says <PERSON_1>"
    )
    assert rest.endswith("The question:\n\nHow many days off has <PERSON_1>?")
    assert {"knowledge", "tools"} & office.model.sent[-1].keys() == {"tools"}
    choices = [choice for event in answer.events for choice in event["choices"]]
    assert "".join(choice["text"] for choice in choices) == "Anna Schmidt has thirty [1]."
    (annotation,) = choices[-1]["annotations"]
    assert annotation["file_citation"]["start_index"] == len("Anna Schmidt has thirty ")


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"prompt": ["One?", "Two?"]}, "prompt"),
        ({"prompt": [1, 2, 3]}, "prompt"),
        ({"prompt": "One", "suffix": "three"}, "suffix"),
        ({"prompt": "One", "echo": True}, "echo"),
    ],
)
async def test_a_completion_that_cannot_be_grounded_is_refused(office: Office, more: dict[str, object], param: str) -> None:
    """Else whoever is to be answered from documents alone would only have to ask on another endpoint."""
    request = {"model": "m", **more}
    with pytest.raises(InvalidRequest) as refused:
        await office.ask(request, surface=Surface.COMPLETIONS)
    assert (refused.value.param, office.model.sent) == (param, [])
    await office.ask({"model": "m", "prompt": "One"}, terms=GroundingTerms(), surface=Surface.COMPLETIONS)  # nobody asked
    assert office.model.sent == [{"model": "m", "prompt": "One"}]


@pytest.mark.parametrize("stream", [False, True])
async def test_a_prompt_that_nothing_fits_is_told_so(office: Office, *, stream: bool) -> None:
    asked = {"model": "m", "prompt": "Why?", "stream": stream, "stream_options": {"include_usage": True}}
    answer = await office.ask(asked, terms=replace(ALWAYS, says_so=True), surface=Surface.COMPLETIONS)
    assert answer.events[0]["choices"][0]["text"] == "The documents do not say anything about this."
    assert {event["object"] for event in answer.events} == {"text_completion"}
    assert answer.events[-1]["usage"]["total_tokens"] == 0


@pytest.mark.parametrize("store_s", [0, 60])
async def test_an_answer_of_no_model_may_be_named_as_any(office: Office, store_s: int) -> None:
    """Its id has been given out, and a client goes on from it as from another."""
    terms = replace(ALWAYS, says_so=True)
    answer = await office.ask({"model": "m", "input": "Why?"}, terms=terms, surface=Surface.RESPONSES, store_s=store_s)
    assert (office.model.sent, answer.events[0]["output"][0]["type"]) == ([], "message")
    assert (answer.storing.obligations.store_s if answer.storing else 0) == store_s


@pytest.mark.parametrize("quoted", [False, True])
async def test_a_question_that_no_rule_on_findings_saw_is_not_kept_beside_it(office: Office, *, quoted: bool) -> None:
    """Such a rule may forbid that items are kept, and is asked further in."""
    body = {"model": "m", "input": "Why?", "tools": [{"type": "file_search"}] if quoted else []}
    rules: dict[str, Any] = {"terms": replace(ALWAYS, says_so=True), "surface": Surface.RESPONSES, "store_s": 60}
    assert (await office.ask(body, **rules)).storing is not None
    answer = await office.ask(body, second=_unasked, **rules)
    assert (answer.storing is None, office.model.sent) == (quoted, [])


def _unasked(findings: Mapping[str, int], content: Mapping[str, float] | None = None) -> Decision:
    raise AssertionError("nobody looked")


async def test_a_wish_that_cannot_be_read_is_refused(office: Office) -> None:
    for wish in ("yes", {"collections": "hr"}, {"passages": 0}, {"passages": True}, {"rights": ["legal"]}):
        with pytest.raises(MalformedBody):
            await office.ask(asking(QUESTION, knowledge=wish))
