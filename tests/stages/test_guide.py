"""The company speaks first, and the user begins as policy says; what is passed on is what `redact` will inspect."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.audit.journal import NoJournal
from gateway.errors import InvalidRequest, PolicyDenied, UninspectableContent
from gateway.exchange import Body, Decision, Exchange, Principal, Reply
from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.obligations import Guide as Guidance
from gateway.protocol.facts import facts_of
from gateway.protocol.wire import JsonObject, Surface
from gateway.stages.guide import Guide

RULES = EntityRules(OperatorKind.PLACEHOLDER)
BOB = Principal(tenant="acme", id="bob", team="sales")
USER = {"role": "user", "content": "Summarise: the mail of alice@example.com"}
CHAT: JsonObject = {"model": "small", "messages": [USER], "x_unknown": {"a": [1]}}


async def intake() -> bytes:
    return b""


def exchange(guide: Guidance, request: JsonObject = CHAT, surface: Surface = Surface.CHAT, who: Principal = BOB) -> Exchange:
    """As it comes from authorize."""
    obligations = Obligations(request=RULES, reply=RULES, restore=True, guide=guide)
    decision = Decision(allow=True, rule="tenants.acme", reason="r", policy_version="v", obligations=obligations)
    start = Exchange(call_id="c", surface=surface, journal=NoJournal(), intake=intake)
    known = start.learn(principal=who, request=request, facts=facts_of(request, surface))
    return known.learn(decision=decision, model="small")


async def passed_on(arriving: Exchange) -> Exchange:
    """What the stage inside gets."""
    seen: list[Exchange] = []

    async def body() -> Body:
        yield {}

    async def proceed(exchange: Exchange) -> Reply:
        seen.append(exchange)
        return Reply(status=200, streaming=False, body=body())

    await Guide()(arriving, proceed)
    (arrived,) = seen
    return arrived


async def request_of(guide: Guidance, request: JsonObject = CHAT, **rest: Any) -> JsonObject:
    guided = (await passed_on(exchange(guide, request, **rest))).request
    assert guided is not None
    return guided


async def first_words(guide: Guidance, request: JsonObject = CHAT, **rest: Any) -> str:
    return str((await request_of(guide, request, **rest))["messages"][0]["content"])


async def refusal(guide: Guidance, request: JsonObject = CHAT, surface: Surface = Surface.CHAT) -> PolicyDenied:
    with pytest.raises(PolicyDenied) as refused:
        await passed_on(exchange(guide, request, surface))
    return refused.value


async def test_with_nothing_to_do_the_same_exchange_is_passed_on() -> None:
    arriving = exchange(Guidance())
    assert await passed_on(arriving) is arriving


async def test_a_request_that_begins_rightly_is_the_same_object() -> None:
    assert await request_of(Guidance(prefixes=(("Summarise:",),))) is CHAT


async def test_templates_that_come_to_nothing_leave_the_request() -> None:
    nobody = Principal(tenant="acme", id="bob")
    assert await request_of(Guidance(system=("{team}", " \n")), who=nobody) is CHAT


async def test_the_widest_scope_speaks_first_and_names_are_filled() -> None:
    guide = Guidance(system=("Obey {{the}} law.\n", "You serve {tenant}.", "{principal} of {team} asks {model}."))
    guided = await request_of(guide)
    said = "Obey {the} law.\n\nYou serve acme.\n\nbob of sales asks small."
    assert guided == {**CHAT, "messages": [{"role": "system", "content": said}, USER]}
    assert CHAT["messages"] == [USER]


@pytest.mark.parametrize(
    ("stated", "holds", "said"),
    [
        ("support", "support", "For support."),
        (None, "support", "For support."),  # the only one that the caller may have
        ("obey-the-user-alone", None, "For ."),  # the client's words are not the company's
        (None, None, "For ."),
    ],
)
async def test_the_purpose_that_holds_is_filled_in(stated: str | None, holds: str | None, said: str) -> None:
    arriving = exchange(Guidance(system=("For {purpose}.",)), {**CHAT, "metadata": {"purpose": stated}})
    assert arriving.decision is not None
    arrived = await passed_on(arriving.learn(decision=replace(arriving.decision, purpose=holds)))
    assert arrived.request is not None
    assert arrived.request["messages"][0]["content"] == said


async def test_values_are_not_templates() -> None:
    odd = Principal(tenant="{team}", id="{{")
    assert await first_words(Guidance(system=("{tenant} {principal}",)), who=odd) == "{team} {{"


async def test_a_wrong_beginning_is_denied_in_words_of_the_policy() -> None:
    denied = await refusal(Guidance(prefixes=(("Translate:", "翻译："),)))
    assert denied.message == 'The last text of the user has to begin with one of these: "Translate:", "翻译：".'
    assert (denied.status, denied.code, denied.param) == (403, "policy_denied", "messages")


async def test_every_scope_s_prefixes_have_to_be_met() -> None:
    both = Guidance(prefixes=(("Summarise:", "Translate:"), ("Summarise: the mail",)))
    assert await request_of(both) is CHAT
    denied = await refusal(Guidance(prefixes=(("Summarise:",), ("Summarise: a letter",))))
    assert '"Summarise: a letter"' in denied.message
    assert '"Summarise:"' not in denied.message


@pytest.mark.parametrize(
    ("surface", "fields", "param"),
    [
        (Surface.CHAT, {"messages": [{"role": "system", "content": "Summarise:"}]}, "messages"),
        (Surface.CHAT, {"messages": [USER, {"role": "user", "content": "And now?"}]}, "messages"),
        (Surface.CHAT, {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages"),
        (Surface.RESPONSES, {"input": []}, "input"),
        (Surface.RESPONSES, {"input": "Hello"}, "input"),
        (Surface.COMPLETIONS, {"prompt": [1, 2]}, "prompt"),
        (Surface.COMPLETIONS, {"prompt": ["Summarise: a", "b"]}, "prompt"),
    ],
)
async def test_text_that_is_missing_or_begins_otherwise_is_denied(surface: Surface, fields: JsonObject, param: str) -> None:
    denied = await refusal(Guidance(prefixes=(("Summarise:",),)), {"model": "small", **fields}, surface)
    assert denied.param == param
    assert "alice" not in denied.message


@pytest.mark.parametrize(
    ("surface", "fields", "field", "led"),
    [
        (Surface.RESPONSES, {"input": " Summarise: a"}, "instructions", "Be kind."),
        (
            Surface.COMPLETIONS,
            {"prompt": ["Summarise: a", "Summarise: b"]},
            "prompt",
            ["Be kind.\n\nSummarise: a", "Be kind.\n\nSummarise: b"],
        ),
    ],
)
async def test_the_beginning_is_asked_of_the_user_and_not_of_our_own_words(
    surface: Surface, fields: JsonObject, field: str, led: Any
) -> None:
    request = {"model": "small", **fields}
    guide = Guidance(system=("Be kind.",), prefixes=(("Summarise:",),))
    assert await request_of(guide, request, surface=surface) == {**request, field: led}


async def test_token_ids_are_not_sent_without_the_company_s_words() -> None:
    with pytest.raises(UninspectableContent):
        await passed_on(exchange(Guidance(system=("Be kind.",)), {"model": "m", "prompt": [1, 2]}, Surface.COMPLETIONS))


@pytest.mark.parametrize("guide", [Guidance(system=("Be kind.",)), Guidance(prefixes=(("Summarise:",),))])
@pytest.mark.parametrize(
    "fields",
    [
        {"truncate_prompt_tokens": 5},
        {"truncation": "auto"},
        {"chat_template": "{{ messages[-1].content }}"},
        {"chat_template_kwargs": {"enable_thinking": False, "chat_template": "{{ messages[-1].content }}"}},
        {"input_ids": [1, 2]},
    ],
)
@pytest.mark.parametrize(
    ("surface", "said"),
    [(Surface.CHAT, CHAT), (Surface.COMPLETIONS, {"prompt": "Summarise: a"}), (Surface.RESPONSES, {"input": "Summarise: a"})],
)
async def test_a_backend_is_not_asked_to_cut_away_how_it_begins(
    guide: Guidance, fields: JsonObject, surface: Surface, said: JsonObject
) -> None:
    request = {"model": "m", **said}
    with pytest.raises(InvalidRequest) as refused:
        await passed_on(exchange(guide, {**request, **fields}, surface))
    assert [refused.value.param] == list(fields)
    assert "messages" not in refused.value.message
    unset = {**request, **dict.fromkeys(fields)}
    assert (await passed_on(exchange(Guidance(prefixes=(("Summarise:",),)), unset, surface))).request == unset
    assert (await passed_on(exchange(Guidance(), {**request, **fields}, surface))).request == {**request, **fields}


@pytest.mark.parametrize("surface", [Surface.EMBEDDINGS, Surface.MODERATIONS])
async def test_what_answers_in_numbers_is_not_guided(surface: Surface) -> None:
    guide = Guidance(system=("Be kind.",), prefixes=(("Summarise:",),))
    arriving = exchange(guide, {"model": "m", "input": "hi"}, surface)
    assert await passed_on(arriving) is arriving


async def test_the_guided_request_is_shown_to_the_journal() -> None:
    class Watching(NoJournal):
        latest: Exchange | None = None

        def observe(self, exchange: Exchange) -> None:
            self.latest = exchange

    journal = Watching()
    arrived = await passed_on(exchange(Guidance(system=("Be kind.",))).learn(journal=journal))
    assert journal.latest is arrived


async def test_out_of_order_it_passes_nothing_on() -> None:
    ready = exchange(Guidance(system=("Be kind.",)))
    for early in (ready.learn(decision=None), ready.learn(principal=None), ready.learn(request=None)):
        with pytest.raises(LookupError):
            await passed_on(early)
