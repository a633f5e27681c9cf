"""The list as it is filtered, as a file: CSV, JSON lines, or evidence with proofs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from starlette.responses import Response, StreamingResponse

from gateway.api.admin.refusals import NotFound
from gateway.audit.act import Action
from gateway.errors import InvalidRequest
from gateway.explorer.archive import Archive
from gateway.explorer.bundle import evidence
from gateway.explorer.exports import PAGE, Pages, csv_lines, json_lines
from gateway.explorer.filters import asked
from gateway.explorer.parts import ExplorerParts
from gateway.explorer.visit import Visit, place


class ExportPages:
    def __init__(self, parts: ExplorerParts, archive: Archive) -> None:
        self._parts = parts
        self._archive = archive

    async def file(self, visit: Visit) -> Response:
        """Entered before the first byte. Raises InvalidRequest for filters that make no sense: no file looks like all."""
        form = str(visit.request.path_params["form"])
        if form not in ("csv", "jsonl", "zip"):
            raise NotFound("There is no such file.")
        wanted = asked(visit.request.query_params, visit.tenants, datetime.now(UTC))
        if wanted.problems:
            raise InvalidRequest("A filter makes no sense.")
        await visit.enter(Action.EXPLORER_EXPORT, target=wanted.words, tenant=visit.own(wanted.filters.tenant), note=form)
        pages = self._archive.pages(wanted.filters, PAGE, place(visit))
        if form == "zip":
            return await evidence(self._archive.readers, self._parts.database, pages, wanted.words)
        return StreamingResponse(self._lines(form, pages), headers=_as_file(form))

    def _lines(self, form: str, pages: Pages) -> Iterator[bytes]:
        return csv_lines(pages) if form == "csv" else json_lines(pages, self._parts.database)


def _as_file(form: str) -> dict[str, str]:
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/jsonl"
    return {"content-type": kind, "content-disposition": f'attachment; filename="exchanges.{form}"'}
