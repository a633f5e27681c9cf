"""A mark says where a finding stands in the body that is recorded: what stands there is its stand-in, or the value itself."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.exchange.content import Mark
from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.protocol.wire import JsonObject
from gateway.redaction.marks import marks, pointer
from gateway.redaction.redactor import Redactor
from tests.redaction.conftest import KnownValues

KNOWN = {
    "Ann Lee": "PERSON",
    "张伟": "PERSON",
    "ann@x.org": "EMAIL_ADDRESS",
    "13812345678": "PHONE_NUMBER",
    "Paris": "LOCATION",
}


def rules(default: str = "placeholder", **by_entity: str) -> EntityRules:
    return EntityRules(OperatorKind(default), {entity: OperatorKind(op) for entity, op in by_entity.items()})


async def marked(body: JsonObject, request: EntityRules) -> tuple[JsonObject, tuple[Mark, ...]]:
    redactor = Redactor(KnownValues(KNOWN), b"k" * 32)
    inspection = await redactor.inspect(body, Obligations(request=request, reply=request, restore=True))
    redaction = await redactor.redact(inspection, tenant="t")
    return redaction.body, marks(inspection, redaction)


def at(body: Any, mark: Mark) -> str:
    """What a mark points at, as somebody finds it who knows RFC 6901 and nothing of ours."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in mark.pointer.split("/")[1:]]
    for step in steps[:-1] if mark.in_key else steps:
        body = body[int(step)] if isinstance(body, list) else body[step]
    text = steps[-1] if mark.in_key else body
    assert not mark.in_key or text in body
    assert isinstance(text, str)
    return text[mark.start : mark.end]


def said(text: str) -> JsonObject:
    return {"model": "m", "messages": [{"role": "user", "content": text}]}


async def test_each_finding_is_marked_where_its_stand_in_is() -> None:
    body, found = await marked(said("I am Ann Lee (张伟), ann@x.org."), rules(EMAIL_ADDRESS="mask"))
    assert [(at(body, mark), mark.entity, mark.operator) for mark in found] == [
        ("<PERSON_1>", "PERSON", "placeholder"),
        ("<PERSON_2>", "PERSON", "placeholder"),
        ("*********", "EMAIL_ADDRESS", "mask"),
    ]
    assert found[0] == Mark(
        pointer="/messages/0/content",
        start=5,
        end=15,
        entity="PERSON",
        operator=OperatorKind.PLACEHOLDER,
        recognizer="known",
        score=0.9,
    )


async def test_what_is_dropped_leaves_an_empty_span_and_what_is_kept_itself() -> None:
    body, found = await marked(said("Ann Lee met ann@x.org, 张伟"), rules("drop", EMAIL_ADDRESS="keep"))
    assert body["messages"][0]["content"] == " met ann@x.org, "
    assert [(mark.start, mark.end, at(body, mark)) for mark in found] == [(0, 0, ""), (5, 14, "ann@x.org"), (16, 16, "")]


async def test_inside_json_in_a_string_the_raw_string_counts() -> None:
    arguments = '{"to": "\\u5f20\\u4f1f \\"Ann Lee\\"", "phone": 13812345678, "at": "Paris"}'
    call = {"function": {"name": "f", "arguments": arguments}}
    body, found = await marked(
        {"model": "m", "messages": [{"role": "assistant", "tool_calls": [call]}]}, rules(LOCATION="keep")
    )
    assert [at(body, mark) for mark in found] == ["<PERSON_1>", "<PERSON_2>", '"<PHONE_NUMBER_1>"', "Paris"]


async def test_a_key_and_what_stands_under_it() -> None:
    body, found = await marked({"model": "m", "metadata": {"Ann Lee": {"a/b~c": "ann@x.org"}}}, rules())
    assert [(mark.in_key, at(body, mark)) for mark in found] == [(True, "<PERSON_1>"), (False, "<EMAIL_ADDRESS_1>")]
    assert [mark.pointer for mark in found] == ["/metadata/<PERSON_1>", "/metadata/<PERSON_1>/a~1b~0c"]


async def test_a_number_is_marked_where_it_became_a_text() -> None:
    replaced, found = await marked({"model": "m", "metadata": {"phone": 13812345678}}, rules())
    assert [at(replaced, mark) for mark in found] == ["<PHONE_NUMBER_1>"]
    kept, found = await marked({"model": "m", "metadata": {"phone": 13812345678}}, rules("keep", PERSON="mask"))
    assert (kept["metadata"]["phone"], found) == (13812345678, ())


async def test_where_nothing_is_looked_for_nothing_is_marked() -> None:
    assert (await marked(said("Ann Lee"), rules("keep")))[1] == ()


_PIECES = st.lists(st.sampled_from([*KNOWN, " and ", '"', "\\", "\n", "你好 ", "<PERSON_1>", ", "]), max_size=12).map("".join)


@settings(max_examples=40)
@given(_PIECES, st.booleans(), st.sampled_from(["placeholder", "hash", "mask"]))
async def test_every_mark_is_of_the_shape_that_its_operator_leaves(text: str, in_json: bool, operator: str) -> None:
    content = orjson.dumps([{"note": text}]).decode() if in_json else text
    body, found = await marked(said(content), rules(operator, LOCATION="keep"))
    shape = {"placeholder": "<", "hash": "<", "mask": "*"}[operator]
    for mark in found:
        stands = at(body, mark)
        assert stands == "Paris" if mark.operator == "keep" else stands.startswith(shape)
    spans = sorted((mark.start, mark.end) for mark in found)
    assert all(before[1] <= after[0] for before, after in zip(spans, spans[1:], strict=False))


@pytest.mark.parametrize(("path", "written"), [((), ""), (("a", 0), "/a/0"), (("~", "/", ""), "/~0/~1/")])
def test_a_path_as_a_pointer(path: tuple[str | int, ...], written: str) -> None:
    assert pointer(path) == written
