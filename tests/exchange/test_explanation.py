from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from gateway.exchange import Decision
from gateway.exchange.explanation import headers, obligations_in_words, retention_days
from gateway.obligations import CacheMode, CacheTerms, EntityRules, Guide, Limit, LimitKind, Obligations, OperatorKind

KEEP = EntityRules(OperatorKind.KEEP)


@dataclass(frozen=True)
class Place:
    id: str
    external: bool = False
    model: str | None = None
    version: str | None = None
    digest: str | None = None
    concurrent: int | None = None


SIMPLE = Obligations(request=EntityRules(OperatorKind.PLACEHOLDER), reply=KEEP, restore=True, deployments=(Place("gpu"),))
DENIED = Decision(allow=False, rule="default-deny", reason="no", policy_version="abc123")


def test_the_simplest_obligations() -> None:
    assert obligations_in_words(SIMPLE) == ("request *=placeholder", "reply restored", "route gpu")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"restore": False}, "reply not restored"),
        ({"reply": EntityRules(OperatorKind.KEEP, {"SECRET": OperatorKind.MASK})}, "reply SECRET=mask *=keep"),
        ({"record_content": True}, "record redacted"),
        ({"record_content": True, "record": EntityRules(OperatorKind.DROP)}, "record redacted *=drop"),
        ({"record_content": True, "record_originals": True}, "originals sealed"),
        ({"knowledge": EntityRules(OperatorKind.HASH)}, "knowledge *=hash"),
        ({"deployments": ()}, "route nowhere"),
        ({"deployments": (Place("a"), Place("b"))}, "route a or b"),
        ({"cache": CacheMode.PRINCIPAL}, "cache principal"),
        ({"cache": CacheMode.TENANT, "caching": CacheTerms(ttl_s=60, always=True)}, "cache tenant 60s always"),
        ({"cache": CacheMode.TENANT, "caching": CacheTerms(semantic=True)}, "cache tenant semantic"),
        ({"retention_days": 0}, "retention 0 days"),
        ({"guide": Guide(system=("Be kind to {principal}.",))}, "guided"),
        ({"guide": Guide(prefixes=(("Task:",),))}, "guided"),
        ({"limits": (Limit(scope="tenants.t", kind=LimitKind.TOKENS, amount=9, period_s=60),)}, "limit tenants.t 9 tokens/60s"),
        (
            {"limits": (Limit(scope="organisation", kind=LimitKind.CONCURRENT, amount=2),)},
            "limit organisation 2 concurrent at once",
        ),
    ],
)
def test_each_obligation_has_its_words(more: dict[str, Any], words: str) -> None:
    told = obligations_in_words(replace(SIMPLE, **more))
    assert words in told
    assert words not in obligations_in_words(SIMPLE)


@pytest.mark.parametrize("days", [0, 7, 36_500])
def test_retention_is_read_back_out_of_its_words(days: int) -> None:
    assert retention_days(obligations_in_words(replace(SIMPLE, retention_days=days))) == days
    assert retention_days(obligations_in_words(SIMPLE)) is None


def test_the_words_of_one_object_are_found_once() -> None:
    """Policy gives equal exchanges the same obligations, and these are told three times for each."""
    assert obligations_in_words(SIMPLE) is obligations_in_words(SIMPLE)
    twin = replace(SIMPLE)
    assert obligations_in_words(twin) == obligations_in_words(SIMPLE)
    assert obligations_in_words(replace(twin, restore=False)) != obligations_in_words(twin)


def test_types_are_sorted_and_the_default_comes_last() -> None:
    rules = EntityRules(OperatorKind.MASK, {"URL": OperatorKind.KEEP, "PERSON": OperatorKind.MASK, "CN_ID": OperatorKind.BLOCK})
    assert obligations_in_words(replace(SIMPLE, request=rules))[0] == "request CN_ID=block URL=keep *=mask"


def test_records_that_hold_no_content_are_no_obligation() -> None:
    assert "record" not in " ".join(obligations_in_words(replace(SIMPLE, record=EntityRules(OperatorKind.DROP))))


def test_headers_say_only_what_there_is_to_say() -> None:
    assert headers(None) == {}
    assert headers(DENIED) == {
        "x-gateway-decision": "deny",
        "x-gateway-rule": "default-deny",
        "x-gateway-policy": "abc123",
    }
    allowed = Decision(
        allow=True, rule="r", reason="no", policy_version="v", obligations=SIMPLE, rules=("a", "b"), purpose="support"
    )
    assert headers(allowed) == {
        "x-gateway-decision": "allow",
        "x-gateway-rule": "r",
        "x-gateway-rules": "a, b",
        "x-gateway-purpose": "support",
        "x-gateway-obligations": "request *=placeholder; reply restored; route gpu",
        "x-gateway-policy": "v",
    }


@pytest.mark.parametrize(
    "rule", ["models.模型.surfaces", "models.a\x00b.surfaces", 'models.a"b%20.surfaces', "models.é.surfaces"]
)
def test_headers_are_ascii_whatever_a_model_is_called(rule: str) -> None:
    (told,) = (value for name, value in headers(replace(DENIED, rule=rule)).items() if name == "x-gateway-rule")
    assert told.isascii()
    assert told.isprintable()
    assert told != rule
