"""`gateway dp dataset`: what may be learned from, out of what was kept of a tenant's exchanges."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.audit.act import Action, new_act
from gateway.audit.enter import entered
from gateway.cli.common.actor import actor
from gateway.cli.common.policy import DEFAULT_POLICY, PolicyFile
from gateway.cli.common.progress import Bar
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, fail, settings_of
from gateway.cli.common.store import opened as store_opened
from gateway.cli.dp.session import DataSet, Tenant, policy_opened, require_tenant, told
from gateway.dp.dataset.card import REASONS, DataCard
from gateway.dp.dataset.files import card_of, write_data_set
from gateway.dp.dataset.make import Made, Wanted, make
from gateway.dp.ledger import Ledger


def dataset(
    out: Annotated[Path, typer.Argument(metavar="OUT.jsonl", help="A file that is not there yet.")],
    tenant: Tenant,
    data_set: DataSet,
    purpose: Annotated[list[str], typer.Option("--purpose", help="Exchanges for this purpose; may be said several times.")],
    per_subject: Annotated[int, typer.Option("--per-subject", help="Of each unit of the budget at most so many examples.")] = 5,
    policy: PolicyFile = DEFAULT_POLICY,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Make a data set for training: consented, redacted, bounded for each person. It is personal data still."""
    opened = policy_opened(policy)
    require_tenant(opened.loaded, tenant)
    known = opened.loaded.policy.purposes
    wanted = Wanted(
        purposes={name: known.get(name) for name in purpose}, per_unit=per_subject, policy_version=opened.compiled.version
    )
    note = f"purposes {', '.join(sorted(purpose))}, of each unit at most {per_subject}"
    act = new_act(Action.DP_DATASET, actor=actor(), tenant=tenant, target=data_set, note=note)
    with told(), store_opened(settings_of(state_dir, database)) as store, entered(store.database, act):
        budget = Ledger(store.database).budget(tenant, data_set)
        with Bar(0, title="Reading") as bar:
            made = make(store.database, store.keyring, budget, wanted, datetime.now(UTC), bar.advance)
        _write(out, made)
    typer.echo(_summary(made.card))
    typer.echo(f"{out} and {card_of(out).name} are written: personal data, for where the model is trained", err=True)


def _write(out: Path, made: Made) -> None:
    try:
        write_data_set(out, made.lines, made.card)
    except FileExistsError:
        fail("there is a data set of this name: name a new file")
    except OSError as error:
        fail(f"the data set cannot be written: {error.strerror}")


def _summary(card: DataCard) -> str:
    left = [f"{card.left_out[reason]:>9,} {words}" for reason, words in REASONS.items() if card.left_out[reason]]
    head = f"{card.examples:,} examples of {card.units:,} {card.unit}s, out of {card.exchanges:,} exchanges"
    corrected = [f"{card.corrected:>9,} answers are what their callers wrote in place of them"] if card.corrected else []
    return "\n".join([head, *corrected, *left])
