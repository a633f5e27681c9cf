"""`gateway knowledge add`: documents, pseudonymised as policy says."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from gateway.audit.act import Action
from gateway.audit.enter import entered
from gateway.cli.common.policy import DEFAULT_POLICY, PolicyFile
from gateway.cli.common.progress import Bar
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, fail, settings_of
from gateway.cli.common.store import Tenant, told
from gateway.cli.knowledge.session import act_of
from gateway.printable import printable

Collection = Annotated[str, typer.Option("--collection", help="The collection that they belong to.")]
_DEFAULT = "default"


def add(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files, folders, or patterns in quotes.")],
    tenant: Tenant,
    collection: Collection = _DEFAULT,
    label: Annotated[
        list[str] | None, typer.Option("--label", help="Who asks must have all of these. May be repeated.")
    ] = None,
    policy: PolicyFile = DEFAULT_POLICY,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Add documents, pseudonymised as policy says; what is unchanged is skipped, and what is gone is removed."""
    from gateway.cli.knowledge.desk import Desk, desk
    from gateway.knowledge.ingest import Summary, Target, found
    from gateway.knowledge.shelves import is_label

    if not all(map(is_label, label or ())):
        fail(
            "a label is one word, without white space and commas: nobody could see these documents; repeat --label for several"
        )
    labels = frozenset(label or ())

    async def done(at: Desk) -> Summary:
        every, total = found(paths), Summary()
        target = Target(tenant=tenant, collection=collection, labels=labels, rules=at.rules)
        async with at.ingest() as ingest:
            with Bar(sum(len(files) for _, files in every), title="Adding") as bar:
                for named, files in every:
                    total = total.plus(await ingest.add(target, named, files, bar.advance))
        return total

    act = act_of(Action.KNOWLEDGE_ADD, tenant, collection, " ".join(sorted(labels)))
    with told(), desk(settings_of(state_dir, database), policy, tenant, new=True) as at, entered(at.store.database, act):
        summary = asyncio.run(done(at))
    for path, reason in summary.refused:
        typer.echo(printable(f"refused: {path}: {reason.value}"), err=True)
    typer.echo(
        f"{summary.added} added ({summary.chunks} chunks), {summary.unchanged} unchanged, {summary.removed} removed, "
        f"{len(summary.refused)} refused"
    )
