"""For how long items of answers are kept: inner levels and rules only shorten it, and what nobody says keeps none."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.exchange import Principal
from gateway.exchange.explanation import obligations_in_words
from gateway.obligations import Obligations
from gateway.policy.compile import compile_policy
from gateway.policy.decide import decide
from gateway.policy.reading.load import load_policy
from gateway.policy.reading.problems import PolicyError
from gateway.protocol.facts import Facts
from gateway.protocol.wire import Surface
from tests.support.policy_files import BASE, KNOWN, SURROGATES


def obligations(path: Path, tenant: str = "", app: str = "") -> Obligations:
    """Of principal `app`, with these words in its tenant's `reply` and at itself. Raises PolicyError."""
    text = BASE.replace("{restore: true}", f"{{restore: true{tenant}}}").replace("app: {}", f"app: {{{app}}}")
    path.write_text(text, encoding="utf-8")
    policy = compile_policy(load_policy(path, known_entities=KNOWN, surrogate_entities=SURROGATES), {})
    told = decide(policy, Principal(tenant="demo", id="app"), Facts(model="small", surface=Surface.RESPONSES)).obligations
    assert told is not None
    return told


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "policy.yaml"


@pytest.mark.parametrize(
    ("tenant", "app", "seconds"),
    [
        ("", "", 0),
        (", store: 12h", "", 43_200),
        (", store: 12h", "reply: {store: 30m}", 1_800),
        (", store: 12h", "reply: {store: none}", 0),
        (", store: none", "", 0),
        (", store: 12h", "rules: {short: {when: request.stream == false, demand: {reply: {store: 1h}}}}", 3_600),
        (", store: 12h", "rules: {none: {when: request.stream == false, demand: {reply: {store: none}}}}", 0),
    ],
)
def test_the_shortest_holds(path: Path, tenant: str, app: str, seconds: int) -> None:
    own = obligations(path, tenant, app)
    assert own.store_s == seconds
    assert ("items stored" in " ".join(obligations_in_words(own))) is bool(seconds)


@pytest.mark.parametrize(
    ("tenant", "app"),
    [
        (", store: 12h", "reply: {store: 1d}"),
        (", store: none", "reply: {store: 1s}"),
        (", store: 12h", "rules: {long: {when: request.stream, demand: {reply: {store: 1d}}}}"),
        ("", "rules: {more: {when: request.stream, demand: {reply: {store: 1h}}}}"),
    ],
)
def test_nothing_inside_keeps_them_longer(path: Path, tenant: str, app: str) -> None:
    with pytest.raises(PolicyError) as refused:
        obligations(path, tenant, app)
    assert "hold further out" in str(refused.value)


@pytest.mark.parametrize("store", ["true", "12", "12 hours", "0s", "31d", "never"])
def test_it_is_a_time_or_none(path: Path, store: str) -> None:
    with pytest.raises(PolicyError) as refused:
        obligations(path, f", store: {store}")
    (problem,) = str(refused.value).splitlines()
    assert "write none, or a number" in problem
