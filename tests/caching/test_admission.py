from __future__ import annotations

from typing import Any

import pytest

from gateway.caching.admission import Admission
from gateway.protocol.wire import JsonObject, Surface
from tests.caching.conftest import ASKED, question


def chat(*reasons: str | None, text: str = "hi") -> JsonObject:
    choices = [{"index": at, "message": {"content": text}, "finish_reason": reason} for at, reason in enumerate(reasons)]
    return {"id": "chatcmpl-1", "object": "chat.completion", "choices": choices, "usage": {"completion_tokens": 2}}


def delta(text: str | None, reason: str | None = None, index: int = 0) -> JsonObject:
    return {"id": "chatcmpl-1", "choices": [{"index": index, "delta": {"content": text}, "finish_reason": reason}]}


def seen(*events: JsonObject, max_bytes: int = 10_000, **asked: Any) -> Admission:
    admission = Admission(question(**asked), max_bytes)
    for event in events:
        admission.see(event)
    return admission


@pytest.mark.parametrize(
    ("event", "kept"),
    [
        (chat("stop"), True),
        (chat("tool_calls"), True),
        (chat("function_call"), True),
        (chat("length"), False),
        (chat("content_filter"), False),
        (chat("something else"), False),
        (chat(None), False),
        (chat(), False),
        ({"choices": "odd"}, False),
    ],
)
def test_only_whole_answers(event: JsonObject, kept: bool) -> None:
    assert seen(event).may_be_kept(200) is kept


@pytest.mark.parametrize("status", [400, 429, 503])
def test_no_refusal(status: int) -> None:
    assert not seen(chat("stop")).may_be_kept(status)


def test_nothing_is_no_answer() -> None:
    assert not seen().may_be_kept(200)


def test_every_choice_that_was_asked_for() -> None:
    two = {**ASKED, "n": 2}
    assert seen(chat("stop", "stop"), body=two).may_be_kept(200)
    assert not seen(chat("stop", "length"), body=two).may_be_kept(200)
    assert not seen(chat("stop"), body=two).may_be_kept(200)
    assert not seen(delta("a", "stop"), delta("b", index=1), body=two, streaming=True).may_be_kept(200)
    prompts = {"prompt": ["a", "b"], "n": 2}
    assert seen(chat("stop", "stop", "stop", "stop"), body=prompts, surface=Surface.COMPLETIONS).may_be_kept(200)
    assert not seen(chat("stop", "stop"), body=prompts, surface=Surface.COMPLETIONS).may_be_kept(200)
    assert seen(chat("stop"), body={"prompt": [1, 2, 3]}, surface=Surface.COMPLETIONS).may_be_kept(200)


@pytest.mark.parametrize(
    ("status", "details", "kept"),
    [
        ("completed", None, True),
        ("incomplete", {"reason": "max_output_tokens"}, False),
        ("failed", None, False),
        ("cancelled", None, False),
        ("in_progress", None, False),
    ],
)
def test_responses(status: str, details: JsonObject | None, kept: bool) -> None:
    plain = {"id": "resp_1", "object": "response", "status": status, "incomplete_details": details}
    assert seen(plain, surface=Surface.RESPONSES).may_be_kept(200) is kept
    event = {"type": f"response.{status}", "response": plain}
    assert seen(event, surface=Surface.RESPONSES, streaming=True).may_be_kept(200) is kept


def test_embeddings() -> None:
    assert seen({"object": "list", "data": []}, surface=Surface.EMBEDDINGS).may_be_kept(200)
    assert not seen({"object": "list"}, surface=Surface.EMBEDDINGS).may_be_kept(200)


def test_what_is_too_large_is_let_go() -> None:
    admission = seen(delta("a" * 100), delta("b" * 100, "stop"), max_bytes=250, streaming=True)
    assert admission.events is None
    assert not admission.may_be_kept(200)
    assert admission.usage.finish_reasons == ("stop",)


LABELLED = {**ASKED, "user": "u-4711", "metadata": {"ward": "Ward 7"}}


@pytest.mark.parametrize(
    "events",
    [
        [chat("stop", text="you are u-4711")],
        [{**chat("stop"), "user": "u-4711"}],
        [{**chat("stop"), "metadata": {"ward": "Ward 7"}}],
        [delta("in Wa"), delta("rd 7", "stop")],
        [delta("x"), {**delta(None, "stop"), "system_fingerprint": "u-4711"}],
        [{**delta("x", "stop"), "u-4711": 1}],
    ],
)
def test_an_answer_that_repeats_a_label_is_nobody_elses(events: list[JsonObject]) -> None:
    assert not seen(*events, body=LABELLED).may_be_kept(200)
    assert seen(*events).may_be_kept(200)


def test_a_label_that_the_question_holds_as_well_is_no_news() -> None:
    assert seen(chat("stop", text="<PERSON_1>"), body={**ASKED, "user": "<PERSON_1>"}).may_be_kept(200)
    assert seen(chat("stop"), body=LABELLED).may_be_kept(200)


def test_two_texts_of_an_answer_do_not_run_together() -> None:
    assert seen({**chat("stop", text="Ward"), "system_fingerprint": " 7"}, body=LABELLED).may_be_kept(200)
