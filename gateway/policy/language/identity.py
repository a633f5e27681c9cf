"""Who may call: the `identity` part of a policy, and the rules that it becomes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Annotated, Literal, TypeAlias, TypeVar

from pydantic import AfterValidator, Field, StrictInt, StringConstraints, model_validator

from gateway.policy.language.addresses import JwksUrl, TrustedNetwork, network
from gateway.policy.language.part import Part, refuse
from gateway.policy.language.words import Id
from gateway.rules.identity import ClaimSource, IdentityRules, IssuerRules, JwksPlace, PersonRules, ProxyRules, Role

_Item = TypeVar("_Item")


def _between(least: int, most: int) -> Callable[[int], int]:
    def check(number: int) -> int:
        if not least <= number <= most:
            raise refuse("out of range", f"write a whole number of seconds from {least} to {most}")
        return number

    return check


def _forwardable(name: str) -> str:
    if name.lower() in ("authorization", "host", "cookie", "forwarded", "x-forwarded-for"):
        raise refuse("a header that has another meaning", "let the proxy send one of its own, such as X-Client-Subject")
    return name


def _once(items: tuple[_Item, ...]) -> tuple[_Item, ...]:
    if len(set(items)) < len(items):
        raise refuse("named twice", "name each once")
    return items


Algorithm: TypeAlias = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"
]
"""Asymmetric ones only: with HS256 whoever can verify can forge, and `none` is no signature."""
Words: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,500}$")]
HeaderName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$"), AfterValidator(_forwardable)]
Prefix: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$")]
Who: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,127}/[A-Za-z0-9][A-Za-z0-9._@-]{0,127}$")
]
Leeway: TypeAlias = Annotated[
    StrictInt, Field(json_schema_extra={"minimum": 0, "maximum": 300}), AfterValidator(_between(0, 300))
]
MaxAge: TypeAlias = Annotated[
    StrictInt, Field(json_schema_extra={"minimum": 60, "maximum": 2_592_000}), AfterValidator(_between(60, 2_592_000))
]


class Jwks(Part):
    """Where an issuer's public keys are read: a JSON Web Key Set (RFC 7517)."""

    url: JwksUrl | None = Field(default=None, description="Its https URL; http only to this machine; no redirects.")
    file: Path | None = Field(
        default=None, description="A file that holds the key set; a relative path starts at the policy file's folder."
    )

    @model_validator(mode="after")
    def _one_place(self) -> Jwks:
        if (self.url is None) == (self.file is None):
            raise refuse("not one place for the keys", "write {url: https://...} or {file: /path}")
        return self


class Claim(Part):
    """Where one fact about a caller comes from."""

    claim: Words | None = Field(default=None, description="The name of a claim of the token, as it stands there.")
    value: Words | None = Field(default=None, description="The same for every token of this issuer.")

    @model_validator(mode="after")
    def _one_source(self) -> Claim:
        if (self.claim is None) == (self.value is None):
            raise refuse("not one source", "write {claim: name} or {value: constant}")
        return self

    def source(self) -> ClaimSource:
        return ClaimSource(claim=self.claim, value=self.value)


class Claims(Part):
    """What a token says of its caller. Ids hold letters, digits, '.', '_', '@' and '-'; another value is refused."""

    principal: Claim = Field(default=Claim(claim="sub"), description="Who calls; a claim whose values are ids. Default: sub.")
    tenant: Claim | None = Field(
        default=None, description="The caller's tenant; may be left out where the issuer speaks for one tenant only."
    )
    team: Claim | None = Field(default=None, description="The caller's team: one text. Default: as the policy lists it.")
    roles: Claim | None = Field(default=None, description="The caller's roles: a list of texts. Default: none.")


class Issuer(Part):
    """An identity provider whose JWTs are accepted as bearer tokens."""

    issuer: Words = Field(description="The token's iss claim, character for character.")
    audience: Annotated[tuple[Words, ...], AfterValidator(_once)] = Field(
        min_length=1, description="Whom tokens are meant for; the token's aud has to name one of these."
    )
    jwks: Jwks = Field(description="Where the issuer's public keys are.")
    algorithms: Annotated[tuple[Algorithm, ...], AfterValidator(_once)] = Field(
        default=("RS256", "ES256"), min_length=1, description="Signature algorithms that are accepted."
    )
    leeway_s: Leeway = Field(default=30, description="Seconds that the issuer's clock may differ from ours.")
    max_age_s: MaxAge = Field(default=86_400, description="Longest time from iat to exp that is accepted, in seconds.")
    claims: Claims = Field(default=Claims(), description="What the token says of its caller.")
    tenants: Annotated[tuple[Id, ...], AfterValidator(_once)] = Field(
        min_length=1, description="The tenants that this issuer may speak for; it can name no other."
    )
    prefix: Prefix | None = Field(
        default=None,
        description="What its callers' ids begin with here, such as 'ci.', so that they are nobody else's. Default: nothing.",
    )
    same_callers_as: Annotated[tuple[Id, ...], AfterValidator(_once)] = Field(
        default=(),
        description="Issuers, by their id under jwt, that call the same caller by the same id. Default: none.",
    )
    roles: dict[Words, Role] = Field(
        default={}, description="Our role, and so a right in the admin API, for a value of the roles claim. Default: none."
    )

    @model_validator(mode="after")
    def _tenant_is_known(self) -> Issuer:
        written = self.claims.tenant
        if written is None and len(self.tenants) > 1:
            raise refuse("no tenant", "say under claims where the tenant stands, or name one tenant only")
        if written is not None and written.value is not None and written.value not in self.tenants:
            raise refuse("a tenant that this issuer may not speak for", "list it under tenants, or write one of those")
        return self

    def rules(self, name: str, folder: Path, foreign: frozenset[str] = frozenset()) -> IssuerRules:
        """`foreign`: beginnings of ids that are another issuer's."""
        of = self.claims
        return IssuerRules(
            id=name,
            issuer=self.issuer,
            audience=frozenset(self.audience),
            jwks=JwksPlace(url=self.jwks.url, file=folder / self.jwks.file if self.jwks.file else None),
            algorithms=frozenset(self.algorithms),
            tenants=frozenset(self.tenants),
            leeway_s=self.leeway_s,
            max_age_s=self.max_age_s,
            principal=of.principal.source(),
            tenant=of.tenant.source() if of.tenant else None,
            team=of.team.source() if of.team else None,
            roles_from=of.roles.source() if of.roles else None,
            roles=dict(self.roles),
            prefix=self.prefix or "",
            foreign=foreign,
        )


