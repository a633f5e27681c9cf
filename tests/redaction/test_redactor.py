from __future__ import annotations

import re
from typing import Any

import pytest

from gateway.errors import DetectionUnavailable, EntityBlocked, UninspectableContent
from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.protocol.wire import ContentKind
from gateway.redaction.operators import Pseudonyms
from gateway.redaction.placeholders import PlaceholderMint
from gateway.redaction.redactor import Redaction, Redactor
from tests.redaction.conftest import KnownValues

KEY = b"k" * 32


def obligations(default: str = "placeholder", **by_entity: str) -> Obligations:
    rules = EntityRules(OperatorKind(default), {entity: OperatorKind(op) for entity, op in by_entity.items()})
    return Obligations(request=rules, reply=EntityRules(OperatorKind.KEEP), restore=True)


async def redacted(detector: KnownValues, body: dict[str, Any], rules: Obligations | None = None) -> Redaction:
    redactor = Redactor(detector, KEY)
    return await redactor.redact(await redactor.inspect(body, rules or obligations()), tenant="t")


def user(*contents: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": content} for content in contents]}


def said(redaction: Redaction) -> list[str]:
    return [message["content"] for message in redaction.body["messages"]]


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("placeholder", r"I am <PERSON_1>\."),
        ("mask", r"I am \*{7}\."),
        ("hash", r"I am <PERSON#[0-9a-f]{16}>\."),
        ("drop", r"I am \."),
        ("keep", r"I am Ann Lee\."),
        ("surrogate", r"I am (?!Ann Lee)[A-Z]\w+ [A-Z]\w+\."),
    ],
)
async def test_each_operator(operator: str, expected: str, detector: KnownValues) -> None:
    redaction = await redacted(detector, user("I am Ann Lee."), obligations(operator))
    assert re.fullmatch(expected, said(redaction)[0])


async def test_surrogates_come_back_and_nothing_else_does(detector: KnownValues) -> None:
    redaction = await redacted(detector, user("I am Ann Lee, ann@x.org, 4111"), obligations("surrogate", CREDIT_CARD="mask"))
    restorer = redaction.pseudonyms.restorer()
    assert restorer.whole(said(redaction)[0]) == "I am Ann Lee, ann@x.org, ****"
    assert not restorer.placeholders


async def test_a_surrogate_without_a_generator_is_a_placeholder(detector: KnownValues) -> None:
    redaction = await redacted(detector, user("card 4111"), obligations("surrogate"))
    assert said(redaction) == ["card <CREDIT_CARD_1>"]


async def test_block_refuses_and_says_which_type(detector: KnownValues) -> None:
    redactor = Redactor(detector, KEY)
    inspection = await redactor.inspect(user("use hunter2"), obligations(SECRET="block"))
    assert [(f.entity, f.operator, f.count) for f in inspection.findings] == [("SECRET", OperatorKind.BLOCK, 1)]
    with pytest.raises(EntityBlocked) as refused:
        await redactor.redact(inspection, tenant="t")
    assert "SECRET" in refused.value.message
    assert "hunter2" not in str(refused.value)


async def test_a_failing_detector_refuses(detector: KnownValues) -> None:
    with pytest.raises(DetectionUnavailable):
        await redacted(detector, user("fine", "CRASH"))


async def test_with_everything_kept_nothing_is_looked_at(detector: KnownValues) -> None:
    body = user("I am Ann Lee")
    redaction = await redacted(detector, body, obligations("keep"))
    assert redaction.body is body
    assert detector.pages == []


async def test_opaque_content_needs_a_word_of_policy(detector: KnownValues) -> None:
    body = {
        "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]}]
    }
    with pytest.raises(UninspectableContent) as refused:
        await redacted(detector, body)
    assert refused.value.param == "messages.0.content.0"
    rules = obligations()
    allowed = Obligations(request=rules.request, reply=rules.reply, restore=True, uninspected=frozenset(ContentKind))
    assert (await redacted(detector, body, allowed)).body == body


