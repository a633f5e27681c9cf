"""`gateway knowledge`: add documents, list and remove them, and search them as a caller with certain rights would."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from gateway.audit.act import Act, Action, new_act
from gateway.audit.enter import entered
from gateway.cli.assurance_session import Tenant, opened, told
from gateway.cli.audit_session import STATE_DIR, DatabaseUrl, StateDir, fail, settings_of
from gateway.cli.keys_acts import actor
from gateway.cli.policy_session import DEFAULT_POLICY, PolicyFile
from gateway.cli.progress import Bar

app = typer.Typer(name="knowledge", help="The company's own documents.", no_args_is_help=True)

Collection = Annotated[str, typer.Option("--collection", help="The collection that they belong to.")]
_DEFAULT = "default"


@app.command()
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
    from gateway.cli.knowledge_session import Desk, desk
    from gateway.knowledge.ingest import Summary, Target, found

    labels = frozenset(label or ())

    async def done(at: Desk) -> Summary:
        every, total = found(paths), Summary()
        target = Target(tenant=tenant, collection=collection, labels=labels, rules=at.rules)
        async with at.ingest() as ingest:
            with Bar(sum(len(files) for _, files in every), title="Adding") as bar:
                for named, files in every:
                    total = total.plus(await ingest.add(target, named, files, bar.advance))
        return total

    act = _act(Action.KNOWLEDGE_ADD, tenant, collection, " ".join(sorted(labels)))
    with told(), desk(settings_of(state_dir, database), policy, tenant) as at, entered(at.store.database, act):
        summary = asyncio.run(done(at))
    for path, reason in summary.refused:
        typer.echo(f"refused: {path}: {reason.value}", err=True)
    typer.echo(
        f"{summary.added} added ({summary.chunks} chunks), {summary.unchanged} unchanged, {summary.removed} removed, "
        f"{len(summary.refused)} refused"
    )


@app.command("list")
def list_(tenant: Tenant, state_dir: StateDir = STATE_DIR, database: DatabaseUrl = None) -> None:
    """List a tenant's documents: where they come from, and who may see them."""
    from gateway.audit.tenant_keys import TenantKeys
    from gateway.knowledge.database_library import listed

    with told(), opened(settings_of(state_dir, database)) as store:
        if not store.keyring.knows(tenant):
            fail("nothing was ever kept of this tenant")
        documents = listed(store.database, asyncio.run(TenantKeys(store.keyring.tenant).of(tenant)))
    for one in documents:
        labels = ",".join(sorted(one.labels)) or "-"
        typer.echo(f"{one.id}  {one.collection}  {labels}  {one.chunks} chunks  {one.place}")


@app.command()
def remove(
    documents: Annotated[list[str], typer.Argument(metavar="DOCUMENT...", help="Ids, as `list` shows them.")],
    tenant: Tenant,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Remove documents. Files that are still in their folder come back when it is added again."""
    from gateway.keys.destruction import scrub
    from gateway.knowledge.database_library import removed

    act = _act(Action.KNOWLEDGE_REMOVE, tenant, " ".join(documents))
    with told(), opened(settings_of(state_dir, database)) as store, entered(store.database, act):
        count = removed(store.database, tenant, documents)
        scrub(store.database)
    typer.echo(f"{count} removed")


@app.command()
def search(
    question: Annotated[str, typer.Argument(help="What to look for; - reads it from the input.")],
    tenant: Tenant,
    right: Annotated[
        list[str] | None, typer.Option("--right", help="A label that the caller may see. May be repeated.")
    ] = None,
    collection: Annotated[list[str] | None, typer.Option("--collection", help="Only here. May be repeated.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=50, help="Passages at most.")] = 5,
    policy: PolicyFile = DEFAULT_POLICY,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Show what a caller with these rights would be given, pseudonymised as a model would read it; on the record."""
    from gateway.cli.knowledge_session import Desk, desk
    from gateway.knowledge.library import Passage, Question

    collections = frozenset(collection) if collection else None

    async def done(at: Desk) -> tuple[Passage, ...]:
        asked = typer.get_text_stream("stdin").read() if question == "-" else question
        text = await at.protection.question(tenant, asked, at.rules)
        return await at.library.search(Question(tenant, frozenset(right or ()), text, limit, collections))

    act = _act(Action.KNOWLEDGE_SEARCH, tenant, " ".join(sorted(right or ())))
    with told(), desk(settings_of(state_dir, database), policy, tenant) as at, entered(at.store.database, act):
        passages = asyncio.run(done(at))
    for passage in passages:
        where = [passage.title, passage.section, f"page {passage.page}" if passage.page else ""]
        typer.echo(f"[{passage.score:.4f}] {' · '.join(part for part in where if part)} ({passage.document})")
        typer.echo(f"{passage.text}\n")
    if not passages:
        typer.echo("nothing found")


def _act(action: Action, tenant: str, target: str, note: str = "") -> Act:
    return new_act(action, actor=actor(), tenant=tenant, target=target or None, note=note or None)
