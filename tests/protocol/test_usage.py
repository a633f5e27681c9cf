from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.protocol.usage import Tally, Usage
from gateway.protocol.wire import Surface
from tests.support import shapes
from tests.support.response_shapes import response, response_deltas

CHAT = {"model": "m", "messages": [{"role": "user", "content": "one two three"}]}
STREAM = {**CHAT, "stream_options": {"include_usage": True}}


def tally(surface: Surface, deltas: list[dict[str, Any]]) -> Tally:
    seen = Tally(surface)
    for delta in deltas:
        seen.see(delta)
    return seen


def choice(index: int, reason: str | None, **rest: Any) -> dict[str, Any]:
    return {"choices": [{"index": index, "delta": {}, "finish_reason": reason}], **rest}


@pytest.mark.parametrize("deltas", [[shapes.chat(CHAT, ["hello"])], shapes.chat_deltas(STREAM, ["hello"])])
def test_chat_plain_and_streamed_say_the_same(deltas: list[dict[str, Any]]) -> None:
    seen = tally(Surface.CHAT, deltas)
    assert seen.finished
    assert seen.usage == Usage(
        input_tokens=3, output_tokens=1, finish_reasons=("stop",), response_id="reply-1", response_model="m"
    )


def test_completions_of_several_choices() -> None:
    request = {"model": "m", "prompt": "x", "n": 3, "stream_options": {"include_usage": True}}
    for deltas in ([shapes.completion(request, ["a", "b", "c"])], shapes.completion_deltas(request, ["a", "b", "c"])):
        seen = tally(Surface.COMPLETIONS, deltas)
        assert seen.finished
        assert seen.usage.finish_reasons == ("stop", "stop", "stop")
        assert (seen.usage.input_tokens, seen.usage.output_tokens) == (1, 1)


def test_embeddings() -> None:
    seen = tally(Surface.EMBEDDINGS, [shapes.embeddings({"model": "m", "input": "x" * 40})])
    assert seen.finished
    assert seen.usage == Usage(input_tokens=10, response_model="m")


def test_moderations_tell_no_tokens() -> None:
    seen = tally(Surface.MODERATIONS, [{"id": "modr-1", "model": "m", "results": [{"flagged": False}]}])
    assert seen.finished
    assert seen.usage == Usage(response_id="modr-1", response_model="m")
    assert not tally(Surface.MODERATIONS, [{"data": []}]).finished


@pytest.mark.parametrize("deltas", [[response({"model": "m"}, "hello")], response_deltas({"model": "m"}, "hello")])
def test_responses_plain_and_streamed_say_the_same(deltas: list[dict[str, Any]]) -> None:
    seen = tally(Surface.RESPONSES, deltas)
    assert seen.finished
    assert seen.usage == Usage(
        input_tokens=1, output_tokens=1, finish_reasons=("completed",), response_id="reply-1", response_model="m"
    )


def test_an_incomplete_response_gives_its_reason() -> None:
    incomplete = {"object": "response", "status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
    seen = tally(Surface.RESPONSES, [{"type": "response.incomplete", "response": incomplete}])
    assert seen.finished
    assert seen.usage.finish_reasons == ("max_output_tokens",)


@pytest.mark.parametrize("surface", list(Surface))
def test_nothing_seen_is_not_finished(surface: Surface) -> None:
    assert not Tally(surface).finished
    assert Tally(surface).usage == Usage()


def test_every_prefix_of_a_stream_is_unfinished_until_its_last_choice_ends() -> None:
    deltas = shapes.chat_deltas({**CHAT, "n": 2}, ["hello", "world"])
    assert [tally(Surface.CHAT, deltas[:size]).finished for size in range(len(deltas) + 1)] == [False] * len(deltas) + [True]
    events = response_deltas({"model": "m"}, "hello")
    assert [tally(Surface.RESPONSES, events[:size]).finished for size in range(len(events) + 1)] == [False for _ in events] + [
        True
    ]


def test_a_choice_that_goes_on_after_another_ended_keeps_the_stream_open() -> None:
    deltas = [choice(0, None), choice(1, None), choice(0, "stop"), choice(1, "length")]
    assert not tally(Surface.CHAT, deltas[:3]).finished
    assert tally(Surface.CHAT, deltas).finished
    assert tally(Surface.CHAT, deltas).usage.finish_reasons == ("stop", "length")


def test_who_says_that_nothing_was_read_nor_written_has_not_counted() -> None:
    """Ollama, in every event of a completion but the last, before which a client may hang up."""
    zeros = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    begun = [choice(0, None, usage=zeros), choice(0, None, usage=zeros)]
    assert tally(Surface.CHAT, begun).usage.is_silent
    told = {"prompt_tokens": 3, "completion_tokens": 0}
    assert tally(Surface.CHAT, [*begun, choice(0, "stop", usage=told)]).usage.output_tokens == 0


def test_running_totals_and_null_usage() -> None:
    seen = tally(
        Surface.CHAT,
        [
            choice(0, None, usage={"prompt_tokens": 5, "completion_tokens": 1}),
            choice(0, None, usage={"prompt_tokens": 5, "completion_tokens": 2}),
            choice(0, "stop", usage=None),
        ],
    )
    assert (seen.usage.input_tokens, seen.usage.output_tokens) == (5, 2)


@pytest.mark.parametrize("bad", [True, -1, 2**63, 1.5, "7", None, [3], {"a": 1}])
def test_what_is_not_a_count_is_not_taken(bad: object) -> None:
    seen = tally(Surface.CHAT, [choice(0, "stop", usage={"prompt_tokens": bad, "completion_tokens": bad})])
    assert (seen.usage.input_tokens, seen.usage.output_tokens) == (None, None)


@pytest.mark.parametrize("prose", ["Alice Example asked", "张伟", "a\nb", "", "x" * 129, "\x00"])
def test_prose_never_reaches_the_record(prose: str) -> None:
    seen = tally(Surface.CHAT, [choice(0, prose, id=prose, model=prose)])
    assert seen.finished
    assert seen.usage == Usage(finish_reasons=("other",))
    answer = {"object": "response", "status": prose, "id": prose, "model": prose, "incomplete_details": {"reason": prose}}
    assert tally(Surface.RESPONSES, [answer]).usage == Usage()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "choices index finish_reason usage prompt_tokens input_tokens id model data "
                "response type object status incomplete_details reason".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(st.sampled_from(list(Surface)), st.lists(JSON.filter(lambda value: isinstance(value, dict)), max_size=4))
def test_a_backend_may_send_anything(surface: Surface, deltas: list[dict[str, Any]]) -> None:
    usage = tally(surface, deltas).usage
    assert all(count is None or 0 <= count < 2**63 for count in (usage.input_tokens, usage.output_tokens))
    assert all(" " not in reason for reason in usage.finish_reasons)
