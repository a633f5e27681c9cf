"""CPU time and memory of one policy."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import median

import psutil

from bench.policy.policies import ENTITIES, Shape, callers, policy, requests
from gateway.exchange import Decision, Principal
from gateway.policy.compile import CompiledPolicy, compile_policy
from gateway.policy.decide import decide
from gateway.policy.reading.load import load_policy
from gateway.protocol.facts import Facts

FOUND: Mapping[str, int] = {"PERSON": 3, "EMAIL_ADDRESS": 1, "DATE_TIME": 2}
_KB = 1_024


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A policy in force, and what it took: CPU seconds and KB of resident memory for the file and everything made of it."""

    policy: CompiledPolicy
    megabytes: float
    load_s: float
    load_kb: float
    tenants: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """What the first requests of some callers cost: CPU ms and KB each, everything included that is kept for them."""

    callers: Sequence[Principal]
    first_ms: float
    standing_kb: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Medians in CPU us. `review_us` is what the second look costs beside, None where policy asks for none.

    `quick_us` is the lowest tenth of the decisions: what they cost while nothing else disturbs the processor.
    """

    quick_us: float
    decide_us: float
    review_us: float | None

    @property
    def both_us(self) -> float:
        return self.decide_us + (self.review_us or 0.0)


def load(shape: Shape, tenants: int) -> Loaded:
    """Write the policy to a file, read it, check it, compile it."""
    text = policy(shape, tenants)
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        path = Path(folder) / "policy.yaml"
        path.write_text(text, encoding="utf-8")
        before, began = _resident_kb(), time.process_time()
        compiled = compile_policy(load_policy(path, known_entities=ENTITIES, surrogate_entities=frozenset({"PERSON"})), {})
        spent = time.process_time() - began
    return Loaded(policy=compiled, megabytes=len(text) / 1e6, load_s=spent, load_kb=_resident_kb() - before, tenants=tenants)


def meet(loaded: Loaded, most: int) -> Met:
    """Let callers come for the first time."""
    who = callers(loaded.tenants, most)
    (fact,) = requests(1)
    before, began = _resident_kb(), time.process_time()
    for one in who:
        _reviewed(decide(loaded.policy, one, fact))
    spent = time.process_time() - began
    return Met(callers=who, first_ms=spent * 1e3 / len(who), standing_kb=(_resident_kb() - before) / len(who))


def decisions(loaded: Loaded, who: Sequence[Principal], count: int) -> Cost:
    """Each decision is for another caller than the one before, as far as there are others, and another request."""
    asked = list(islice(zip(cycle(who), cycle(requests(97)), strict=False), count))
    for caller, fact in asked:
        _reviewed(decide(loaded.policy, caller, fact))
    taken = [_timed(loaded.policy, caller, fact) for caller, fact in asked]
    reviews = [review for _, review in taken if review is not None]
    times = sorted(decided for decided, _ in taken)
    return Cost(
        quick_us=times[len(times) // 10],
        decide_us=median(times),
        review_us=median(reviews) if reviews else None,
    )


def least(measure: Sequence[Callable[[], Cost]], rounds: int) -> list[Cost]:
    """Of several rounds the one that cost least, since other work on the machine can only add; who begins rotates."""
    best = [measured() for measured in measure]
    for at in range(1, rounds):
        order = [(number + at) % len(measure) for number in range(len(measure))]
        for number in order:
            best[number] = min(best[number], measure[number](), key=lambda cost: cost.both_us)
    return best


def _timed(policy: CompiledPolicy, caller: Principal, fact: Facts) -> tuple[float, float | None]:
    began = time.process_time_ns()
    decision = decide(policy, caller, fact)
    decided = time.process_time_ns()
    if decision.review is None:
        return (decided - began) / 1e3, None
    decision.review(FOUND)
    return (decided - began) / 1e3, (time.process_time_ns() - decided) / 1e3


def _reviewed(decision: Decision) -> None:
    """Every decision of these policies is an allow, also the second one: a refusal would be cheaper."""
    final = decision if decision.review is None else decision.review(FOUND)
    if not final.allow:
        raise RuntimeError(f"denied by {final.rule}")


def _resident_kb() -> float:
    gc.collect()
    return psutil.Process().memory_info().rss / _KB
