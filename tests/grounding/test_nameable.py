"""A person whom only others' documents hold is named for nobody else, however often and in how many ways they write the name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.exchange import Principal
from gateway.obligations import GroundingTerms, PseudonymScope, PseudonymTerms
from tests.grounding.conftest import ALWAYS, Office, asking, empty, office
from tests.knowledge.conftest import KINDS

__all__ = ["empty", "office"]

OUTSIDER = Principal(tenant="bank", id="eve")
SHARED = PseudonymTerms(scope=PseudonymScope.TENANT)
LEGAL = replace(ALWAYS, labels=frozenset({"legal"}))
TWINS = [("BEN WEBER", "Ben Weber"), ("张 伟", "张伟"), ("Ben  Weber", "Ben Weber"), ("Ｂen Ｗeber", "Ben Weber")]


async def _told(office: Office, twins: tuple[str, str], terms: GroundingTerms | None, *, stream: bool) -> str:
    first, second = twins
    await office.keep("Contract", f"{first}\n\nIt was signed by {second}.", labels=["legal"])
    office.model.says = "It is <PERSON_1> or <PERSON_2>."
    asked = asking("What do you know?", stream=stream)
    answer = await office.ask(asked, terms=terms, who=OUTSIDER, pseudonyms=SHARED)
    if not stream:
        return str(answer.message["content"])
    return "".join(event["choices"][0]["delta"].get("content") or "" for event in answer.events if event["choices"])


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("twins", TWINS, ids=str)
async def test_a_name_that_is_written_in_two_ways(
    office: Office, monkeypatch: pytest.MonkeyPatch, twins: tuple[str, str], *, stream: bool
) -> None:
    """Both have one tag, and two placeholders."""
    monkeypatch.setitem(KINDS, "PERSON", "|".join(twins))
    assert await _told(office, twins, None, stream=stream) == "It is <PERSON_1> or <PERSON_2>."


@pytest.mark.parametrize("twins", TWINS, ids=str)
async def test_who_may_see_the_document_reads_both(
    office: Office, monkeypatch: pytest.MonkeyPatch, twins: tuple[str, str]
) -> None:
    monkeypatch.setitem(KINDS, "PERSON", "|".join(twins))
    assert await _told(office, twins, LEGAL, stream=False) == f"It is {twins[0]} or {twins[1]}."
