"""One request of somebody who is let in: who they are, what they want to see, and the record of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gateway.api.admin.acts import ActLog
from gateway.api.admin.refusals import NotFound, no_such
from gateway.audit.act import Act, Action, ActOutcome, entry_of_act, new_act
from gateway.audit.log import AuditLog
from gateway.errors import GatewayError
from gateway.explorer.appearance import Appearance
from gateway.explorer.index.filters import Cursor
from gateway.explorer.languages import Catalogue
from gateway.explorer.rendering import PREFIX, Renderer
from gateway.explorer.rights import may
from gateway.identity.people import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """`form_token` goes into every form of the page."""

    request: Request = field(repr=False)
    person: Person
    appearance: Appearance
    form_token: str = field(repr=False)
    renderer: Renderer = field(repr=False)
    log: AuditLog = field(repr=False)

    @property
    def t(self) -> Catalogue:
        return self.renderer.catalogues[self.appearance.language]

    @property
    def tenants(self) -> frozenset[str] | None:
        """Those whose exchanges exist for this person; None: all."""
        return self.person.tenants

    def may(self, action: Action) -> bool:
        return may(self.person.roles, action)

    def act(self, action: Action, *, tenant: str | None = None, **facts: str | None) -> Act:
        """What somebody does who is bound to one tenant, and names none, is that tenant's: its own auditors see it."""
        return new_act(
            action, actor=self.person.id, key_id=self.person.key_id, tenant=tenant or self.person.sole_tenant, **facts
        )

    def own(self, tenant: str | None) -> str | None:
        """The tenant that an address names, where it is the person's: nobody writes into the record that others read."""
        return tenant if self.tenants is None or tenant in self.tenants else None

    async def enter(self, action: Action, **facts: str | None) -> None:
        """A look is done as soon as it is entered: durable when this returns. Raises AuditUnavailable."""
        await self.log.append(entry_of_act(self.act(action, **facts).ended(ActOutcome.DONE)))

    async def denied(self, action: Action, error: GatewayError, **facts: str | None) -> GatewayError:
        """Enter an attempt at what is not the person's; gives back the error to raise."""
        await ActLog(self.log).denied(self.act(action, **facts), error)
        return error

    async def reach(self, tenant: str | None, action: Action, what: str, target: str) -> None:
        """Raises NotFound for what is another tenant's, the same as for what is not there; such an attempt is entered.

        What is in no tenant (a caller whom nobody knew) exists for those only who see all tenants.
        """
        seen = self.tenants is None or (tenant is not None and tenant in self.tenants)
        if not seen:
            raise await self.denied(action, missing(what), tenant=tenant, target=target)

    def page(self, template: str, /, *, status: int = 200, **values: Any) -> Response:
        shown = {"visit": self, "back": here(self.request), **values}
        return HTMLResponse(self.renderer.page(template, self.appearance, **shown), status)


def missing(what: str) -> NotFound:
    return no_such(what)


def to(path: str, query: str = "") -> Response:
    """Go there by GET (RFC 9110, 15.4.4)."""
    return RedirectResponse(f"{PREFIX}{path}{'?' + query if query else ''}", 303)


def place(visit: Visit) -> Cursor | None:
    """Where in the list the page begins; at the newest where the address makes no sense."""
    try:
        return Cursor.parse(visit.request.query_params.get("at", ""))
    except ValueError:
        return None


def here(request: Request) -> str:
    """The address of this page, to come back to."""
    path = f"{PREFIX}{request.scope['path'].removeprefix(request.scope.get('root_path', ''))}"
    return f"{path}?{request.url.query}" if request.url.query else path


def own_path(given: str) -> str:
    """A path of the explorer that somebody wants to come back to; its first page where it is anything else.

    A browser reads `//host` and a backslash as another site's address, and a header takes ASCII only.
    """
    plain = given.startswith(f"{PREFIX}/") and "//" not in given and "\\" not in given
    return given if plain and given.isprintable() and given.isascii() else f"{PREFIX}/"