async def test_a_value_found_once_is_replaced_everywhere(detector: KnownValues) -> None:
    class KnowsItInProse(KnownValues):
        def _findings(self, text: str) -> tuple[Any, ...]:
            return super()._findings(text) if "I am" in text else ()

    knowing = KnowsItInProse({"Ann Lee": "PERSON", "Bob": "PERSON"})
    body = {
        **user("I am Ann Lee and that is Bob.", "Bob is a verb in this sentence, which is a long one"),
        "user": "Bob",
        "metadata": {"Ann Lee": "x"},
    }
    redaction = await redacted(knowing, body)
    assert said(redaction)[0] == "I am <PERSON_1> and that is <PERSON_2>."
    assert redaction.body["user"] == "<PERSON_2>"
    assert redaction.body["metadata"] == {"<PERSON_1>": "x"}
    assert said(redaction)[1].startswith("Bob is a verb")  # a single word in prose is the tagger's to judge


async def test_the_strictest_operator_wins_for_a_value_of_two_types() -> None:
    class Undecided(KnownValues):
        def _findings(self, text: str) -> tuple[Any, ...]:
            self._entities["Paris"] = "PERSON" if "Ms" in text else "LOCATION"
            return super()._findings(text)

    body = user("I live in Paris, which is a large town in the north", "Ms Paris is a person whom I have known for long")
    redaction = await redacted(Undecided({"Paris": "LOCATION"}), body, obligations("keep", PERSON="mask"))
    assert all("Paris" not in content for content in said(redaction))


async def test_the_input_is_never_changed(detector: KnownValues) -> None:
    body = user("I am Ann Lee")
    await redacted(detector, body)
    assert body == user("I am Ann Lee")


async def test_nothing_raw_in_a_repr(detector: KnownValues) -> None:
    redactor = Redactor(detector, KEY)
    inspection = await redactor.inspect(user("I am Ann Lee"), obligations())
    redaction = await redactor.redact(inspection, tenant="t")
    assert "Ann" not in repr(inspection) + repr(redaction) + repr(redaction.pseudonyms) + repr(redaction.pseudonyms.restorer())


@pytest.mark.parametrize(
    "text", ["I am Ann LeeDear", "mail ann@x.orgAnn Lee2 or Ann Lee", "Ann Leeann@x.org_old", "xAnn Lee9, Ann Lee"]
)
@pytest.mark.parametrize("shape", ["{}", '{{"a": "{}"}}'])
async def test_surrogates_within_longer_words_come_back(detector: KnownValues, text: str, shape: str) -> None:
    redaction = await redacted(detector, user(shape.format(text)), obligations("surrogate"))
    assert not re.search(r"Ann Lee|ann@x", said(redaction)[0])
    assert redaction.pseudonyms.restorer().whole(said(redaction)[0]) == shape.format(text)


@pytest.mark.parametrize("letter", ["b", "f", "n", "r", "t", "x"])
async def test_screening_leaves_what_the_exchange_put_behind_a_backslash(letter: str) -> None:
    pseudonyms = Pseudonyms(PlaceholderMint(frozenset()), {"ann@x.org": f"{letter}ob@y.org"})
    watching = Redactor(KnownValues({f"{letter}ob@y.org": "EMAIL_ADDRESS", "ob@y.org": "EMAIL_ADDRESS"}), KEY)
    text = f"CORP\\{letter}ob@y.org and ob@y.org"
    screened = await watching.screen([text], EntityRules(OperatorKind.MASK), pseudonyms, tenant="t")
    assert screened.texts == [f"CORP\\{letter}ob@y.org and ********"]


async def test_screening_leaves_what_the_exchange_put_there(detector: KnownValues) -> None:
    redactor = Redactor(detector, KEY)
    redaction = await redactor.redact(await redactor.inspect(user("I am Ann Lee"), obligations("surrogate")), tenant="t")
    surrogate = redaction.pseudonyms.surrogates["Ann Lee"]
    watching = Redactor(KnownValues({surrogate: "PERSON", "Bob": "PERSON"}), KEY)
    screened = await watching.screen([f"{surrogate} met Bob"], EntityRules(OperatorKind.MASK), redaction.pseudonyms, tenant="t")
    assert screened.texts == [f"{surrogate} met ***"]
    assert screened.values == {"Bob"}


