"""Reads the exchanges of a data set that may be learned from, and says why others may not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from gateway.audit.event import Outcome
from gateway.audit.kept import DataKeys, read_content
from gateway.dp.budget import Budget, Unit
from gateway.dp.dataset.choose import Candidate, unit_name
from gateway.dp.dataset.example import Example, turns_of
from gateway.dp.dataset.feedback_given import Said, correction, feedback_of
from gateway.dp.feedback.given import Thumb
from gateway.dp.reading import exchanges
from gateway.protocol.wire import Surface
from gateway.store.database import Database


def _unwatched(_: int) -> None:
    """Where nobody waits."""


@dataclass(slots=True)
class Gathering:
    """`counts` tells, when all is read, of how many exchanges what became."""

    database: Database
    keyring: DataKeys
    budget: Budget
    purposes: Collection[str]
    progress: Callable[[int], None] = _unwatched
    counts: Counter[str] = field(default_factory=Counter)

    def candidates(self) -> Iterator[Candidate]:
        """Raises AuditUnavailable, ProtectionUnavailable and Unreadable: a set with a hole of that kind would be none."""
        with self.database.reading() as connection:
            given = feedback_of(connection, self.budget)
            for said in exchanges(self.database, self.budget):
                self.progress(1)
                found = self._candidate(connection, said, given)
                self.counts["exchanges"] += 1
                if isinstance(found, Candidate):
                    yield found
                else:
                    self.counts[found] += 1

    def _candidate(self, connection: Connection, said: Mapping[str, Any], given: Mapping[str, Said]) -> Candidate | str:
        """Or why not."""
        unfit = self._unfit(said)
        if unfit is not None:
            return unfit
        call_id, feedback = str(said["call_id"]), given.get(said["call_id"])
        content = read_content(connection, self.keyring, call_id, self.budget.tenant)
        if content.request is None or content.reply is None:
            return "erased"
        answer: str | None = content.reply
        if feedback is not None and feedback.corrected:
            answer = correction(connection, self.keyring, self.budget.tenant, feedback)
            self.counts["corrected"] += answer is not None
        elif feedback is not None and feedback.thumb is Thumb.DOWN:
            answer = None
        turns = turns_of(content.request, Surface(said["surface"]), answer) if answer is not None else ()
        if not turns:
            return "disapproved" if answer is None else "not_a_chat"
        example = Example(tenant=self.budget.tenant, unit=unit_name(self.budget.salt, self._unit(said)), turns=turns)
        return Candidate(call_id=call_id, at=str(said["opened_at"]), conversation=said.get("conversation"), example=example)

    def _unfit(self, said: Mapping[str, Any]) -> str | None:
        asked = said.get("asked") or {}
        if asked.get("purpose") not in self.purposes:
            return "other_purpose"
        if asked.get("consent") is None:
            return "no_consent"
        if said["outcome"] != Outcome.COMPLETED.value:
            return "not_completed"
        kept = said.get("content") or {}  # of grounded exchanges also where only passages are
        return None if any(part.startswith("request/") for part in kept) else "not_kept"

    def _unit(self, said: Mapping[str, Any]) -> str:
        if self.budget.unit is Unit.SUBJECT:
            return str(said["principal"])
        conversation = said.get("conversation") if self.budget.unit is Unit.CONVERSATION else None
        return str(conversation or said["call_id"])
