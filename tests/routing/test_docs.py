"""What docs/routing.md says is what happens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.detection.recognizers.registry import built_in_entities
from gateway.exchange import Principal
from gateway.exchange.explanation import obligations_in_words
from gateway.obligations import RouteTerms
from gateway.policy.compile import CompiledPolicy, compile_policy
from gateway.policy.decide import decide
from gateway.policy.reading.load import load_policy
from gateway.protocol.facts import Facts
from gateway.protocol.wire import Surface
from gateway.redaction.surrogates import SURROGATE_ENTITIES
from gateway.routing.choice import ranked
from gateway.routing.load import Load

PAGE = (Path(__file__).parents[2] / "docs" / "routing.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
WORDS = dict(re.findall(r"^\| ([^|`]+) \| `(route [^`]+)` \|$", PAGE, re.MULTILINE))
_RECORD = PAGE.partition("## What the record says")[2].partition("\n## ")[0]
REASONS = re.findall(r"^\| ([^|`]+) \| [^|`]+ \|$", _RECORD, re.MULTILINE)
FOUND: dict[str, dict[str, int]] = {"an ordinary one": {}, "one with an ID card's number": {"CN_ID": 1}}


@pytest.fixture
def policy(tmp_path: Path) -> CompiledPolicy:
    written: dict[str, Any] = yaml.safe_load(EXAMPLE)
    written["version"] = 1
    written["tenants"]["bank"] |= {"models": ["assistant"], "principals": {"app": {}}}
    path = tmp_path / "policy.yaml"
    path.write_text(yaml.safe_dump(written, sort_keys=False), encoding="utf-8")
    return compile_policy(load_policy(path, known_entities=built_in_entities(), surrogate_entities=SURROGATE_ENTITIES), {})


@pytest.mark.parametrize("request_", FOUND)
def test_the_words_of_a_request(policy: CompiledPolicy, request_: str) -> None:
    decision = decide(policy, Principal(tenant="bank", id="app"), Facts(model="assistant", surface=Surface.CHAT))
    assert decision.review is not None
    own = decision.review(FOUND[request_]).obligations
    assert own is not None
    words = [one for one in obligations_in_words(own) if one.split()[0] in {"route", "canary", "shadow", "without"}]
    assert "; ".join(words) == WORDS[request_]


def test_all_requests_of_the_page_are_tried() -> None:
    assert WORDS.keys() == FOUND.keys()


def test_reasons_of_the_page_are_those_of_the_record(policy: CompiledPolicy) -> None:
    own = decide(policy, Principal(tenant="bank", id="app"), Facts(model="assistant", surface=Surface.CHAT)).obligations
    assert own is not None
    told = {_general(choice.reason) for choice in _some_choices(own.routing)}
    listed = {_general(reason) for reason in REASONS[1:] if not reason.startswith("shadow")}
    assert listed == told


def _some_choices(routing: RouteTerms) -> list[Any]:
    (first, second), (spare,) = routing.tiers
    busy, full, unfit = Load(outstanding_tokens=9_000, open=9), Load(open=1, capacity=1), Load(fit=False)
    without = RouteTerms(tiers=routing.tiers)
    choices = list(ranked(RouteTerms(tiers=((first,),)), lambda _: Load(), None, 0))
    choices += ranked(RouteTerms(tiers=((first,), (second,), (spare,))), lambda _: Load(), None, 0)
    choices += ranked(without, lambda _: Load(), b"key", 0)
    choices += ranked(without, lambda one: busy if one == first else Load(), _key_of(first, without), 0)
    choices += ranked(without, lambda _: Load(), None, 0)
    choices += ranked(without, lambda one: full if one == first else Load(), None, 0)
    choices += ranked(without, lambda one: unfit if one == first else Load(), None, 0)
    assert routing.canary is not None
    return [*choices, *ranked(routing, lambda _: Load(), None, 0)]


def _key_of(one: object, terms: RouteTerms) -> bytes:
    keys = (bytes([number]) for number in range(256))
    return next(key for key in keys if next(ranked(terms, lambda _: Load(), key, 0)).deployment == one)


def _general(reason: str) -> str:
    return re.sub(r"\d+", "N", reason)
