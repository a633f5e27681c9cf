"""`gateway detect eval`: how well labelled texts are read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gateway.cli.detect.input import InputError, golds, predictions
from gateway.cli.detect.session import AsJson, PolicyFile, TenantName, require, require_both, told, workbench
from gateway.cli.detect.spans import found_in
from gateway.detection.evaluation import Gold, Scores, Span, score


def evaluate(
    gold: Annotated[list[Path], typer.Argument(metavar="GOLD...", help="Labelled lines of JSON: text, spans, ignore.")],
    pred: Annotated[Path | None, typer.Option("--pred", help="Score these predictions; no recognizer is asked.")] = None,
    as_json: AsJson = False,
    policy: PolicyFile = None,
    tenant: TenantName = None,
) -> None:
    """Score what is found in labelled texts: P, R, F1, F2 and strict F1 by label; leak and over."""
    from gateway.cli.detect.report import scores_json, scores_table

    require(pred is None or len(gold) == 1, "--pred goes with one GOLD file")
    require_both(policy, tenant)
    with told():
        scores = _scored(gold, pred, policy, tenant)
    if as_json:
        typer.echo(scores_json(scores))
        return
    console = Console()
    for name, one in scores.items():
        console.print(scores_table(name, one), soft_wrap=not console.is_terminal)


def _scored(gold: Sequence[Path], pred: Path | None, policy: Path | None, tenant: str | None) -> dict[str, Scores]:
    files = {str(path): golds(path) for path in gold}
    if pred is not None:
        return {name: _against(lines, predictions(pred)) for name, lines in files.items()}
    bench = workbench(policy, tenant)
    return {name: score(lines, found_in(bench, [one.text for one in lines])) for name, lines in files.items()}


def _against(gold: Sequence[Gold], found: Sequence[Sequence[Span]]) -> Scores:
    if len(gold) != len(found):
        raise InputError(f"{len(gold)} labelled lines, {len(found)} predictions")
    return score(gold, found)
