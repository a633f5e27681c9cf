"""Which pieces of a stream are one text: by choice, item, part and command, and by nothing less."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.protocol.wire import Surface
from tests.redaction.test_reply import NAME, chunk, event, rewritten, rules

OUTPUT = "response.shell_call_output_content"


def output(number: int, command: int = 0, **delta: str) -> dict[str, Any]:
    return event(f"{OUTPUT}.delta", number, delta=delta, command_index=command, item_id="sh_1", output_index=0)


def heard(events: list[dict[str, Any]], stream: str, command: int = 0) -> str:
    deltas = (e["delta"] for e in events if e["type"] == f"{OUTPUT}.delta" and e["command_index"] == command)
    return "".join(delta.get(stream, "") for delta in deltas)


async def test_what_a_command_prints_is_restored_across_its_pieces() -> None:
    done = event(f"{OUTPUT}.done", 2, command_index=0, item_id="sh_1", output_index=0, output=[])
    pieces = [output(0, stdout="Hi <PERS", stderr="no PERSON"), output(1, stdout="ON_1>!", stderr="_1"), done]
    out = await rewritten(pieces, rules(Surface.RESPONSES))
    assert heard(out, "stdout") == f"Hi {NAME}!"
    assert heard(out, "stderr") == f"no {NAME}"
    assert out[-1]["type"] == f"{OUTPUT}.done"  # what was held back came before
    assert [e["sequence_number"] for e in out] == list(range(len(out)))


async def test_what_a_command_prints_is_screened_across_its_pieces() -> None:
    out = await rewritten([output(0, stdout="from B"), output(1, stdout="ob here")], rules(Surface.RESPONSES, "mask"))
    assert heard(out, "stdout") == "from *** here"


async def test_commands_that_run_at_once_do_not_get_each_others_words() -> None:
    def typed(number: int, command: int, delta: str) -> dict[str, Any]:
        return event("response.shell_call_command.delta", number, delta=delta, command_index=command, output_index=0)

    pieces = [typed(0, 0, "echo <PERS"), typed(1, 1, "ls"), typed(2, 0, "ON_1>"), typed(3, 1, " PERSON"), typed(4, 1, "_1")]
    out = await rewritten([*pieces, event("response.completed", 5, response={})], rules(Surface.RESPONSES))
    said = {index: "".join(e["delta"] for e in out[:-1] if e["command_index"] == index) for index in (0, 1)}
    assert said == {0: f"echo {NAME}", 1: f"ls {NAME}"}


@pytest.mark.parametrize("reply", ["keep", "mask"])
async def test_an_annotation_is_no_more_of_the_one_before(reply: str) -> None:
    def cites(title: str) -> dict[str, Any]:
        return chunk(annotations=[{"type": "url_citation", "url_citation": {"title": title, "url": "https://x.org/P"}}])

    out = await rewritten([cites("All of P"), cites("<PERSON_1> at sea"), chunk(finish="stop")], rules(reply=reply))
    cited = [one["url_citation"] for d in out for one in d["choices"][0]["delta"].get("annotations", [])]
    assert [one["title"] for one in cited] == ["All of P", f"{NAME} at sea"]
    assert {one["url"] for one in cited} == {"https://x.org/P"}


async def test_an_event_of_ours_has_the_fields_that_typed_clients_want() -> None:
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    said = event("response.output_text.delta", 0, delta="Hi PERSON_1", logprobs=[{"token": "Hi", "logprob": -0.1}], **place)
    done = event("response.output_text.done", 1, text="Hi PERSON_1", logprobs=[], **place)
    first, ours, _ = await rewritten([said, done], rules(Surface.RESPONSES))
    assert first["logprobs"] == said["logprobs"]
    assert ours == event("response.output_text.delta", 1, delta=NAME, logprobs=[], **place)


def calls(nth: int, arguments: str = "", **more: Any) -> dict[str, Any]:
    return chunk(tool_calls=[{"index": nth, **more, "function": {"arguments": arguments}}])


def begins(nth: int) -> dict[str, Any]:
    """As vLLM begins a call: with its name alone."""
    return chunk(tool_calls=[{"index": nth, "id": f"call_{nth}", "type": "function", "function": {"name": "f"}}])


def spoken(events: list[dict[str, Any]]) -> list[str]:
    """What is told, in its order: texts, and calls by their numbers."""
    told = []
    for one in events:
        delta = one["choices"][0]["delta"]
        told += [delta["content"]] if delta.get("content") else []
        told += [f"{call['index']}{call['function'].get('arguments', '')}" for call in delta.get("tool_calls", ())]
    return told


async def test_what_is_screened_is_complete_when_a_call_begins() -> None:
    """The official client takes what was said before a call, and each call but the last, for complete when the next begins."""
    pieces = [chunk("I ask Bob."), begins(0), calls(0, '{"a": "Bo'), calls(0, 'b"}'), begins(1), calls(1, "{}")]
    out = await rewritten([*pieces, chunk(finish="tool_calls")], rules(reply="mask"))
    told = [one for one in spoken(out) if one not in ("0", "1")]
    assert told == ["I ask ***.", '0{"a": "***"}', "1{}"]
    heard = spoken(out)
    assert heard.index("I ask ***.") < heard.index("0")
    assert heard.index('0{"a": "***"}') < heard.index("1")


async def test_calls_that_take_turns_are_screened_as_wholes() -> None:
    pieces = [begins(0), begins(1), calls(0, '{"a": "B'), calls(1, '{"b": "Bo'), calls(0, 'ob"}'), calls(1, 'b"}')]
    out = await rewritten([*pieces, chunk(finish="tool_calls")], rules(reply="mask"))
    told = ["".join(one[1:] for one in spoken(out) if one[0] == nth) for nth in "01"]
    assert told == ['{"a": "***"}', '{"b": "***"}']


async def test_choices_do_not_end_each_others_texts() -> None:
    pieces = [chunk("So."), chunk("hi", index=1), chunk(" Bob", finish="stop"), chunk(finish="stop", index=1)]
    out = await rewritten(pieces, rules(reply="mask"))
    assert [one["choices"][0]["delta"].get("content") for one in out if one["choices"][0]["index"] == 0] == ["", "So. ***"]


async def test_thoughts_do_not_wait_for_the_end_of_the_answer() -> None:
    pieces = [chunk(reasoning_content="Bob knows."), chunk("Well"), chunk(", no", finish="stop")]
    first, thought, *_ = await rewritten(pieces, rules(reply="mask"))
    assert first["choices"][0]["delta"] == {"reasoning_content": ""}
    assert thought["choices"][0]["delta"] == {"reasoning_content": "*** knows."}
