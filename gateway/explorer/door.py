"""The door: who a session belongs to and what policy lets them see, asked anew with every request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from gateway.api.admin.acts import ActLog
from gateway.api.admin.refusals import Forbidden
from gateway.audit.act import Action, new_act
from gateway.errors import Unauthenticated
from gateway.explorer.appearance import appearance_of
from gateway.explorer.forms import TOKEN_FIELD, FormTokens, read_form, require_own_page, require_storable
from gateway.explorer.parts import ExplorerParts
from gateway.explorer.rendering import Renderer
from gateway.explorer.rights import may
from gateway.explorer.session import COOKIE, Session, SessionSeal
from gateway.explorer.visit import Visit, here, to
from gateway.identity.people import Person, person_of_key
from gateway.identity.virtual_keys import KeyState

Page = Callable[[Visit], Awaitable[Response]]
Desk = Callable[[Visit, Mapping[str, str]], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


class Door:
    """Makes endpoints of pages: each says which action it is, and nobody gets further who may not do that."""

    def __init__(self, parts: ExplorerParts, renderer: Renderer) -> None:
        self._parts = parts
        self._renderer = renderer
        self._seal = SessionSeal(parts.pepper)
        self._forms = FormTokens(parts.pepper)

    def page(self, action: Action, show: Page) -> Endpoint:
        """A page to look at. Whoever is not logged in is led to the form, and from there back."""

        async def endpoint(request: Request) -> Response:
            try:
                visit, _ = await self.admit(request, action)
            except Unauthenticated:
                return to("/login", urlencode({"next": here(request)}))
            require_storable(request.scope["path"], *request.query_params.values())
            return await show(visit)

        return endpoint

    def desk(self, action: Action, receive: Desk) -> Endpoint:
        """What a form is sent to."""

        async def endpoint(request: Request) -> Response:
            require_own_page(request)
            try:
                visit, session = await self.admit(request, action)
            except Unauthenticated:
                return to("/login")
            fields = await read_form(request)
            self._forms.require(session.id, fields.get(TOKEN_FIELD, ""))
            require_storable(request.scope["path"], *fields.values())
            return await receive(visit, fields)

        return endpoint

    async def admit(self, request: Request, action: Action) -> tuple[Visit, Session]:
        """Raises Unauthenticated without a session that holds, or Forbidden, which is an attempt, and entered."""
        session = self._seal.session(request.cookies.get(COOKIE, ""), int(self._now().timestamp()))
        if session is None:
            raise Unauthenticated("There is no session, or it is over.")
        person = await self._person(session)
        if not may(person.roles, action):
            refused = Forbidden("None of your roles allows this.")
            act = new_act(action, actor=person.id, key_id=person.key_id, tenant=person.sole_tenant)
            await ActLog(self._parts.log).denied(act, refused)
            raise refused
        return self._visit(request, person, session), session

    def cookie(self, session: Session) -> str:
        return self._seal.cookie(session)

    def _visit(self, request: Request, person: Person, session: Session) -> Visit:
        return Visit(
            request=request,
            person=person,
            appearance=appearance_of(request),
            form_token=self._forms.of(session.id),
            renderer=self._renderer,
            log=self._parts.log,
        )

    async def _person(self, session: Session) -> Person:
        """Raises Unauthenticated once the key is revoked or over, the token is, or policy has forgotten the person. No digest
        can be checked without the key, so a record that names somebody else than logged in is refused here.
        """
        if session.token is not None:
            return await self._parts.person(session.token)
        record = await self._parts.keys.look_up(session.key_id or "")
        if record is None or record.principal != session.person or record.state(self._now()) is not KeyState.VALID:
            raise Unauthenticated("The key of this session is no longer valid.")
        return person_of_key(record.principal, record.key_id, self._parts.policy.current.identity)

    def _now(self) -> datetime:
        return self._parts.clock()
