"""A decision in words: for response headers, the record and the command line. Pure; names only what policy names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from urllib.parse import quote

from gateway.exchange import Decision
from gateway.obligations import (
    CacheMode,
    CacheTerms,
    DeploymentRef,
    EntityRules,
    GroundingTerms,
    Limit,
    LimitKind,
    Obligations,
    OperatorKind,
    PseudonymScope,
    RouteTerms,
)
from gateway.rules.sensitivity import ContentTerms

_LONGEST_HEADER = 1_500
_SAFE = " /:;=,.@<>-_()+*"
_RETENTION = re.compile(r"retention ([0-9]{1,5}) days")


def headers(decision: Decision | None) -> Mapping[str, str]:
    """What a caller reads beside the answer. Header values are ASCII: other characters are percent-encoded (RFC 3986)."""
    if decision is None:
        return {}
    told = {
        "x-gateway-decision": "allow" if decision.allow else "deny",
        "x-gateway-rule": decision.rule,
        "x-gateway-rules": ", ".join(decision.rules),
        "x-gateway-purpose": decision.purpose or "",
        "x-gateway-obligations": "; ".join(obligations_in_words(decision.obligations)) if decision.obligations else "",
        "x-gateway-policy": decision.policy_version,
    }
    return {name: _in_header(value) for name, value in told.items() if value}


@lru_cache(maxsize=1_024)
def _in_header(value: str) -> str:
    """Proxies and clients refuse headers of some kilobytes; the record has all of it. They are policy's words, and so few."""
    quoted = quote(value, safe=_SAFE)
    return quoted if len(quoted) <= _LONGEST_HEADER else f"{quoted[:_LONGEST_HEADER]}..."


def obligations_in_words(obligations: Obligations) -> tuple[str, ...]:
    """Each obligation in a few words, in one order: request, reply, record, knowledge, route, cache, pseudonyms, retention."""
    return _remembered_words(_This(obligations))


def retention_days(words: Sequence[str]) -> int | None:
    """What `obligations_in_words` said of retention; None where policy named no end."""
    return next((int(found[1]) for one in words if (found := _RETENTION.fullmatch(one))), None)


class _This:
    """Obligations as the one object that they are. Policy gives equal exchanges the same one, and it is put into words several
    times for each; looking it up by value would cost as much as the words do."""

    __slots__ = ("obligations",)

    def __init__(self, obligations: Obligations) -> None:
        self.obligations = obligations

    def __hash__(self) -> int:
        return id(self.obligations)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _This) and self.obligations is other.obligations


@lru_cache(maxsize=512)
def _remembered_words(this: _This) -> tuple[str, ...]:
    return tuple(_words(this.obligations))


def _words(own: Obligations) -> Iterator[str]:
    yield f"request {rules_in_words(own.request)}"
    yield "reply restored" if own.restore else "reply not restored"
    if not own.reply.keeps_everything:
        yield f"reply {rules_in_words(own.reply)}"
    if own.record_content:
        yield f"record redacted {rules_in_words(own.record)}" if own.record else "record redacted"
    if own.record_originals:
        yield "originals sealed"
    if own.knowledge is not None:
        yield f"knowledge {rules_in_words(own.knowledge)}"
    if own.grounding is not None:
        yield _grounding_in_words(own.grounding)
    yield from _judge_in_words(own.content)
    yield f"route {' or '.join(map(_place_in_words, own.deployments)) or 'nowhere'}"
    yield from _shares_in_words(own.routing)
    yield from _kept_in_words(own)
    if own.guide.system or own.guide.prefixes:
        yield "guided"
    yield from (limit_in_words(limit) for limit in own.limits)
    if own.limits and own.limits_locally:
        yield "limits counted locally when unavailable"


def _grounding_in_words(own: GroundingTerms) -> str:
    """`grounded always in contracts, handbook with 5 passages 1500 tokens or say so`."""
    when, otherwise = "always" if own.always else "when asked", " or say so" if own.says_so else ""
    places = "all collections" if own.collections is None else ", ".join(sorted(own.collections))
    return f"grounded {when} in {places} with {own.passages} passages {own.tokens} tokens{otherwise}"


def _judge_in_words(content: ContentTerms | None) -> Iterator[str]:
    """`content judged by 42275128f71b; on trial 0a1b2c3d4e5f 10%`."""
    if content is not None:
        trial = "" if content.trial is None else f", on trial {content.trial.short} {content.percent:g}%"
        yield f"content judged by {content.classifier.short}{trial}"


def _place_in_words(place: DeploymentRef) -> str:
    return f"{place.id} (external)" if place.external else place.id


def _shares_in_words(routing: RouteTerms) -> Iterator[str]:
    """`canary gpu-3 5%; shadow gpu-4 10%`, and what of them is left out because it does not meet what is demanded."""
    for word, share in (("canary", routing.canary), ("shadow", routing.shadow)):
        if share is not None:
            yield f"{word} {_place_in_words(share.deployment)} {share.percent:g}%"
    yield from (f"without {one}" for one in routing.left_out)


def _kept_in_words(own: Obligations) -> Iterator[str]:
    """What is kept for other exchanges, and for how long."""
    if own.cache is not CacheMode.NONE:
        yield _cache_in_words(own)
    if own.pseudonyms.scope is not PseudonymScope.REQUEST:
        yield f"pseudonyms {own.pseudonyms.scope} {own.pseudonyms.ttl_s}s"
    if own.store_s:
        yield f"items stored {own.store_s}s"
    if own.retention_days is not None:
        yield f"retention {own.retention_days} days"


def _cache_in_words(own: Obligations) -> str:
    """`cache tenant 3600s always semantic`, with what is not as usual."""
    usual = CacheTerms()
    ttl = "" if own.caching.ttl_s == usual.ttl_s else f" {own.caching.ttl_s}s"
    more = [word for word, is_so in (("always", own.caching.always), ("semantic", own.caching.semantic)) if is_so]
    return " ".join([f"cache {own.cache}{ttl}", *more])


def rules_in_words(rules: EntityRules) -> str:
    """Operators with their types, the default last: `CREDIT_CARD=mask DATE_TIME=keep *=placeholder`."""
    named = (f"{entity}={operator}" for entity, operator in sorted(rules.by_entity.items()) if operator is not rules.default)
    return " ".join((*named, f"*={OperatorKind(rules.default)}"))


def limit_in_words(limit: Limit) -> str:
    """`limit tenants.bank 60 requests/60s`; spending in the policy's currency."""
    amount = f"{limit.amount / 1_000_000:g}" if limit.kind is LimitKind.SPEND else str(limit.amount)
    per = f"/{limit.period_s}s" if limit.period_s else " at once"
    return f"limit {limit.scope} {amount} {limit.kind}{per}"
