"""The door of the admin API: every route says which action it is, and lets in only who may do that.

The caller is known before a byte of the body is read. A route without an action cannot be made, so none can be left open.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from gateway.api.admin.access import may, somebody_may
from gateway.api.admin.acts import ActLog
from gateway.api.admin.refusals import Forbidden, NotFound, malformed, no_such
from gateway.api.client import credential_of
from gateway.audit.act import Act, Action, new_act
from gateway.errors import BodyTimeout, GatewayError, MalformedBody, PayloadTooLarge, Unauthenticated
from gateway.identity.people import Person
from gateway.rules.identity import IdentityRules

_BODY_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Caller:
    """A person who may do this action, and the record of what it does."""

    person: Person
    action: Action
    acts: ActLog = field(repr=False)

    def act(self, **facts: str | None) -> Act:
        """This action, about to be tried."""
        return new_act(self.action, actor=self.person.id, key_id=self.person.key_id, **facts)

    async def reach(self, tenant: str, *, known: bool) -> None:
        """Raises NotFound for a tenant that is not the caller's, or not known; the first is an attempt, and entered."""
        if not self.person.may_see(tenant):
            raise await self.denied(no_such("tenant"), tenant=tenant if known else None)
        if not known:
            raise no_such("tenant")

    async def denied(self, error: GatewayError, **facts: str | None) -> GatewayError:
        """Enter an attempt at what is not the caller's; gives back the error to raise."""
        await self.acts.denied(self.act(**facts), error)
        return error


class Guard:
    """`person` says who holds a credential; `rules` are those of the policy in force."""

    def __init__(
        self,
        person: Callable[[str | None], Awaitable[Person]],
        rules: Callable[[], IdentityRules],
        acts: ActLog,
        max_body_bytes: int,
    ) -> None:
        self._person = person
        self._rules = rules
        self._acts = acts
        self._max_body_bytes = max_body_bytes

    async def admit(self, credential: str | None, action: Action) -> Caller:
        """Raises NotFound where policy names nobody, Unauthenticated or Forbidden, which are attempts, and entered."""
        if not somebody_may(self._rules()):
            raise NotFound("The policy names nobody who may use the admin API.")
        try:
            person = await self._person(credential)
        except Unauthenticated as error:
            await self._acts.denied(new_act(action), error)
            raise
        caller = Caller(person, action, self._acts)
        if not may(person.roles, action):
            raise await caller.denied(Forbidden("None of your roles allows this."), tenant=person.sole_tenant)
        return caller

    async def body(self, request: Request) -> bytes:
        """The body, within limits. Raises PayloadTooLarge, BodyTimeout or MalformedBody."""
        declared, body = request.headers.get("content-length", ""), bytearray()
        try:
            async with asyncio.timeout(_BODY_TIMEOUT_S):
                self._require(int(declared[:19]) if declared.isdecimal() else 0)
                async for chunk in request.stream():
                    body += chunk
                    self._require(len(body))
        except TimeoutError:
            raise BodyTimeout(f"The body did not arrive within {_BODY_TIMEOUT_S:g} seconds.") from None
        except ClientDisconnect:
            raise MalformedBody("The body was cut short.") from None
        return bytes(body)

    def _require(self, size: int) -> None:
        if size > self._max_body_bytes:
            raise PayloadTooLarge(f"The body is larger than {self._max_body_bytes} bytes.")


def guarded_by(guard: Guard) -> type[APIRoute]:
    """The class of routes behind this guard; a route's name is its action."""
    served: dict[str, set[str]] = {}

    class GuardedRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            action, inner = Action(self.name), super().get_route_handler()
            served.setdefault(self.path, set()).update(self.methods or ())

            async def handle(request: Request) -> Response:
                caller = await guard.admit(credential_of(request.headers), action)
                known = Request(request.scope, _again(await guard.body(request)))
                known.state.caller = caller
                try:
                    response = await inner(known)
                except RequestValidationError as error:
                    raise malformed(error, _sent_as_json(request)) from None
                response.headers["cache-control"] = "no-store"
                return response

            return handle

        async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
            """As it is done, but that a 405 names every method of the path, and not only this route's (RFC 9110, 15.5.6)."""
            if scope["method"] not in (self.methods or ()):
                raise HTTPException(405, headers={"Allow": ", ".join(sorted(served[self.path]))})
            await super().handle(scope, receive, send)

    return GuardedRoute


def _sent_as_json(request: Request) -> bool:
    """FastAPI reads a body as JSON only where it is called so."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def caller_of(request: Request) -> Caller:
    """Whom the guard let in."""
    caller: Caller = request.state.caller
    return caller


def _again(body: bytes) -> Callable[[], Coroutine[Any, Any, Message]]:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
