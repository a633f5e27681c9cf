from __future__ import annotations

import copy
import string
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gateway.errors import MalformedBody, UninspectableContent
from gateway.protocol.guidance import (
    TEMPLATE_NAMES,
    check_template,
    fill_template,
    last_user_texts,
    with_system,
)
from gateway.protocol.wire import JsonObject, Surface

OURS = "You help 示例 customers."
SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "hi"}
VALUES = {"tenant": "acme", "team": "", "principal": "bob", "model": "small", "purpose": "support"}


# --- templates ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("plain", "plain"),
        ("{tenant}/{team}/{principal} on {model} for {purpose}", "acme//bob on small for support"),
        ('Answer as {{"from": "{tenant}"}}.', 'Answer as {"from": "acme"}.'),
        ("{{tenant}}", "{tenant}"),
        ("{{{tenant}}}", "{acme}"),
        ("}}{{", "}{"),
    ],
)
def test_a_good_template_is_filled(template: str, text: str) -> None:
    assert check_template(template) is None
    assert fill_template(template, VALUES) == text


@pytest.mark.parametrize(
    ("template", "place"),
    [
        ("{", 1),
        ("a }", 3),
        ("{tenant", 1),
        ("{tenant}}", 9),
        ("{}", 1),
        ("{0}", 1),
        ("a {user}", 3),
        ("{Tenant}", 1),
        ("{ tenant }", 1),
        ("{tenant!r}", 1),
        ("{tenant:>10}", 1),
        ("{tenant:}", 1),
        ("{tenant.__class__}", 1),
        ("{tenant[0]}", 1),
        ("{tenant:{team}}", 1),
        ("{{ {model} {x} }}", 12),
    ],
)
def test_a_bad_template_is_refused_with_its_place(template: str, place: int) -> None:
    problem = check_template(template)
    assert problem is not None
    assert f"at character {place} " in problem
    assert all(f"{{{name}}}" in problem for name in TEMPLATE_NAMES)
    with pytest.raises(KeyError):
        fill_template(template, VALUES)


def test_values_are_not_read_as_templates() -> None:
    assert fill_template("{tenant} {team}", {**VALUES, "tenant": "{team}", "team": "{{"}) == "{team} {{"


@given(st.lists(st.sampled_from(["{", "}", "{{", "}}", "a", "{team}", "{tenant}", "{x}", ".", ":", "!"]), max_size=8))
def test_what_passes_the_check_is_what_python_s_own_formatter_fills(pieces: list[str]) -> None:
    template = "".join(pieces)
    assume(check_template(template) is None)
    assert fill_template(template, VALUES) == string.Formatter().vformat(template, (), VALUES)


@given(st.text())
def test_doubled_braces_let_every_text_be_a_template(text: str) -> None:
    template = text.replace("{", "{{").replace("}", "}}")
    assert check_template(template) is None
    assert fill_template(template, VALUES) == text


# --- the system's words -------------------------------------------------------------------------------------------


def test_a_chat_without_a_system_gets_one() -> None:
    request = {"model": "m", "messages": [USER, SYSTEM]}
    assert with_system(request, Surface.CHAT, OURS)["messages"] == [{"role": "system", "content": OURS}, USER, SYSTEM]


@pytest.mark.parametrize("role", ["system", "developer"])
def test_a_chat_s_own_system_message_is_joined(role: str) -> None:
    theirs = {"role": role, "content": "Be brief.", "name": "app", "x": [1]}
    (first, second) = with_system({"model": "m", "messages": [theirs, USER]}, Surface.CHAT, OURS)["messages"]
    assert first == {**theirs, "content": f"{OURS}\n\nBe brief."}
    assert second is USER


def test_parts_stay_and_one_is_put_before_them() -> None:
    parts = [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}]
    request = {"model": "m", "messages": [{"role": "system", "content": parts}]}
    (first,) = with_system(request, Surface.CHAT, OURS)["messages"]
    assert first["content"] == [{"type": "text", "text": f"{OURS}\n\n"}, *parts]


@pytest.mark.parametrize("fields", [{}, {"content": None}, {"content": ""}, {"content": []}])
def test_an_empty_system_message_says_ours_alone(fields: JsonObject) -> None:
    message = {"role": "system", **fields}
    (first,) = with_system({"model": "m", "messages": [message]}, Surface.CHAT, OURS)["messages"]
    assert first == {"role": "system", "content": OURS}


@pytest.mark.parametrize("role", [None, 7, ["system"], {"system": 1}, "System"])
def test_an_odd_role_is_no_system(role: Any) -> None:
    odd = {"role": role, "content": "x"}
    assert with_system({"model": "m", "messages": [odd]}, Surface.CHAT, OURS)["messages"][1:] == [odd]


