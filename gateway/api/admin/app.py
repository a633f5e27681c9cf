"""The admin API as an application of its own, to be mounted under /admin: it shares parts with the gateway, and no route.

With a policy that names nobody who may use it, it answers 404 to everything but a request for its description.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fastapi import FastAPI, Security
from fastapi.security import HTTPBearer

from gateway import __version__
from gateway.api.admin.acts import ActLog
from gateway.api.admin.cache import cache_router
from gateway.api.admin.document import describe
from gateway.api.admin.guard import Guard, guarded_by
from gateway.api.admin.key_desk import KeyDesk
from gateway.api.admin.keys import keys_router
from gateway.api.admin.limits import limits_router
from gateway.api.admin.people import acts_router
from gateway.api.admin.policy import policy_router
from gateway.api.admin.policy_check import PolicyChecker
from gateway.api.admin.policy_effects import effects_router
from gateway.api.errors import handle_errors
from gateway.assurance.clearings import Clear
from gateway.audit.log import AuditLog
from gateway.identity.key_store import KeyStore
from gateway.identity.people import Person
from gateway.identity.pepper import Pepper
from gateway.limits.limiter import Limiter
from gateway.policy.source import PolicySource
from gateway.store.database import Database

PREFIX = "/admin"
"""Where the application is mounted, on the gateway's port or on one of its own."""

_ABOUT = """\
For people, not for programs that call models: a virtual key of a principal opens nothing here, and what opens this opens
no model. Send a person's key (`gateway keys issue --person`), or a token of an identity provider whose issuer the policy
trusts with people, as `Authorization: Bearer ...`. What you may do follows from the roles that the policy gives you, for the
tenants that it gives you; another tenant's things do not exist for you.

Whatever changes something is entered in the audit log before it is done and after; what is refused is entered too.
"""
_TAGS = [
    {"name": "keys", "description": "Virtual keys of principals, and people's keys."},
    {"name": "policy", "description": "The policy in force, and what follows from it."},
    {"name": "limits", "description": "How much of each limit is used."},
    {"name": "cache", "description": "Answers that are given again."},
    {"name": "acts", "description": "The record of administration."},
    {"name": "people", "description": "Yourself."},
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminParts:
    """What the admin API shares with the gateway. `person` says who holds what follows `Bearer `."""

    person: Callable[[str | None], Awaitable[Person]]
    keys: KeyStore
    pepper: Pepper = field(repr=False)
    policy: PolicySource
    check: PolicyChecker
    limiter: Limiter
    clear_cache: Clear
    log: AuditLog
    database: Database
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    max_body_bytes: int = 4 * 2**20


def build_admin(parts: AdminParts) -> FastAPI:
    """The application. Its paths begin with /v1, because it is mounted under /admin."""
    app = FastAPI(
        title="Privacy gateway: administration",
        version=__version__,
        description=_ABOUT,
        openapi_tags=_TAGS,
        servers=[{"url": PREFIX}],
        root_path_in_servers=False,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        dependencies=[Security(HTTPBearer(scheme_name="person", auto_error=False, description="A person's key or token."))],
    )
    guard = Guard(parts.person, lambda: parts.policy.current.identity, ActLog(parts.log), parts.max_body_bytes)
    route = guarded_by(guard)
    desk = KeyDesk(store=parts.keys, pepper=parts.pepper, policy=lambda: parts.policy.current, clock=parts.clock)
    app.include_router(keys_router(desk, route))
    app.include_router(policy_router(parts.policy, parts.check, route))
    app.include_router(effects_router(parts.policy, route))
    app.include_router(limits_router(lambda: parts.policy.current, parts.limiter, route))
    app.include_router(cache_router(lambda: parts.policy.current, parts.clear_cache, route))
    app.include_router(acts_router(parts.database, route))
    describe(app)
    handle_errors(app)
    return app


def mount_admin(host: FastAPI, admin: FastAPI) -> None:
    """Serve it on the host's port, under /admin."""
    host.mount(PREFIX, admin)


def admin_host(admin: FastAPI) -> FastAPI:
    """An application that has nothing but it: for a port of its own, where its paths are the same."""
    host = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    mount_admin(host, admin)
    handle_errors(host)
    return host
