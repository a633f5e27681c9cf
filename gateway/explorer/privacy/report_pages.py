"""Where an officer asks for a report: sees what it would cost, and then has it, at that cost and on the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from gateway.api.admin.acts import ActLog
from gateway.audit.act import Action
from gateway.dp.budget import Budget
from gateway.dp.groups import named_groups
from gateway.dp.ledger import Ledger
from gateway.dp.question import By, Figure, Measure, Question
from gateway.dp.quote import Quote, quoted
from gateway.dp.report import report
from gateway.errors import GatewayError, InvalidRequest
from gateway.explorer.parts import ExplorerParts
from gateway.explorer.privacy.asking import given, question_of, told
from gateway.explorer.readers import Readers
from gateway.explorer.visit import Visit, missing, to

_LONGEST = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the form has, for the page. `problem` is the word under which it is told, and the field at fault, if it is one."""

    budget: Budget
    fields: Mapping[str, str]
    quote: Quote | None = None
    problem: str | None = None
    status: int = 200


class ReportPages:
    """Looking at what it would cost costs nothing, and asks nothing of the data; only `ask` spends."""

    def __init__(self, parts: ExplorerParts, readers: Readers) -> None:
        self._parts = parts
        self._readers = readers

    async def form(self, visit: Visit) -> Response:
        """With what it would cost, once an epsilon is named."""
        query = visit.request.query_params
        budget, fields = await self._budget(visit, query), given(query)
        await visit.enter(Action.EXPLORER_DASHBOARD, target="privacy budgets", tenant=budget.tenant)
        if not fields["epsilon"]:
            return _page(visit, _Asked(budget=budget, fields=fields))
        try:
            question = self._question(budget, fields)
            quote = await self._readers.run(quoted, self._parts.database, budget, question, self._parts.clock())
        except GatewayError as error:
            return _page(visit, _refused(budget, fields, error))
        return _page(visit, _Asked(budget=budget, fields=fields, quote=quote))

    async def ask(self, visit: Visit, fields: Mapping[str, str]) -> Response:
        """Leads to the answer; an equal question leads to the answer that it got before."""
        budget, asked = await self._budget(visit, fields), given(fields)
        try:
            release = await self._answered(visit, budget, self._question(budget, asked))
        except GatewayError as error:
            return _page(visit, _refused(budget, asked, error))
        return to(f"/privacy#{release}")

    async def _answered(self, visit: Visit, budget: Budget, question: Question) -> str:
        """The release. On the record before anything is spent, and after. Raises GatewayError."""
        note = question.noted(budget)
        act = visit.act(Action.DP_REPORT, tenant=budget.tenant, target=budget.data_set, note=note)
        async with ActLog(visit.log).entered(act) as came:
            found = await self._readers.run(
                report, self._parts.database, budget, question, visit.person.id, self._parts.clock()
            )
            came.result = await self._readers.run(Ledger(self._parts.database).told, budget, found.release)
        return found.release

    async def _budget(self, visit: Visit, fields: Mapping[str, str]) -> Budget:
        """Raises NotFound, in the same words for another tenant's as for none.

        Such an attempt is entered as the person's own: what they call a data set is nothing for another tenant's auditors.
        """
        tenant, data_set = fields.get("tenant", "")[:_LONGEST], fields.get("data_set", "")[:_LONGEST]
        if visit.own(tenant) is None:
            raise await visit.denied(Action.DP_REPORT, missing("data set"), target=f"{tenant}/{data_set}")
        if tenant not in self._parts.policy.current.written.tenants:
            raise missing("data set")
        try:
            return await self._readers.run(Ledger(self._parts.database).budget, tenant, data_set)
        except InvalidRequest:
            raise missing("data set") from None

    def _question(self, budget: Budget, fields: Mapping[str, str]) -> Question:
        """Raises InvalidRequest."""
        policy = self._parts.policy.current

        def groups(by: By) -> tuple[str, ...]:
            return named_groups(policy.written, policy.entities_of(budget.tenant), budget.tenant, by)

        return question_of(fields, groups)


def _refused(budget: Budget, fields: Mapping[str, str], error: GatewayError) -> _Asked:
    """Raises the error again where it says nothing about the question."""
    problem = told(error)
    if problem is None:
        raise error
    return _Asked(budget=budget, fields=fields, problem=problem, status=error.status)


def _page(visit: Visit, asked: _Asked) -> Response:
    choices = {"figure": list(Figure), "by": list(By), "of": list(Measure)}
    return visit.page("report", status=asked.status, asked=asked, choices=choices)