@pytest.mark.parametrize(
    ("given_", "said"), [({}, OURS), ({"instructions": None}, OURS), ({"instructions": "Be brief."}, f"{OURS}\n\nBe brief.")]
)
def test_responses_have_instructions(given_: JsonObject, said: str) -> None:
    request = {"model": "m", "input": [SYSTEM, USER], **given_}
    assert with_system(request, Surface.RESPONSES, OURS) == {**request, "instructions": said}


@pytest.mark.parametrize("odd", [0, False, 7, [], {}, ["Be brief."], [SYSTEM]])
def test_odd_instructions_are_refused(odd: Any) -> None:
    with pytest.raises(MalformedBody) as refused:
        with_system({"model": "m", "input": "hi", "instructions": odd}, Surface.RESPONSES, OURS)
    assert refused.value.param == "instructions"


@pytest.mark.parametrize(
    ("prompt", "led"),
    [("hi", f"{OURS}\n\nhi"), (["a", "b"], [f"{OURS}\n\na", f"{OURS}\n\nb"]), ("", OURS), (["a"], [f"{OURS}\n\na"])],
)
def test_ours_stands_before_every_prompt(prompt: Any, led: Any) -> None:
    request = {"model": "m", "prompt": prompt, "suffix": "end"}
    assert with_system(request, Surface.COMPLETIONS, OURS) == {**request, "prompt": led}


@pytest.mark.parametrize(
    "fields", [{"prompt": [1, 2]}, {"prompt": [[1], [2]]}, {"prompt": ["a", 1]}, {"prompt": "a", "prompt_embeds": "QUJD"}]
)
def test_prompts_that_cannot_be_led_are_refused(fields: JsonObject) -> None:
    with pytest.raises(UninspectableContent) as refused:
        with_system({"model": "m", **fields}, Surface.COMPLETIONS, OURS)
    assert refused.value.param == "prompt"


def test_embeddings_stay_as_they_are() -> None:
    request = {"model": "m", "input": "hi"}
    assert with_system(request, Surface.EMBEDDINGS, OURS) is request


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
roles = st.sampled_from(["system", "developer", "user", "assistant", "tool"]) | json
parts = st.lists(st.fixed_dictionaries({}, optional={"type": json, "text": json, "x": json}), max_size=3)
contents = st.none() | st.text(max_size=8) | parts
turns = st.fixed_dictionaries({"content": contents}, optional={"role": roles, "type": json, "x": json})
unknown = st.dictionaries(st.text(max_size=4).map("x_".__add__), json, max_size=3)
texts = st.text(min_size=1, max_size=12)


@given(unknown, st.lists(turns, min_size=1, max_size=4), texts)
def test_a_guided_chat_keeps_everything_else(extra: JsonObject, messages: list[JsonObject], ours: str) -> None:
    request = {"model": "m", **extra, "messages": messages}
    before = copy.deepcopy(request)
    guided = with_system(request, Surface.CHAT, ours)
    assert request == before
    assert {**guided, "messages": messages} == request
    first, *rest = guided["messages"]
    merged = messages[0].get("role") in ("system", "developer")
    assert rest == (messages[1:] if merged else messages)
    assert not merged or {**first, "content": 0} == {**messages[0], "content": 0}
    assert tail(first["content"], messages[0]["content"] if merged else None)
    assert head(first["content"]).startswith(ours)


def head(content: Any) -> str:
    return str(content if isinstance(content, str) else content[0]["text"])


def tail(content: Any, theirs: Any) -> bool:
    return not theirs or bool(content[-len(theirs) :] == theirs)


@given(unknown, st.none() | st.text(max_size=8), st.text(max_size=8) | st.lists(turns, max_size=3), texts)
def test_guided_responses_keep_everything_else(extra: JsonObject, theirs: str | None, given_: Any, ours: str) -> None:
    request = {"model": "m", **extra, "instructions": theirs, "input": given_}
    before = copy.deepcopy(request)
    guided = with_system(request, Surface.RESPONSES, ours)
    assert request == before
    assert {**guided, "instructions": theirs} == request
    assert guided["instructions"].startswith(ours)
    assert guided["instructions"].endswith(theirs or "")


@given(unknown, st.text(max_size=8) | st.lists(st.text(max_size=8), min_size=1, max_size=3), texts)
def test_guided_completions_keep_everything_else(extra: JsonObject, prompt: str | list[str], ours: str) -> None:
    request = {"model": "m", **extra, "prompt": prompt}
    before = copy.deepcopy(request)
    guided = with_system(request, Surface.COMPLETIONS, ours)
    assert request == before
    assert {**guided, "prompt": prompt} == request
    assert type(guided["prompt"]) is type(prompt)
    for was, led in zip(
        last_user_texts(request, Surface.COMPLETIONS), last_user_texts(guided, Surface.COMPLETIONS), strict=True
    ):
        assert led == (f"{ours}\n\n{was}" if was else ours)