class Proxy(Part):
    """Callers whom a proxy in front of the gateway knows by their TLS client certificate.

    The proxy must set the header only for certificates that it has verified, and must remove it from what clients send.
    """

    header: HeaderName = Field(description="The header that carries the certificate's subject or alternative name.")
    trusted: tuple[TrustedNetwork, ...] = Field(
        min_length=1, description="Networks of the peers that may set it, such as 10.1.0.0/16. From others it is ignored."
    )
    subjects: dict[Words, Who] = Field(
        min_length=1,
        description="tenant/principal for each text of the header. It is compared character for character, as the proxy "
        "writes it; only white space around it does not count.",
    )

    def rules(self) -> ProxyRules:
        return ProxyRules(
            header=self.header.lower(),
            trusted=tuple(map(network, self.trusted)),
            subjects={subject.strip(): _pair(who) for subject, who in self.subjects.items()},
        )


class Person(Part):
    """Somebody who administers the gateway, or audits it."""

    roles: Annotated[tuple[Role, ...], AfterValidator(_once)] = Field(
        min_length=1, description="developer, operator, privacy_officer, auditor."
    )
    tenants: Annotated[tuple[Id, ...], AfterValidator(_once)] | None = Field(
        default=None, min_length=1, description="The tenants that this is for. Default: all."
    )
    issuers: Annotated[tuple[Id, ...], AfterValidator(_once)] = Field(
        default=(),
        description="The issuers, by their id under jwt, whose tokens may be this person, for those issuers' tenants. "
        "Default: none, only a key made with: gateway keys issue --person.",
    )

    def rules(self) -> PersonRules:
        tenants = None if self.tenants is None else frozenset(self.tenants)
        return PersonRules(roles=frozenset(self.roles), tenants=tenants, issuers=frozenset(self.issuers))


class Identity(Part):
    """Who may call besides the holders of virtual keys, and who may administer and audit."""

    jwt: dict[Id, Issuer] = Field(default={}, description="Identity providers whose tokens are accepted, by id.")
    proxy: Proxy | None = Field(default=None, description="A proxy that checks client certificates. Default: none is trusted.")
    people: dict[Id, Person] = Field(default={}, description="Who may administer and audit, by id. Default: nobody.")

    @model_validator(mode="after")
    def _issuers_are_told_apart(self) -> Identity:
        written = [issuer.issuer for issuer in self.jwt.values()]
        if len(set(written)) < len(written):
            raise refuse("two entries for one issuer", "merge them: an issuer's tokens are chosen by iss alone")
        if any(name not in self.jwt for person in self.people.values() for name in person.issuers):
            raise refuse("a person with an issuer that is not under jwt", "define the issuer, or remove it from the person")
        return self

    @model_validator(mode="after")
    def _callers_are_told_apart(self) -> Identity:
        """Whoever has another's id has the other's answers, placeholders and documents: that two issuers mean the same
        caller by one id is for the policy to say.
        """
        if any(one == name or one not in self.jwt for name, issuer in self.jwt.items() for one in issuer.same_callers_as):
            raise refuse("same_callers_as with no other issuer under jwt", "name other issuers by their id under jwt")
        if any(issuer.prefix != self.jwt[one].prefix for issuer in self.jwt.values() for one in issuer.same_callers_as):
            raise refuse("same_callers_as with an issuer of another prefix", "give both the same prefix, or none")
        for name, other in self._strangers():
            if self.jwt[name].prefix == self.jwt[other].prefix:
                raise refuse(
                    f"{name} and {other} speak for one tenant, and may mean two callers by one id",
                    "give one of them a prefix, or same_callers_as if an id is the same caller with both",
                )
        return self

    def rules(self, folder: Path) -> IdentityRules:
        """The values that identity follows; `folder` is where the policy file lies."""
        return IdentityRules(
            issuers=tuple(issuer.rules(name, folder, self._foreign(name)) for name, issuer in self.jwt.items()),
            proxy=self.proxy.rules() if self.proxy else None,
            people={name: person.rules() for name, person in self.people.items()},
        )

    def _strangers(self) -> Iterator[tuple[str, str]]:
        """Issuers that speak for one tenant, and not of the same callers."""
        for (name, issuer), (other, another) in combinations(self.jwt.items(), 2):
            same = other in issuer.same_callers_as or name in another.same_callers_as
            if not same and not set(issuer.tenants).isdisjoint(another.tenants):
                yield name, other

    def _foreign(self, name: str) -> frozenset[str]:
        """Where one prefix begins with the other, ids that begin with the longer one are of its issuer alone."""
        own = self.jwt[name].prefix or ""
        strangers = (self.jwt[(set(pair) - {name}).pop()].prefix or "" for pair in self._strangers() if name in pair)
        return frozenset(prefix for prefix in strangers if prefix.startswith(own) and prefix != own)


def _pair(who: str) -> tuple[str, str]:
    tenant, _, principal = who.partition("/")
    return tenant, principal
