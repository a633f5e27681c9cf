"""`gateway eval set`: both models answer the same questions."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import aiohttp
import typer

from gateway.cli.eval.ending import AsJson, end
from gateway.cli.eval.questions import Asker, read_set
from gateway.cli.eval.report import of_answers
from gateway.errors import GatewayError
from gateway.printable import printable
from gateway.routing.trial import Case, Judged, judged

KEY_VARIABLE = "GATEWAY_API_KEY"
_Least = Annotated[float, typer.Option("--least", min=0, max=1, help="The share that has to pass, whatever the other does.")]


def on_set(
    path: Annotated[Path, typer.Argument(metavar="SET.jsonl", help="Questions and what is expected of their answers.")],
    model: Annotated[str, typer.Option("--model", help="The model in force, as a client names it.")],
    against: Annotated[str, typer.Option("--against", help="The one on trial.")],
    url: Annotated[str, typer.Option("--url", help="The gateway.")] = "http://127.0.0.1:8080/v1",
    purpose: Annotated[str | None, typer.Option("--purpose", help="The purpose that every request states.")] = None,
    least: _Least = 0.0,
    max_tokens: Annotated[int, typer.Option("--max-tokens", min=1, help="Of an answer.")] = 512,
    as_json: AsJson = False,
) -> None:
    """Ask both the same questions through the gateway, with the key in GATEWAY_API_KEY, and compare."""
    try:
        cases = read_set(path)
    except GatewayError as error:
        typer.echo(error.message, err=True)
        raise typer.Exit(2) from None
    headers = {"authorization": f"Bearer {os.environ.get(KEY_VARIABLE, 'none')}"}
    headers |= {} if purpose is None else {"x-gateway-purpose": purpose}
    pairs = asyncio.run(_asked(cases, (model, against), url, headers, max_tokens))
    if all(one.failed for pair in pairs for one in pair):
        codes = ", ".join(sorted({one.error or "" for pair in pairs for one in pair}))
        advice = f"look at --url, {KEY_VARIABLE} and the models' names"
        typer.echo(printable(f"neither answered anything ({codes}): {advice}"), err=True)
        raise typer.Exit(2)
    end(of_answers(cases, pairs, least), (model, against), as_json)


async def _asked(
    cases: Sequence[Case], models: tuple[str, str], url: str, headers: Mapping[str, str], max_tokens: int
) -> list[tuple[Judged, Judged]]:
    """In turns, each model first in every other case, so that whatever warms up helps both."""
    found = []
    async with aiohttp.ClientSession() as session:
        asker = Asker(session, url, headers, max_tokens)
        for number, case in enumerate(cases):
            order = models if number % 2 == 0 else models[::-1]
            answers = {model: judged(case, await asker.ask(model, case.messages)) for model in order}
            found.append((answers[models[0]], answers[models[1]]))
    return found
