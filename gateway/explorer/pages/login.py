"""Logging in and out, and how the pages look: what works without a session."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from gateway.api.admin.acts import ActLog
from gateway.api.admin.refusals import Forbidden
from gateway.audit.act import Action, ActOutcome, entry_of_act, new_act
from gateway.errors import RateLimited, Unauthenticated
from gateway.explorer.appearance import LANGUAGE_COOKIE, THEME_COOKIE, Theme, appearance_of
from gateway.explorer.attempts import Attempts
from gateway.explorer.door import Door
from gateway.explorer.forms import came_by_https, read_form, require_own_page
from gateway.explorer.languages import Language
from gateway.explorer.parts import ExplorerParts
from gateway.explorer.rendering import PREFIX, Renderer
from gateway.explorer.rights import may
from gateway.explorer.session import COOKIE, LARGEST_TOKEN, LASTS_S, begin
from gateway.explorer.visit import Visit, own_path
from gateway.identity.people import Person

_A_YEAR_S = 365 * 86_400
_CHOICES: Mapping[str, tuple[str, type[StrEnum]]] = MappingProxyType(
    {"language": (LANGUAGE_COOKIE, Language), "theme": (THEME_COOKIE, Theme)}
)


class LoginPages:
    def __init__(self, parts: ExplorerParts, door: Door, renderer: Renderer, attempts: Attempts) -> None:
        self._parts = parts
        self._door = door
        self._renderer = renderer
        self._attempts = attempts
        self._acts = ActLog(parts.log)

    def routes(self) -> list[Route]:
        return [
            Route("/login", self.form, methods=["GET"]),
            Route("/login", self.log_in, methods=["POST"]),
            Route("/logout", self._door.desk(Action.EXPLORER_LOGOUT, self.log_out), methods=["POST"]),
            Route("/appearance", self.appearance, methods=["POST"]),
        ]

    async def form(self, request: Request) -> Response:
        return self._form(request, own_path(request.query_params.get("next", "")))

    async def log_in(self, request: Request) -> Response:
        """A wrong credential shows the form again; somebody without a role gets a page that says so."""
        require_own_page(request)
        fields = await read_form(request)
        credential, back = fields.get("credential", "").strip(), own_path(fields.get("next", ""))
        try:
            person = await self._parts.person(credential)
        except Unauthenticated as error:
            return await self._failed(request, back, error)
        token = credential if person.key_id is None else None
        if token is not None and len(token.encode()) > LARGEST_TOKEN:
            return self._form(request, back, problem="login.too_long", status=413)
        await self._welcome(person)
        session = begin(int(self._parts.clock().timestamp()), person=person.id, key_id=person.key_id, token=token)
        response = _see(back)
        _put(response, COOKIE, self._door.cookie(session), secure=came_by_https(request), lasts_s=LASTS_S)
        return response

    async def log_out(self, visit: Visit, _: Mapping[str, str]) -> Response:
        await visit.enter(Action.EXPLORER_LOGOUT)
        response = _see(f"{PREFIX}/login")
        response.delete_cookie(COOKIE, path=PREFIX, httponly=True, samesite="strict")
        return response

    async def appearance(self, request: Request) -> Response:
        """Changes language or theme, for this browser."""
        require_own_page(request)
        fields, response = await read_form(request), Response()
        response = _see(own_path(fields.get("back", "")))
        choices: list[tuple[str, str, type[StrEnum]]] = [
            ("language", LANGUAGE_COOKIE, Language),
            ("theme", THEME_COOKIE, Theme),
        ]
        for name, cookie, words in choices:
            if fields.get(name) in list(words):
                _put(response, cookie, fields[name], secure=came_by_https(request), lasts_s=_A_YEAR_S)
        return response

    async def _failed(self, request: Request, back: str, error: Unauthenticated) -> Response:
        """Asked only of a wrong credential: behind a proxy all have one address, and nobody shall lock the others out."""
        address = request.client.host if request.client else ""
        try:
            await self._attempts.require_some_left(address)
        except RateLimited:
            return self._form(request, back, problem="login.too_many", status=429)
        await self._attempts.failed(address)
        await self._acts.denied(new_act(Action.EXPLORER_LOGIN), error)
        return self._form(request, back, problem="login.wrong", status=401)

    async def _welcome(self, person: Person) -> None:
        """Enters that somebody comes in. Raises Forbidden for whoever has no role that may."""
        act = new_act(Action.EXPLORER_LOGIN, actor=person.id, key_id=person.key_id, tenant=person.sole_tenant)
        if not may(person.roles, Action.EXPLORER_LOGIN):
            refused = Forbidden("None of your roles may see the explorer.")
            await self._acts.denied(act, refused)
            raise refused
        await self._parts.log.append(entry_of_act(act.ended(ActOutcome.DONE)))

    def _form(self, request: Request, back: str, *, problem: str | None = None, status: int = 200) -> Response:
        page = self._renderer.page("login", appearance_of(request), visit=None, next=back, problem=problem)
        return HTMLResponse(page, status)


def _see(path: str) -> Response:
    return Response(status_code=303, headers={"location": path})


def _put(response: Response, name: str, value: str, *, secure: bool, lasts_s: int) -> None:
    response.set_cookie(name, value, max_age=lasts_s, path=PREFIX, httponly=True, samesite="strict", secure=secure)
