"""`gateway knowledge search`: what a caller with certain rights would be given."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from gateway.audit.act import Action
from gateway.audit.enter import entered
from gateway.cli.common.policy import DEFAULT_POLICY, PolicyFile
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, settings_of
from gateway.cli.common.store import Tenant, told
from gateway.cli.knowledge.session import act_of
from gateway.printable import printable, printable_lines


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
    from gateway.cli.knowledge.desk import Desk, desk
    from gateway.knowledge.library import Passage, Question

    collections = frozenset(collection) if collection else None

    async def done(at: Desk) -> tuple[Passage, ...]:
        asked = typer.get_text_stream("stdin").read() if question == "-" else question
        text = await at.protection.question(tenant, asked, at.rules)
        return await at.library.search(Question(tenant, frozenset(right or ()), text, limit, collections))

    act = act_of(Action.KNOWLEDGE_SEARCH, tenant, " ".join(sorted(right or ())))
    with told(), desk(settings_of(state_dir, database), policy, tenant) as at, entered(at.store.database, act):
        passages = asyncio.run(done(at))
    for passage in passages:
        where = [passage.title, passage.section, f"page {passage.page}" if passage.page else ""]
        typer.echo(printable(f"[{passage.score:.4f}] {' · '.join(part for part in where if part)} ({passage.document})"))
        typer.echo(f"{printable_lines(passage.text)}\n")
    if not passages:
        typer.echo("nothing found")
