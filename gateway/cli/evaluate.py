"""`gateway eval`: whether a model on trial is as good as the one in force, on a fixed set and on traffic that was copied."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import orjson
import typer

from gateway.audit.reader import read_since
from gateway.cli.audit_session import STATE_DIR, DatabaseUrl, StateDir, fail, place_of, readable, settings_of, told
from gateway.cli.evaluate_report import Report, of_answers, of_copies
from gateway.cli.evaluate_set import Asker, read_set
from gateway.cli.policy_replay import moment
from gateway.errors import GatewayError
from gateway.printable import printable
from gateway.routing.copies import copied
from gateway.routing.trial import Case, Judged, judged

app = typer.Typer(name="eval", help="Hold a model on trial against the one in force.", no_args_is_help=True)

KEY_VARIABLE = "GATEWAY_API_KEY"
_AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]
_Least = Annotated[float, typer.Option("--least", min=0, max=1, help="The share that has to pass, whatever the other does.")]


@app.callback()
def evaluate() -> None:
    """Hold a model on trial against the one in force. Exit status: 0 it is not worse, 1 it is, 2 a mistake in the command."""


@app.command("set")
def on_set(
    path: Annotated[Path, typer.Argument(metavar="SET.jsonl", help="Questions and what is expected of their answers.")],
    model: Annotated[str, typer.Option("--model", help="The model in force, as a client names it.")],
    against: Annotated[str, typer.Option("--against", help="The one on trial.")],
    url: Annotated[str, typer.Option("--url", help="The gateway.")] = "http://127.0.0.1:8080/v1",
    purpose: Annotated[str | None, typer.Option("--purpose", help="The purpose that every request states.")] = None,
    least: _Least = 0.0,
    max_tokens: Annotated[int, typer.Option("--max-tokens", min=1, help="Of an answer.")] = 512,
    as_json: _AsJson = False,
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
    _end(of_answers(cases, pairs, least), (model, against), as_json)


@app.command()
def shadow(
    model: Annotated[str, typer.Argument(help="The model whose exchanges were copied.")],
    since: Annotated[str, typer.Option("--since", help="From then on: 30m, 12h, 7d, or a date.")] = "7d",
    overlap: Annotated[
        float, typer.Option("--overlap", min=0, max=1, help="How alike answers have to be, in the median.")
    ] = 0.0,
    as_json: _AsJson = False,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Compare copies with the answers that clients got, out of the record. Overlap is there where policy keeps content."""
    settings = settings_of(state_dir, database)
    with told(), readable(settings) as store:
        try:
            pairs = list(copied((row.record for row in read_since(store, moment(since, datetime.now(UTC)))), model))
        except (ValueError, TypeError, KeyError):
            fail(f"the record in {place_of(settings)} holds an entry that this version cannot read")
    if not pairs:
        fail(f"the record in {place_of(settings)} holds no copies of exchanges with this model")
    _end(of_copies(pairs, overlap), ("answered", "shadow"), as_json)


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


def _end(report: Report, names: tuple[str, str], as_json: bool) -> None:
    if as_json:
        said: dict[str, Any] = {"models": names, **asdict(report)}
        typer.echo(orjson.dumps(said).decode())
    else:
        typer.echo("\n".join(map(printable, report.lines(names))))
    raise typer.Exit(1 if report.worse else 0)
