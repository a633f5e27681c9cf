"""`gateway assurance fairness`: whose names are found by the recognizers, and who is refused how often on the record.

The libraries behind detection take seconds to load, so they are imported when somebody asks about names and not by this module.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.assurance.evidence.log_state import log_state
from gateway.assurance.fairness.names import NamesError, read_names, shipped
from gateway.assurance.fairness.treatment import treatments
from gateway.assurance.fairness.treatment_report import treatment_report
from gateway.audit.reader import read_since
from gateway.cli.assurance.output import AsJson, InLanguage, Tongue, show
from gateway.cli.common.moment import moment
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, fail, place_of, readable, settings_of, told
from gateway.cli.detect.session import PolicyFile, TenantName, require, require_both
from gateway.cli.detect.session import told as told_of_detection
from gateway.settings import Settings

Names = Annotated[Path | None, typer.Option("--names", help="Your own list instead: CSV with group, name and maybe gender.")]
Samples = Annotated[int, typer.Option("--samples", min=30, max=10_000, help="Sentences for each group and gender.")]
Since = Annotated[str | None, typer.Option("--since", help="Instead: who was refused on the record since then: 90d, a date.")]


def fairness(
    names: Names = None,
    samples: Samples = 150,
    since: Since = None,
    language: InLanguage = Tongue.ENGLISH,
    as_json: AsJson = False,
    policy: PolicyFile = None,
    tenant: TenantName = None,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Say whose names are found, by the default engine or as a tenant has it; with --since, who is refused how often."""
    require(since is None or (names is None and policy is None), "--since is about the record, the others about names")
    require_both(policy, tenant)
    if since is not None:
        _on_record(settings_of(state_dir, database), since, language, as_json=as_json)
        return
    try:
        cohorts = shipped() if names is None else read_names(names)
    except NamesError as problem:
        fail(str(problem))
    with told_of_detection():
        from gateway.cli.assurance.names import measured

        show(measured(cohorts, samples, policy, tenant), language, machine=as_json)


def _on_record(settings: Settings, since: str, language: Tongue, *, as_json: bool) -> None:
    start = moment(since, datetime.now(UTC))
    with told(), readable(settings) as record:
        try:
            found = treatments(row.record for row in read_since(record, start))
        except ValueError:
            fail(f"the record in {place_of(settings)} holds an entry that this version cannot read")
        show(treatment_report(found, start, log_state(record)), language, machine=as_json)
