"""The explorer as an application of its own, to be mounted under /explorer: it shares parts with the gateway, and no route."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from gateway.audit.act import Action
from gateway.errors import GatewayError
from gateway.explorer.archive import Archive, texts_by
from gateway.explorer.attempts import Attempts
from gateway.explorer.dashboards.page import DashboardPage
from gateway.explorer.door import Door
from gateway.explorer.faults import FaultPages
from gateway.explorer.gate import Gate
from gateway.explorer.headers import SecureHeaders
from gateway.explorer.index.index import Index
from gateway.explorer.leave import LeaveDesk
from gateway.explorer.pages.acts import ActPages
from gateway.explorer.pages.conversation import ConversationPage
from gateway.explorer.pages.exchange import ExchangePage
from gateway.explorer.pages.exchanges import ExchangePages
from gateway.explorer.pages.exports import ExportPages
from gateway.explorer.pages.grants import GrantPages
from gateway.explorer.pages.login import LoginPages
from gateway.explorer.parts import ExplorerParts
from gateway.explorer.privacy.page import PrivacyPage
from gateway.explorer.privacy.report_pages import ReportPages
from gateway.explorer.readers import Readers
from gateway.explorer.rendering import PREFIX, STATIC, compiled_renderer
from gateway.explorer.tail import TailPasses


def build_explorer(parts: ExplorerParts) -> Starlette:
    """The application. Every page is behind the door, but for the form to log in and what has no content of its own."""
    renderer = compiled_renderer()
    door, faults = Door(parts, renderer), FaultPages(renderer)
    index = Index(parts.database, texts=texts_by(parts.keyring))
    readers = Readers()
    archive = Archive(parts.database, parts.keyring, index, readers)
    dashboard = DashboardPage(parts.database, index, parts.prices, parts.policy, readers, parts.clock)
    app = Starlette(
        routes=[
            *LoginPages(parts, door, renderer, Attempts()).routes(),
            *_routes(parts, door, archive, dashboard),
            Mount("/static", _Kept(directory=STATIC)),
        ],
        middleware=[
            Middleware(SecureHeaders),
            Middleware(Gate, rules=lambda: parts.policy.current.identity),
            Middleware(faults.barrier),
        ],
        exception_handlers={GatewayError: faults.refused, HTTPException: faults.unrouted},
    )
    app.router.redirect_slashes = False
    return app


def mount_explorer(host: FastAPI, explorer: Starlette) -> None:
    """Serve it on the host's port, under /explorer."""

    async def first_page(_: Request) -> Response:
        return RedirectResponse(f"{PREFIX}/", 308)

    host.router.routes.append(Route(PREFIX, first_page))
    host.mount(PREFIX, explorer)


class _Kept(StaticFiles):
    """Files whose address has a digest of their content: a browser may keep them for good."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


def _routes(parts: ExplorerParts, door: Door, archive: Archive, dashboard: DashboardPage) -> list[Route]:
    lists = ExchangePages(archive, TailPasses(parts.pepper, parts.clock))
    desk = LeaveDesk(parts)
    reports = ReportPages(parts, Readers())
    one, acts, grants = ExchangePage(parts, archive, desk), ActPages(parts, archive), GrantPages(archive, desk)
    pages = [
        ("/", Action.EXPLORER_LIST, lists.list),
        ("/tail", Action.EXPLORER_TAIL, lists.tail),
        ("/tail/news", Action.EXPLORER_TAIL, lists.news),
        ("/exchanges/{call_id}", Action.EXPLORER_VIEW, one.show),
        ("/exchanges/{call_id}/proof.json", Action.EXPLORER_VIEW, one.proof),
        ("/exchanges/{call_id}/proof.zip", Action.EXPLORER_EXPORT, one.proof_file),
        ("/conversation", Action.EXPLORER_CONVERSATION, ConversationPage(archive).show),
        ("/dashboard", Action.EXPLORER_DASHBOARD, dashboard.show),
        ("/privacy", Action.EXPLORER_DASHBOARD, PrivacyPage(parts.database, Readers()).show),
        ("/privacy/report", Action.DP_REPORT, reports.form),
        ("/acts", Action.EXPLORER_ACTS, acts.list),
        ("/policy", Action.EXPLORER_POLICY, acts.policy),
        ("/grants", Action.BREAK_GLASS_LIST, grants.list),
        ("/export/{form}", Action.EXPLORER_EXPORT, ExportPages(parts, archive).file),
    ]
    desks = [
        ("/privacy/report", Action.DP_REPORT, reports.ask),
        ("/exchanges/{call_id}/ask", Action.BREAK_GLASS_ASK, grants.ask),
        ("/grants/answer", Action.BREAK_GLASS_GIVE, grants.answer),
    ]
    return [
        *(Route(path, door.page(action, show), methods=["GET"]) for path, action, show in pages),
        *(Route(path, door.desk(action, receive), methods=["POST"]) for path, action, receive in desks),
    ]
