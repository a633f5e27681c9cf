"""A session is a sealed cookie: the gateway keeps nothing of it, and its holder can neither read nor change it.

It says who logged in and how, never what they may do: that is asked of policy with each request. A person's key is not in
it, only the key's public id, so that whoever got hold of a cookie has no key. A token is in it, because only the token itself
can be checked again; the session ends with it.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass, field

import orjson

from gateway.errors import Unreadable
from gateway.identity.pepper import Pepper
from gateway.keys.envelope import seal, unseal

COOKIE = "explorer_session"
LASTS_S = 8 * 3_600
LARGEST_TOKEN = 2_600
"""In bytes: a browser takes cookies of 4,096, and the seal and its spelling make a third more of it."""

_PURPOSE = "explorer-sessions"
_CONTEXT = "explorer-session/v2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Either `key_id` or `token` is set. `person` is who logged in. `ends` counts seconds since 1970; `id` is 128 random
    bits.
    """

    id: str
    ends: int
    person: str
    key_id: str | None = None
    token: str | None = field(default=None, repr=False)


def begin(now: int, *, person: str, key_id: str | None, token: str | None) -> Session:
    """A new session, from now on."""
    return Session(id=secrets.token_hex(16), ends=now + LASTS_S, person=person, key_id=key_id, token=token)


class SessionSeal:
    """AES-GCM under a sub-key of the gateway's secret."""

    def __init__(self, pepper: Pepper) -> None:
        self._key = pepper.key_for(_PURPOSE)

    def cookie(self, session: Session) -> str:
        """Without the `=` at its end, which a cookie would have to put in quotes."""
        return base64.urlsafe_b64encode(seal(self._key, orjson.dumps(session), _CONTEXT)).decode().rstrip("=")

    def session(self, cookie: str, now: int) -> Session | None:
        """The session, unless it is over or the cookie is not one of ours."""
        try:
            fields = orjson.loads(unseal(self._key, base64.urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4)), _CONTEXT))
        except (Unreadable, binascii.Error, ValueError):
            return None
        found = Session(**fields)
        return found if now < found.ends else None
