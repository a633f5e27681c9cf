"""Question, passages and answer share their placeholders, and nobody reads a name by them that was not theirs to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from gateway.exchange import Finding, Principal
from gateway.obligations import EntityRules, GroundingTerms, OperatorKind, PseudonymScope, PseudonymTerms
from tests.grounding.conftest import ALWAYS, ANN, Office, asking
from tests.knowledge.conftest import RULES
from tests.stages.ground.asked import HANDBOOK, OUTSIDER, QUESTION, prompt


async def test_one_person_has_one_placeholder_in_question_passages_and_answer(office: Office) -> None:
    await office.keep("Handbook of Anna Schmidt", HANDBOOK)
    office.model.says = "<PERSON_1> [1] and <PERSON_2>, <EMAIL_ADDRESS_1>"
    answer = await office.ask(asking(QUESTION))
    sent = prompt(office)
    assert "> Handbook of <PERSON_1> · page 3\n> Everybody has thirty days off a year, says <PERSON_1>, or ask" in sent
    assert sent.endswith("How many days off has <PERSON_1>?")
    assert answer.message["content"] == "Anna Schmidt [1] and Ben Weber, ben@bank.example"
    assert not any(name in str(office.model.sent) for name in ("Anna", "Ben", "bank.example"))


async def test_what_no_recognizer_finds_again_stays_hidden(office: Office) -> None:
    """It is known from the document that it stood there; the recognizers are not asked a second time."""
    await office.keep("Handbook", HANDBOOK)
    blind = replace(office, redactor=type(office.redactor)(_Blind(), b"p" * 32))
    answer = await blind.ask(asking("How many days off?"))
    assert "says <PERSON_1>, or ask <PERSON_2> (<EMAIL_ADDRESS_1>)" in prompt(office)
    assert {(one.entity, one.recognizer) for one in answer.exchange.findings} == {
        ("PERSON", "document"),
        ("EMAIL_ADDRESS", "document"),
    }


class _Blind:
    async def detect(self, texts: Sequence[str], **_: object) -> list[tuple[Finding, ...]]:
        return [() for _ in texts]


async def test_what_only_looks_like_a_placeholder_keeps_no_passage_out(office: Office) -> None:
    await office.keep("Handbook", "Write <STEP_1> into the form for days off.")
    await office.ask(asking("form for days off"))
    assert "> Write <\u2060STEP_1> into the form" in prompt(office)


async def test_nobody_names_a_value_whose_document_is_read_yet_or_gone(office: Office) -> None:
    """In the tenant's scope documents share a drawer with all requests; whose value it is says nothing but the document."""
    shared = PseudonymTerms(scope=PseudonymScope.TENANT)
    office.model.says = "It is <PERSON_1>."
    await office.protection.document("bank", [HANDBOOK], RULES)
    assert (await office.ask(asking("Who?"), pseudonyms=shared)).message["content"] == "It is <PERSON_1>."
    await office.keep("Handbook", HANDBOOK, labels=["legal"])
    await office.library.remove("bank", [one.id for one in await office.library.documents("bank")])
    assert (await office.ask(asking("Who?"), pseudonyms=shared)).message["content"] == "It is <PERSON_1>."
    await office.ask(asking("Is it Anna Schmidt?"), pseudonyms=shared)  # now somebody has said it
    assert (await office.ask(asking("Who?"), pseudonyms=shared)).message["content"] == "It is Anna Schmidt."


async def test_a_placeholder_of_a_wider_scope_is_used_in_passages_too(office: Office) -> None:
    await office.keep("Handbook", HANDBOOK)
    own = PseudonymTerms(scope=PseudonymScope.PRINCIPAL)
    await office.ask(asking("Who is Ben Weber?"), terms=None, pseudonyms=own)
    await office.ask(asking(QUESTION), pseudonyms=own)
    assert "says <PERSON_2>, or ask <PERSON_1>" in prompt(office)


