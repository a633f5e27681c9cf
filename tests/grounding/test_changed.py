"""Rules on what was found apply after documents were looked for: an answer that they would have had grounded otherwise is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from gateway.errors import GatewayError, PolicyDenied
from gateway.exchange import Decision, Review
from gateway.obligations import EntityRules, GroundingTerms, Obligations, OperatorKind
from gateway.protocol.wire import Surface
from tests.grounding.conftest import ALWAYS, KEEP, Office, asking

ASKED = "Does Anna Schmidt have a parrot?"
SAYS_SO = GroundingTerms(says_so=True)
ALL_OR_NOTHING = GroundingTerms(always=True, says_so=True)


def in_view(terms: GroundingTerms | None) -> Review:
    """A second look that grants these."""
    own = Obligations(request=EntityRules(OperatorKind.PLACEHOLDER), reply=KEEP, restore=True, grounding=terms)
    decision = Decision(allow=True, rule="r", reason="", policy_version="v", obligations=own)

    def look(findings: Mapping[str, int], content: Mapping[str, float] | None = None) -> Decision:
        assert content is None or findings
        return decision

    return look


@pytest.mark.parametrize(
    ("asked", "first", "then", "surface"),
    [
        (True, GroundingTerms(), SAYS_SO, Surface.CHAT),  # nothing was found, and now nothing may be said beside documents
        (False, ALWAYS, ALL_OR_NOTHING, Surface.CHAT),
        (False, GroundingTerms(), ALWAYS, Surface.CHAT),  # nobody looked, and now every answer is to be grounded
        (False, None, ALL_OR_NOTHING, Surface.CHAT),
        (False, None, ALWAYS, Surface.RESPONSES),
        (False, None, ALWAYS, Surface.COMPLETIONS),
    ],
)
async def test_what_was_to_be_grounded_is_not_answered_from_anything(
    office: Office, *, asked: bool, first: GroundingTerms | None, then: GroundingTerms, surface: Surface
) -> None:
    body = {Surface.RESPONSES: {"model": "m", "input": ASKED}, Surface.COMPLETIONS: {"model": "m", "prompt": ASKED}}
    request = body.get(surface, asking(ASKED, **({"knowledge": True} if asked else {})))
    with pytest.raises(PolicyDenied):
        await office.ask(request, terms=first, surface=surface, second=in_view(then))
    assert office.model.sent == []


@pytest.mark.parametrize(
    ("first", "then", "surface", "body"),
    [
        (ALWAYS, replace(ALWAYS, passages=2), Surface.CHAT, asking(ASKED)),  # none was found, and none would be
        (ALWAYS, None, Surface.CHAT, asking(ASKED)),
        (None, SAYS_SO, Surface.CHAT, asking(ASKED)),  # which is about those who ask for documents
        (None, ALL_OR_NOTHING, Surface.EMBEDDINGS, {"model": "m", "input": ASKED}),  # which ask nothing
        (None, ALL_OR_NOTHING, Surface.MODERATIONS, {"model": "m", "input": ASKED}),
        (None, ALWAYS, Surface.CHAT, {"model": "m", "messages": [{"role": "system", "content": ASKED}]}),
    ],
)
async def test_where_nothing_would_be_otherwise_the_answer_comes(
    office: Office, first: GroundingTerms | None, then: GroundingTerms | None, surface: Surface, body: dict[str, Any]
) -> None:
    await office.ask(body, terms=first, surface=surface, second=in_view(then))
    assert len(office.model.sent) == 1


async def test_what_cannot_be_grounded_is_refused_here_too(office: Office) -> None:
    several = {"model": "m", "prompt": [ASKED, ASKED]}
    nobody = {"model": "m", "messages": [{"role": "system", "content": ASKED}]}
    for body, surface in ((several, Surface.COMPLETIONS), (nobody, Surface.CHAT)):
        with pytest.raises(GatewayError):
            await office.ask(body, terms=None, surface=surface, second=in_view(ALL_OR_NOTHING))
    assert office.model.sent == []
