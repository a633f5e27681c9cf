"""The page of privacy budgets. The look at it is on the record before it is shown."""

from __future__ import annotations

from starlette.responses import Response

from gateway.audit.act import Action
from gateway.explorer.privacy.board import accounts
from gateway.explorer.readers import Readers
from gateway.explorer.visit import Visit
from gateway.store.database import Database


class PrivacyPage:
    def __init__(self, database: Database, readers: Readers) -> None:
        self._database = database
        self._readers = readers

    async def show(self, visit: Visit) -> Response:
        """Raises AuditUnavailable."""
        await visit.enter(Action.EXPLORER_DASHBOARD, target="privacy budgets")
        found = await self._readers.run(accounts, self._database, visit.tenants)
        return visit.page("privacy", accounts=found)
