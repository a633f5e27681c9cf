"""`gateway detect spans`: what is found in many texts, as JSON lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.common.progress import Bar
from gateway.cli.detect.input import texts
from gateway.cli.detect.session import PolicyFile, TenantName, require_both, told, workbench
from gateway.detection.evaluation import Span, labelled

if TYPE_CHECKING:
    from gateway.cli.detect.engine import Workbench


def spans(
    file: Annotated[Path, typer.Argument(metavar="FILE|-", help='Lines of JSON such as {"text": "…"}; - for standard input.')],
    policy: PolicyFile = None,
    tenant: TenantName = None,
) -> None:
    """Print a line of JSON for each text, its spans as start, end, label; nothing at all where one line cannot be read."""
    from gateway.cli.detect.report import spans_json

    require_both(policy, tenant)
    with told():
        given = texts(file)
        found = found_in(workbench(policy, tenant), given)
    for one in found:
        typer.echo(spans_json(one))


def found_in(bench: Workbench, given: Sequence[str]) -> list[list[Span]]:
    """Of each text, with a bar for whoever waits."""
    with Bar(sum(map(len, given))) as bar:
        return [labelled(bench.findings(text, bar.advance)) for text in given]
