"""`gateway policy replay`: last week's exchanges through a new policy, before it is in force."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from gateway.audit.reader import range_since, read_since
from gateway.cli.common.moment import moment
from gateway.cli.common.policy import AsJson, Unanswerable, opened, told
from gateway.cli.common.progress import Bar
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, place_of, readable, settings_of
from gateway.errors import AuditUnavailable
from gateway.policy.compile import CompiledPolicy
from gateway.policy.replay import Change, replayed
from gateway.policy.replay_sums import Group, Sums, Tally
from gateway.policy.testing.reading import is_suite
from gateway.printable import printable
from gateway.settings import Settings


def replay(
    new: Annotated[Path, typer.Option("--with", help="The new policy, or a folder with it.")],
    since: Annotated[str, typer.Option(help="How far back: 30m, 12h, 7d, 2w, or a date such as 2026-01-31.")] = "7d",
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="At most so many exchanges, the newest.")] = None,
    fail_on_flip: Annotated[
        bool, typer.Option("--fail-on-flip", help="Exit with 3 if a decision or an obligation changes.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say which recorded exchanges another policy would have decided otherwise. Needs no content and prints none."""
    with told():
        start = moment(since, datetime.now(UTC))
        at = opened(_policy_file(new))
        sums = _sums(settings_of(state_dir, database), start, at.compiled, limit)
    if as_json:
        typer.echo(json.dumps({"policy": at.loaded.version, "since": start, **sums.as_object()}, ensure_ascii=False))
    else:
        _print(sums, f"{at.loaded.path} (version {at.loaded.version})", start)
    raise typer.Exit(3 if fail_on_flip and sums.flips else 0)


def _policy_file(path: Path) -> Path:
    """Of a folder the policy that has the name of the one in force, or the only one."""
    if not path.is_dir():
        return path
    found = [one for one in sorted(path.glob("*.yaml")) if not is_suite(one)]
    named = [one for one in found if one.name == Settings().policy.name]
    if len(chosen := named or found) == 1:
        return chosen[0]
    raise Unanswerable(f"{path} holds {len(found)} policies, none with the name of the one in force; fix: name the file")


def _sums(settings: Settings, start: str, policy: CompiledPolicy, limit: int | None) -> Sums:
    sums, place = Sums(), place_of(settings)
    try:
        with readable(settings) as database:
            first, after = range_since(database, start)
            with Bar(after - first) as bar:
                for row in islice(read_since(database, start), limit):
                    sums.add(replayed(row.record, policy))
                    bar.advance(max(0, after - row.seq))
                    after = row.seq
    except AuditUnavailable as error:
        raise Unanswerable(f"the record in {place} cannot be read: {error.message}") from None
    except ValueError:
        raise Unanswerable(f"the record in {place} holds an entry that this version cannot read") from None
    return sums


def _print(sums: Sums, policy: str, start: str) -> None:
    told = {change: sums.totals[change] for change in Change}
    typer.echo(f"{sums.totals.total()} exchanges since {start} under {policy}")
    for tenant, own in sums.by_tenant():
        typer.echo(f"\n{printable(tenant)}")
        for group, tally in own:
            _print_group(group, tally)
    if sums.unplaced:
        typer.echo("\nno longer placed by the new policy")
        for who, count in sorted(sums.unplaced.items()):
            typer.echo(f"  {printable(who)}  {count}")
    if sums.not_grouped:
        typer.echo(f"\nand {sums.not_grouped} exchanges that change in further ways")
    parts = [f"{count} {_TOTALS[change]}" for change, count in told.items()]
    typer.echo(f"\n{', '.join(parts)}; {sums.never_asked} ended before policy was asked")


_TOTALS = {
    Change.SAME: "the same",
    Change.DECISION: "decided otherwise",
    Change.OBLIGATIONS: "with other obligations",
    Change.RULE: "by another rule",
    Change.UNKNOWN: "unknown",
}


def _print_group(group: Group, tally: Tally) -> None:
    way = group.old if group.old == group.new else f"{group.old} -> {group.new}"
    typer.echo(printable(f"  {tally.count:>6}  {group.change:<11}  {way}  ({', '.join(tally.calls)})"))
    for sign, words in (("+", group.added), ("-", group.removed)):
        for word in words:
            typer.echo(printable(f"                       {sign} {word}"))
