"""`gateway sensitivity explain`: what a text is judged to be about, and why."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from gateway.cli.common.policy import AsJson
from gateway.cli.sensitivity.session import told, weights_in
from gateway.printable import printable
from gateway.sensitivity.verdict import Explanation, explained
from gateway.sensitivity.weights import STARTER


def explain(
    text: Annotated[str, typer.Argument(help="The text; - reads it from standard input.")],
    weights: Annotated[Path, typer.Option("--weights", help="Default: those that are shipped.")] = STARTER,
    as_json: AsJson = False,
) -> None:
    """Print the score of every label, and the words that made it."""
    with told():
        found = explained(weights_in(weights), sys.stdin.read() if text == "-" else text)
    if as_json:
        typer.echo(orjson.dumps({one.label.value: _as_object(one) for one in found}).decode())
        return
    for one in found:
        words = ", ".join(f"{word.text} +{word.moved:.2f}" for word in one.words[:6])
        typer.echo(printable(f"{one.label:<13} {one.score:.2f}  {words}"))


def _as_object(one: Explanation) -> dict[str, Any]:
    return {"score": one.score, "words": {word.text: round(word.moved, 3) for word in one.words}}
