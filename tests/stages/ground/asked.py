"""A question, what the handbook says, and what the model was sent."""

from __future__ import annotations

from gateway.exchange import Principal
from tests.grounding.conftest import Office

QUESTION = "How many days off has Anna Schmidt?"
HANDBOOK = "Everybody has thirty days off a year, says Anna Schmidt, or ask Ben Weber (ben@bank.example)."
OUTSIDER = Principal(tenant="bank", id="eve")


def prompt(office: Office) -> str:
    """What the model was sent last, as the user."""
    text: str = office.model.sent[-1]["messages"][-1]["content"]
    return text
