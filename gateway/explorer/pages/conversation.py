"""All exchanges of one conversation, in order, as a thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from gateway.audit.act import Action
from gateway.explorer.archive import Archive
from gateway.explorer.index.index import THREAD
from gateway.explorer.index.row import Row
from gateway.explorer.show.diff import Diff, Passage, diff_of
from gateway.explorer.visit import Visit, missing

_MOST = 100
"""Turns whose content is opened; of a longer conversation the latest are."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange; `said` is what it added to what the turn before had sent. Without a `diff` the page says `instead`."""

    row: Row
    diff: Diff | None = None
    said: tuple[Passage, ...] = ()
    instead: str = "diff.none"


class ConversationPage:
    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    async def show(self, visit: Visit) -> Response:
        name = visit.request.query_params.get("id", "")
        rows = await self._archive.conversation(name, visit.tenants)
        if not rows:
            raise missing("conversation")
        for tenant in dict.fromkeys(row.tenant for row in rows):  # each tenant's auditors see that theirs was looked at
            await visit.enter(Action.EXPLORER_CONVERSATION, target=name, tenant=tenant)
        turns = await self._turns(rows)
        cost, findings = sum(row.cost or 0 for row in rows), sum(row.findings for row in rows)
        most = THREAD if len(rows) == THREAD else None
        return visit.page("conversation", name=name, turns=turns, cost=cost, findings=findings, most=most)

    async def _turns(self, rows: Sequence[Row]) -> Sequence[Turn]:
        """Each exchange sends what was said before once more: a thread shows it once."""
        turns: list[Turn] = []
        before: frozenset[tuple[str | None, str]] = frozenset()
        for number, row in enumerate(rows):
            if number < len(rows) - _MOST:
                turns.append(Turn(row, instead="conversation.on_its_page"))
                continue
            content = await self._archive.content(row.call_id, row.tenant)
            if content is None:
                turns.append(Turn(row, instead="diff.unreadable"))
                continue
            if content.request is None and content.reply is None:
                turns.append(Turn(row))
                continue
            diff = diff_of(content, restores=False)
            spoken = tuple(passage for passage in diff.sent if passage.role is not None)
            turns.append(Turn(row, diff, tuple(passage for passage in spoken if _key(passage) not in before)))
            before = frozenset(map(_key, spoken)) | {("assistant", content.reply or "")}
        return turns


def _key(passage: Passage) -> tuple[str | None, str]:
    return passage.role, "".join(run.text for run in passage.runs)
