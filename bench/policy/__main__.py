"""What a decision costs under 200 rules, and under more and more tenants. `make bench-policy`.

Method. Policies are written to a file, loaded and compiled as the gateway does it. Times are CPU time of this process. A
decision is `decide`, a review is the second look once it is known what was found; both are timed one by one, the reading of
the clock (some 0.5 us) included, with another caller and another request each time, and all are allowed: a refusal is
cheaper. Figures are medians over the decisions, and of several rounds the least, since other work on the machine can only
add; the policies take turns within a round. The lowest tenth of the decisions says what they cost undisturbed. One rule in
20 applies and adds a demand; of a mixed policy 40 rules of 100 count findings: they wait for the review, the others are
part of the decision. `first` is the first decision and review of a caller, for which its rights are worked out, and the
rules of its levels compiled if nobody came before; `kept` is the resident memory that this adds. Both are means over 16
callers of 4 tenants, or over at most 4,000 of more tenants. In the second table each tenant has 4 rules, a team and 4
principals of its own, and 196 rules stand at the organisation: every caller faces 200. Loading is reading, checking and
compiling the file; its memory includes what the allocator keeps for the next time.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial

import orjson

from bench.policy.cost import Cost, Loaded, Met, decisions, least, load, meet
from bench.policy.policies import Shape
from bench.policy.report import growth_table, rules_table
from bench.session import RESULTS
from gateway import __version__

SHAPES = (
    Shape(name="no rules"),
    Shape(name="200 at the organisation, on requests", organisation=200),
    Shape(name="200 at one tenant, mixed", tenant=200, on_findings=40),
    Shape(name="200 at each principal, mixed", principal=200, on_findings=40),
    Shape(name="80 organisation, 60 tenant, 60 team, mixed", organisation=80, tenant=60, team=60, on_findings=40),
    Shape(
        name="80 organisation, 20 each of 4 tenants, 10 each of 4 teams, mixed",
        organisation=80,
        tenant=20,
        team=10,
        on_findings=40,
    ),
    Shape(name="200 at one tenant, on findings", tenant=200, on_findings=100),
)
GROWING = Shape(
    name="196 rules organisation, 3 each tenant, 1 each team, mixed", organisation=196, tenant=3, team=1, on_findings=40
)
TENANTS = (10, 100, 1_000, 10_000)
_TENANTS_FOR_RULES = 4
_CALLERS = 4_000


def main() -> None:
    """Measure, print, keep."""
    given = _options()
    began, load_before = datetime.now(UTC), os.getloadavg()[0]
    small = [load(shape, _TENANTS_FOR_RULES) for shape in SHAPES]
    by_rules = _measured(small, given)
    print("rules: done", file=sys.stderr)
    growing = [load(GROWING, tenants) for tenants in given.tenants]
    print("loading: done", file=sys.stderr)
    by_tenants = _measured(growing, given)
    text = "\n\n".join(
        (
            "## Policy decisions",
            rules_table([(shape, *figures) for shape, figures in zip(SHAPES, by_rules, strict=True)]),
            f"### As tenants grow ({GROWING.name})",
            growth_table([(loaded, *figures) for loaded, figures in zip(growing, by_tenants, strict=True)]),
            f"Method: {(__doc__ or '').partition('Method. ')[2].strip()} Rounds: {given.rounds}, decisions: {given.decisions}.",
            _circumstances(began, load_before),
        )
    )
    print(text)
    _keep(began, text, {"rules": _raw(SHAPES, by_rules), "tenants": _raw(growing, by_tenants)})


def _measured(policies: Sequence[Loaded], given: argparse.Namespace) -> list[tuple[Met, Cost]]:
    met = [meet(one, _CALLERS) for one in policies]
    jobs = [partial(decisions, one, who.callers, given.decisions) for one, who in zip(policies, met, strict=True)]
    return list(zip(met, least(jobs, given.rounds), strict=True))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="how often every time is measured")
    parser.add_argument("--decisions", type=int, default=1_000, help="decisions in a round")
    parser.add_argument("--tenants", type=int, nargs="+", default=TENANTS, help="numbers of tenants, least first")
    return parser.parse_args()


def _circumstances(began: datetime, load_before: float) -> str:
    return (
        f"{began:%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, {platform.system()} {platform.release()}, Python "
        f"{platform.python_version()}, gateway {__version__}; load average {load_before:.2f} before, "
        f"{os.getloadavg()[0]:.2f} after; command: {' '.join(['python -m bench.policy', *sys.argv[1:]])}"
    )


def _raw(policies: Sequence[Shape | Loaded], figures: Sequence[tuple[Met, Cost]]) -> list[Mapping[str, object]]:
    return [_plain(one) | _plain(met) | asdict(cost) for one, (met, cost) in zip(policies, figures, strict=True)]


def _plain(one: Shape | Loaded | Met) -> dict[str, object]:
    names = (name for name in type(one).__slots__ if name not in ("policy", "callers"))
    return {name: getattr(one, name) for name in names}


def _keep(began: datetime, text: str, figures: Mapping[str, object]) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    stem = RESULTS / f"policy-{began:%Y%m%d-%H%M%S}"
    stem.with_suffix(".md").write_text(text + "\n", encoding="utf-8")
    stem.with_suffix(".json").write_bytes(orjson.dumps(figures, option=orjson.OPT_INDENT_2))


if __name__ == "__main__":
    main()
