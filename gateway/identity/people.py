"""Who may administer and audit. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.errors import Unauthenticated
from gateway.identity.claims import TokenIdentity
from gateway.rules.identity import IdentityRules, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with rights over the gateway itself; `tenants` of None: all. `key_id` is that of the key used, if any."""

    id: str
    roles: frozenset[Role]
    tenants: frozenset[str] | None
    key_id: str | None = None

    def may_see(self, tenant: str) -> bool:
        """Whether this tenant is among the person's."""
        return self.tenants is None or tenant in self.tenants

    @property
    def sole_tenant(self) -> str | None:
        """Of somebody who is bound to one. What such a person does, or tries, is that tenant's: its own auditors see it."""
        return next(iter(self.tenants)) if self.tenants is not None and len(self.tenants) == 1 else None


def person_of_key(person: str, key_id: str, rules: IdentityRules) -> Person:
    """The holder of a person's key. Raises Unauthenticated once policy has forgotten the person."""
    listed = rules.people.get(person)
    if listed is None:
        raise Unauthenticated("The person of this key is not in the gateway's policy.")
    return Person(id=person, roles=listed.roles, tenants=listed.tenants, key_id=key_id)


def person_of_token(identity: TokenIdentity, rules: IdentityRules) -> Person:
    """The person whom a verified token names. Raises Unauthenticated if it names none.

    Whoever is listed has what the list says, if the list trusts this issuer with this person, and only for tenants that
    the issuer may speak for: else one company's issuer could name another's auditor. Whoever is not listed has the roles
    that the issuer's mapping gives, for the token's own tenant; its id begins with the issuer's, which no listed one can:
    two issuers may each know an `anna`.
    """
    listed = rules.people.get(identity.id)
    if listed is None:
        if not identity.roles:
            raise Unauthenticated("The token names nobody who may administer or audit.")
        return Person(id=f"{identity.issuer}/{identity.id}", roles=identity.roles, tenants=frozenset({identity.tenant}))
    if identity.issuer not in listed.issuers:
        raise Unauthenticated("The token's issuer may not speak for this person.")
    spoken_for = next(issuer.tenants for issuer in rules.issuers if issuer.id == identity.issuer)
    tenants = spoken_for if listed.tenants is None else spoken_for & listed.tenants
    return Person(id=identity.id, roles=listed.roles, tenants=tenants)
