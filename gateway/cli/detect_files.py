"""`gateway detect spans` and `gateway detect eval`: many texts, as JSON lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from gateway.cli.detect_input import InputError, golds, predictions, texts
from gateway.cli.detect_session import AsJson, PolicyFile, TenantName, require, require_both, told, workbench
from gateway.cli.progress import Bar
from gateway.detection.evaluation import Gold, Scores, Span, labelled, score

if TYPE_CHECKING:
    from gateway.cli.detect_engine import Workbench


def spans(
    file: Annotated[Path, typer.Argument(metavar="FILE|-", help='Lines of JSON such as {"text": "…"}; - for standard input.')],
    policy: PolicyFile = None,
    tenant: TenantName = None,
) -> None:
    """Print a line of JSON for each text, its spans as start, end, label; nothing at all where one line cannot be read."""
    from gateway.cli.detect_report import spans_json

    require_both(policy, tenant)
    with told():
        given = texts(file)
        found = _found(workbench(policy, tenant), given)
    for one in found:
        typer.echo(spans_json(one))


def evaluate(
    gold: Annotated[list[Path], typer.Argument(metavar="GOLD...", help="Labelled lines of JSON: text, spans, ignore.")],
    pred: Annotated[Path | None, typer.Option("--pred", help="Score these predictions; no recognizer is asked.")] = None,
    as_json: AsJson = False,
    policy: PolicyFile = None,
    tenant: TenantName = None,
) -> None:
    """Score what is found in labelled texts: P, R, F1, F2 and strict F1 by label; leak and over."""
    from gateway.cli.detect_report import scores_json, scores_table

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
    return {name: score(lines, _found(bench, [one.text for one in lines])) for name, lines in files.items()}


def _against(gold: Sequence[Gold], found: Sequence[Sequence[Span]]) -> Scores:
    if len(gold) != len(found):
        raise InputError(f"{len(gold)} labelled lines, {len(found)} predictions")
    return score(gold, found)


def _found(bench: Workbench, given: Sequence[str]) -> list[list[Span]]:
    with Bar(sum(map(len, given))) as bar:
        return [labelled(bench.findings(text, bar.advance)) for text in given]
