"""What content may be about. A request can be about several of these at once, or about none."""

from __future__ import annotations

from enum import StrEnum


class Label(StrEnum):
    """The order is that of the columns of the weights."""

    HEALTH = "health"  # of a person: illness, treatment, medication, examination
    LEGAL = "legal"  # a dispute, a contract under negotiation, advice of counsel, an offence
    HR = "hr"  # employment of a person: pay, appraisal, hiring, dismissal, complaints
    TRADE_SECRET = "trade_secret"  # noqa: S105  what a company knows and its competitors do not: processes, prices, deals


LABELS = tuple(Label)
