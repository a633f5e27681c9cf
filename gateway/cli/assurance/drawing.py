"""What the documents of `gateway assurance` are drawn from: policy, and the record where somebody asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.assurance.evidence.counted import counted
from gateway.assurance.evidence.drawn import Drawn, Recorded
from gateway.assurance.evidence.log_state import log_state
from gateway.assurance.evidence.survey import survey
from gateway.audit.reader import read_since
from gateway.cli.common.moment import moment
from gateway.cli.common.policy import Opened, Unanswerable, names
from gateway.cli.common.policy import opened as policy_opened
from gateway.cli.common.policy import told as told_of_policy
from gateway.cli.common.record import fail, place_of, readable, settings_of, told

OfTenant = Annotated[str | None, typer.Option("--tenant", help="About this tenant alone. Default: about all.")]
Since = Annotated[
    str | None,
    typer.Option("--since", help="Also count out of the record, from then on: 90d, or a date. Default: policy alone."),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a document is to be drawn from."""

    policy: Path
    tenant: str | None
    since: str | None
    state_dir: Path
    database: str | None


def drawn_from(asked: Asked) -> Drawn:
    """Ends the command where the policy or the record cannot be read."""
    with told_of_policy():
        at = policy_opened(asked.policy)
        _require_tenant(at, asked.tenant)
    tenants = survey(at.loaded, at.compiled, asked.tenant)
    return Drawn(loaded=at.loaded, policy=at.compiled, tenants=tenants, recorded=_recorded(asked))


def _require_tenant(at: Opened, tenant: str | None) -> None:
    known = at.loaded.policy.tenants
    if tenant is not None and tenant not in known:
        raise Unanswerable(f"the policy has no such tenant; fix: name one of {names(known)}")


def _recorded(asked: Asked) -> Recorded | None:
    if asked.since is None:
        return None
    start, settings = moment(asked.since, datetime.now(UTC)), settings_of(asked.state_dir, asked.database)
    with told(), readable(settings) as record:
        try:
            sums = counted((row.record for row in read_since(record, start)), start)
        except ValueError:
            fail(f"the record in {place_of(settings)} holds an entry that this version cannot read")
        return Recorded(counted=sums, log=log_state(record))
