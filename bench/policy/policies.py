"""Policies to measure, as text, and who asks under them. The same every time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.exchange import Principal
from gateway.protocol.facts import Facts
from gateway.protocol.wire import Surface

ENTITIES = frozenset("PERSON EMAIL_ADDRESS PHONE_NUMBER CREDIT_CARD CN_ID US_SSN IBAN_CODE LOCATION DATE_TIME SECRET".split())
MODELS = ("m0", "m1", "m2", "m3")
MEMBERS = 4
"""Principals of a team; each tenant has one team."""

_ON_REQUEST = (
    'request.model == "m3" && request.max_tokens > {n}000',
    'principal.team.startsWith("desk-{n}") && request.stream',
    "request.tools > {n} || request.messages > {n}00",
    '"contractor-{n}" in principal.roles && !request.consent',
    'request.purpose == "research" && principal.id == "auditor-{n}"',
)
_ON_FINDINGS = (
    'findings.PERSON > {n} && request.purpose == "support"',
    "findings.CN_ID + findings.US_SSN > {n}",
    "findings.total > {n}0",
)
_APPLY = range(38, 40)
"""Of 40 rules those that apply to every request, one of each kind in a mixed policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How many rules stand at each level of every tenant, and which of them count findings, in hundredths."""

    name: str
    organisation: int = 0
    tenant: int = 0
    team: int = 0
    principal: int = 0
    on_findings: int = 0

    @property
    def facing(self) -> int:
        """Rules that may apply to one caller."""
        return self.organisation + self.tenant + self.team + self.principal


def policy(shape: Shape, tenants: int) -> str:
    """A policy file with so many tenants, four principals in each."""
    models = "\n".join(f"  {name}: {{deployments: [gpu]}}" for name in MODELS)
    return "\n".join(
        (
            'version: 1\ndeployments:\n  gpu: {base_url: "http://gpu.internal:8000/v1", region: eu}',
            f"models:\n{models}",
            "purposes:\n  support: {basis: contract}\n  research: {basis: consent}",
            "organisation:\n  purposes: [support, research]\n  entities: {SECRET: block}",
            *_rules(shape.organisation, shape.on_findings, "  "),
            "tenants:",
            *(line for number in range(tenants) for line in _tenant(shape, number)),
            "",
        )
    )


def callers(tenants: int, most: int) -> list[Principal]:
    """Some of those that the policy names, no two alike, in no order."""
    dice = random.Random(tenants)
    chosen = dice.sample(range(tenants * MEMBERS), min(most, tenants * MEMBERS))
    return [Principal(tenant=f"t{at // MEMBERS}", id=f"p{at % MEMBERS}", roles=frozenset({"staff"})) for at in chosen]


def requests(count: int) -> list[Facts]:
    """Requests on all models that these policies allow."""
    dice = random.Random(count)
    return [
        Facts(
            model=dice.choice(MODELS),
            surface=dice.choice((Surface.CHAT, Surface.RESPONSES)),
            stream=dice.random() < 0.5,
            purpose="support",
            messages=dice.randint(1, 30),
            tools=dice.randint(0, 3),
            bytes=dice.randint(200, 40_000),
            max_tokens=dice.choice((0, 500, 2_000)),
        )
        for _ in range(count)
    ]


def _tenant(shape: Shape, number: int) -> Iterator[str]:
    yield f"  t{number}:\n    models: [{', '.join(MODELS)}]"
    yield "    entities: {CREDIT_CARD: mask, DATE_TIME: keep}\n    reply: {restore: true}"
    yield from _rules(shape.tenant, shape.on_findings, "    ")
    yield "    teams:\n      desk:\n        entities: {PERSON: surrogate}"
    yield from _rules(shape.team, shape.on_findings, "        ")
    if not shape.principal:
        yield f"        principals: {{{', '.join(f'p{member}: {{}}' for member in range(MEMBERS))}}}"
        return
    yield "        principals:"
    for member in range(MEMBERS):
        yield f"          p{member}:"
        yield from _rules(shape.principal, shape.on_findings, "            ")


def _rules(count: int, on_findings: int, indent: str) -> Iterator[str]:
    """`on_findings` of a hundred count findings, evenly spread."""
    if not count:
        return
    yield f"{indent}rules:"
    for at in range(count):
        counts = at * on_findings // 100 < (at + 1) * on_findings // 100
        if at % 40 in _APPLY:
            condition = "findings.PERSON > 1" if counts else "request.messages > 0"
        else:
            forms = _ON_FINDINGS if counts else _ON_REQUEST
            condition = forms[at % len(forms)].format(n=at + 100)
        yield f"{indent}  r{at}: {{when: '{condition}', demand: {{reply: {{entities: {{SECRET: mask}}}}}}}}"
