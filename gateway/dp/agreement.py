"""Whether budgets and releases are as the signed record says: who can write to the ledger's tables may have changed them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gateway.audit.act import Act, Action, ActOutcome
from gateway.audit.act_reader import read_all
from gateway.dp.budget import Budget
from gateway.dp.fingerprint import of_budget
from gateway.dp.ledger import Ledger
from gateway.errors import InvalidRequest, ProtectionUnavailable
from gateway.store.database import Database

ACTIONS = frozenset({Action.DP_DECLARE, Action.DP_REPORT, Action.DP_TRAIN})


def disagreements(ledger: Ledger, acts: Iterable[Act]) -> Iterator[str]:
    """A sentence for each act whose budget or release is not there as it left it; acts of older gateways say too little to be
    compared. Raises AuditUnavailable.
    """
    for act in acts:
        if act.outcome is ActOutcome.DONE and act.result and act.tenant and act.target:
            changed = _changed(ledger, act.action, (act.tenant, act.target), act.result)
            if changed:
                yield f"{changed} of data set {act.target} of {act.tenant} is not as act {act.act_id} of {act.at} left it"


def require_unchanged(database: Database, budget: Budget) -> None:
    """Before anything more is told or spent of it. Raises ProtectionUnavailable where its ledger is not as the record says, or
    where an act cannot be read, and AuditUnavailable.
    """
    whose = (budget.tenant, budget.data_set)
    try:
        acts = [act for act in read_all(database, ACTIONS) if (act.tenant, act.target) == whose]
    except (ValueError, TypeError, KeyError):
        raise ProtectionUnavailable("The record holds an act that this version cannot read.") from None
    if next(disagreements(Ledger(database), acts), None) is not None:
        raise ProtectionUnavailable("The ledger of this data set is not what the record says: see gateway audit verify.")


def _changed(ledger: Ledger, action: Action, whose: tuple[str, str], result: str) -> str | None:
    """What is another, if something is."""
    try:
        budget = ledger.budget(*whose)
    except InvalidRequest:  # none is there, or one whose figures nobody may declare
        return "the privacy budget"
    if action is Action.DP_DECLARE:
        return None if of_budget(budget) == result else "the privacy budget"
    release = result.partition(" ")[0]
    return None if ledger.told(budget, release) == result else f"release {release}"