@pytest.mark.parametrize(
    ("terms", "name"),
    [
        (ALWAYS, "<PERSON_1>"),
        (None, "<PERSON_1>"),
        (replace(ALWAYS, labels=frozenset({"legal"}), collections=frozenset({"other"})), "<PERSON_1>"),
        (replace(ALWAYS, labels=frozenset({"legal"})), "Ben Weber"),
    ],
)
async def test_a_name_that_only_others_documents_hold_is_put_back_for_nobody_else(
    office: Office, terms: GroundingTerms | None, name: str
) -> None:
    """Also in the scope in which a whole tenant shares placeholders, and a model says one that nobody spoke of."""
    shared = PseudonymTerms(scope=PseudonymScope.TENANT)
    await office.keep("Contract", "It was signed by Ben Weber.", labels=["legal"])
    office.model.says = "<PERSON_1> and <PERSON_2>"
    await office.ask(asking("Who is Anna Schmidt?"), terms=None, pseudonyms=shared)
    answer = await office.ask(asking("What do you know?"), terms=terms, who=OUTSIDER, pseudonyms=shared)
    assert answer.message["content"] == f"{name} and Anna Schmidt"


LOOSE = replace(RULES, entities=EntityRules(OperatorKind.PLACEHOLDER, {"EMAIL_ADDRESS": OperatorKind.KEEP}))
"""The tenant keeps addresses in its documents; a reader's own rules do not."""


async def test_what_only_its_readers_rules_find_in_a_passage_is_named_for_nobody_who_may_not_see_it(office: Office) -> None:
    shared = PseudonymTerms(scope=PseudonymScope.TENANT)
    legal = replace(ALWAYS, labels=frozenset({"legal"}))
    await office.keep("Contract", "Ask ben@bank.example for days off, please.", labels=["legal"], rules=LOOSE)
    office.model.says = "<EMAIL_ADDRESS_1>"

    async def told(question: str, terms: GroundingTerms | None, who: Principal) -> object:
        return (await office.ask(asking(question), terms=terms, who=who, pseudonyms=shared)).message["content"]

    assert await told("Who signs for days off?", legal, ANN) == "ben@bank.example"
    assert "Ask <EMAIL_ADDRESS_1> for days off" in prompt(office)
    assert await told("What do you know?", None, OUTSIDER) == "<EMAIL_ADDRESS_1>"
    assert await told("What do you know?", legal, OUTSIDER) == "ben@bank.example"  # who may see the document
    await office.library.remove("bank", [one.id for one in await office.library.documents("bank")])
    assert await told("What do you know?", None, OUTSIDER) == "<EMAIL_ADDRESS_1>"  # it went with its document
    assert await told("Is ben@bank.example it?", None, ANN) == "ben@bank.example"
    assert await told("What do you know?", None, OUTSIDER) == "ben@bank.example"  # somebody has said it


async def test_what_a_caller_says_and_a_passage_holds_is_the_callers(office: Office) -> None:
    shared = PseudonymTerms(scope=PseudonymScope.TENANT)
    await office.keep("Contract", "Ask ben@bank.example for days off, please.", labels=["team:desk"], rules=LOOSE)
    office.model.says = "<EMAIL_ADDRESS_1>"
    await office.ask(asking("Does ben@bank.example sign for days off?"), pseudonyms=shared)
    assert (await office.ask(asking("Who?"), terms=None, who=OUTSIDER, pseudonyms=shared)).message["content"] == (
        "ben@bank.example"
    )


async def test_who_gets_nothing_restored_gets_no_names_of_files_either(office: Office) -> None:
    await office.keep("Salary of Anna Schmidt", HANDBOOK)
    masked = EntityRules(OperatorKind.PLACEHOLDER, {"PERSON": OperatorKind.MASK})
    first = (await office.ask(asking(QUESTION))).exchange.decision
    assert first is not None
    assert first.obligations is not None
    in_view = replace(first, obligations=replace(first.obligations, restore=False))
    for own in ({"restore": False}, {"request": masked}, {"knowledge": masked}, {"second": lambda *_: in_view}):
        answer = await office.ask(asking(QUESTION), **own)
        (annotation,) = answer.message["annotations"]
        assert annotation["file_citation"]["filename"] == "Salary of <PERSON>"
