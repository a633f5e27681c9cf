"""The decision and its obligations, as sentences. Obligations are on record in the gateway's own words (explanation)."""

from __future__ import annotations

from gateway.audit.event import ExchangeRecord
from gateway.explorer.languages import Catalogue


def decision_in_words(record: ExchangeRecord, t: Catalogue) -> str:
    """What was decided, and by what. The reason is the policy's own, in the words that its author wrote."""
    told = record.decision
    if told is None:
        return t("decision.none")
    return t("decision.allowed" if told.allow else "decision.denied", rule=told.rule)


def restores(record: ExchangeRecord) -> bool:
    """Whether policy gave the client its own values back."""
    return record.decision is not None and "reply restored" in record.decision.obligations
