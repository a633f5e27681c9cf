"""What travels through the pipeline: frozen, and changed only by making a new one.

An `Exchange` starts with what the `api` room knows (who knocks, on which surface) and each stage *learns* one thing more.
`learn` shows every new state to the journal, so that the record, which is outermost, knows how far an exchange came even
when a stage inside it raises.
"""

from __future__ import annotations

from gateway.exchange.answered import COPY, Attempt, CacheState, Likeness, Relayed, Served, Shadowed
from gateway.exchange.decision import ContentScores, Decision, Principal, Review
from gateway.exchange.exchange import Exchange, Intake, Journal
from gateway.exchange.finding import Finding, FindingCount
from gateway.exchange.grounded import Grounding, Laid
from gateway.exchange.reply import Body, Reply, Storing

__all__ = [
    "COPY",
    "Attempt",
    "Body",
    "CacheState",
    "ContentScores",
    "Decision",
    "Exchange",
    "Finding",
    "FindingCount",
    "Grounding",
    "Intake",
    "Journal",
    "Laid",
    "Likeness",
    "Principal",
    "Relayed",
    "Reply",
    "Review",
    "Served",
    "Shadowed",
    "Storing",
]
