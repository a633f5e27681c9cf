"""Whether budgets and releases are as the signed record says: who can write to the ledger's tables may have changed them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from gateway.audit.act import Act, Action, ActOutcome
from gateway.audit.act_reader import read_all
from gateway.dp.budget import Budget
from gateway.dp.fingerprint import of_budget
from gateway.dp.ledger import Ledger
from gateway.errors import InvalidRequest, ProtectionUnavailable
from gateway.store.database import Database

ACTIONS = frozenset({Action.DP_DECLARE, Action.DP_REPORT, Action.DP_TRAIN, Action.DP_SPEND})


def disagreements(ledger: Ledger, acts: Iterable[Act]) -> Iterator[str]:
    """A sentence for each act whose budget or release is not there as it left it; acts of older gateways say too little to be
    compared. What a run of training spends is said before it is so, at its beginning and at its end: of a run that was killed
    either may hold. Raises AuditUnavailable.
    """
    spends: dict[str, tuple[Act, frozenset[str]]] = {}
    ended: set[str] = set()
    for act in acts:
        if act.outcome is not ActOutcome.DONE or not (act.result and act.tenant and act.target):
            continue
        if act.action is Action.DP_SPEND:
            _, before = spends.get(_release(act.result), (act, frozenset()))
            spends[_release(act.result)] = (act, before | {act.result})
            continue
        ended.add(_release(act.result))
        changed = _changed(ledger, act.action, (act.tenant, act.target), {act.result})
        if changed:
            yield _told(changed, act)
    for last, results in (said for release, said in spends.items() if release not in ended):
        changed = _changed(ledger, last.action, (last.tenant or "", last.target or ""), results)
        if changed:
            yield _told(changed, last)


def require_unchanged(database: Database, budget: Budget) -> None:
    """Before anything more is told or spent of it. Raises ProtectionUnavailable where its ledger is not as the record says, or
    where an act cannot be read, and AuditUnavailable.
    """
    whose = (budget.tenant, budget.data_set)
    for _ in range(2):  # a run of training may have ended between the two readings
        try:
            acts = [act for act in read_all(database, ACTIONS) if (act.tenant, act.target) == whose]
        except ValueError:
            raise ProtectionUnavailable("The record holds an act that this version cannot read.") from None
        if next(disagreements(Ledger(database), acts), None) is None:
            break
    else:
        raise ProtectionUnavailable("The ledger of this data set is not what the record says: see gateway audit verify.")


def _told(changed: str, act: Act) -> str:
    return f"{changed} of data set {act.target} of {act.tenant} is not as act {act.act_id} of {act.at} left it"


def _release(result: str) -> str:
    return result.partition(" ")[0]


def _changed(ledger: Ledger, action: Action, whose: tuple[str, str], results: Collection[str]) -> str | None:
    """What is none of the results that it may have, if something is."""
    try:
        budget = ledger.budget(*whose)
    except InvalidRequest:  # none is there, or one whose figures nobody may declare
        return "the privacy budget"
    if action is Action.DP_DECLARE:
        return None if of_budget(budget) in results else "the privacy budget"
    release = _release(next(iter(results)))
    return None if ledger.told(budget, release) in results else f"release {release}"