async def test_screening_json_keeps_it_json(detector: KnownValues) -> None:
    nothing = Pseudonyms(PlaceholderMint(frozenset()))
    rules = EntityRules(OperatorKind.MASK)
    screening = await Redactor(detector, KEY).screen(['{"a": "Bob\\n"}'], rules, nothing, tenant="t", json=True)
    (screened,) = screening.texts
    assert screened == '{"a": "***\\n"}'


async def test_the_models_name_is_the_policys_own_word() -> None:
    naming = KnownValues({"Qwen": "PERSON"})
    redaction = await redacted(naming, {"model": "Qwen/Qwen2.5", **user("I like Qwen")})
    assert redaction.body["model"] == "Qwen/Qwen2.5"
    assert said(redaction) == ["I like <PERSON_1>"]


async def test_identifiers_come_back_whole(detector: KnownValues) -> None:
    body = {**user("hi"), "tools": [{"function": {"name": "call_4111"}}, {"function": {"name": "Bob"}}]}
    redaction = await redacted(detector, body)
    names = [tool["function"]["name"] for tool in redaction.body["tools"]]
    assert names == ["call_CREDIT_CARD_1", "PERSON_1"]
    restorer = redaction.pseudonyms.restorer()
    assert [restorer.whole(name) for name in names] == ["call_4111", "Bob"]


@pytest.mark.parametrize("operator", ["surrogate", "hash", "mask"])
async def test_an_identifier_stays_one_whatever_is_put_into_it(operator: str, detector: KnownValues) -> None:
    """Backends refuse a tool whose name has a space or a star in it."""
    body = {**user("Ask Bob"), "tools": [{"function": {"name": "ask_Bob"}}]}
    redaction = await redacted(detector, body, obligations(operator))
    name = redaction.body["tools"][0]["function"]["name"]
    assert re.fullmatch(r"ask_(?!Bob)[A-Za-z0-9_.-]+", name)
    if operator == "surrogate":
        assert redaction.pseudonyms.restorer().whole(f"{name}: {said(redaction)[0]}") == "ask_Bob: Ask Bob"


async def test_a_second_redaction_goes_on_with_the_first_one_s_names_and_adds_nothing_to_them(detector: KnownValues) -> None:
    redactor, body = Redactor(detector, KEY), user("Bob, not <LOCATION_1>, is in Paris with ann@x.org")
    first = await redactor.redact(await redactor.inspect(body, obligations("keep", PERSON="placeholder")), tenant="t")
    assert said(first) == ["<PERSON_1>, not <LOCATION_1>, is in Paris with ann@x.org"]
    stricter = await redactor.inspect(body, obligations(EMAIL_ADDRESS="surrogate"))
    second = await redactor.redact(stricter, tenant="t", pseudonyms=first.pseudonyms)
    assert said(second)[0].startswith("<PERSON_1>, not <LOCATION_1>, is in <LOCATION_2> with ")
    assert first.pseudonyms.restorer().whole(said(second)[0]) == said(second)[0].replace("<PERSON_1>", "Bob")
    assert second.pseudonyms.restorer().whole(said(second)[0]) == body["messages"][0]["content"]


async def test_what_cannot_be_restored_does_not_come_back_in_identifiers(detector: KnownValues) -> None:
    body = {**user("hi"), "tools": [{"function": {"name": "call_4111"}}]}
    redaction = await redacted(detector, body, obligations("mask"))
    assert redaction.pseudonyms.restorer().is_empty


async def test_the_longer_of_two_findings_wins_and_nothing_of_the_shorter_is_uncovered() -> None:
    class Partly(KnownValues):
        def _findings(self, text: str) -> tuple[Any, ...]:
            self._entities = {"Ilse Brandt": "PERSON"} if "first" in text else {"Brandt said": "PERSON"}
            return super()._findings(text)

    body = user("In the first message Ilse Brandt wrote a long text.", "Then Ilse Brandt said a thing to all of us here.")
    redaction = await redacted(Partly({}), body)
    assert "Ilse" not in said(redaction)[1]
    assert "Brandt" not in said(redaction)[1]
    assert "said" not in said(redaction)[1]
