"""`gateway policy explain`: what policy says of a request, why, and what would change it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated

import typer

from gateway.audit.event import ExchangeRecord
from gateway.audit.reader import read_exchanges
from gateway.cli.common.policy import (
    DEFAULT_POLICY,
    AsJson,
    Opened,
    PolicyFile,
    Roles,
    Team,
    Unanswerable,
    caller,
    listed,
    opened,
    told,
    unplaced,
)
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, place_of, readable, settings_of
from gateway.cli.policy.explained import Asked, Explained, explained
from gateway.errors import AuditUnavailable
from gateway.exchange.explanation import obligations_in_words
from gateway.policy.answer import scored
from gateway.policy.reading.problems import one_of
from gateway.policy.replay import recorded
from gateway.printable import printable
from gateway.protocol.facts import Facts
from gateway.protocol.wire import Surface
from gateway.sensitivity.labels import Label
from gateway.settings import Settings


def explain(
    who: Annotated[str | None, typer.Argument(metavar="[TENANT/PRINCIPAL]", help="Who asks.")] = None,
    model: Annotated[str | None, typer.Option("--model", help="The model that is asked for.")] = None,
    surface: Annotated[Surface, typer.Option("--surface", help="The endpoint.")] = Surface.CHAT,
    purpose: Annotated[str | None, typer.Option("--purpose", help="The purpose that the request states.")] = None,
    consent: Annotated[str | None, typer.Option("--consent", help="The reference to a consent that it carries.")] = None,
    findings: Annotated[
        str | None, typer.Option("--findings", help="What is found in it, such as PERSON=4,CN_ID=1; '' for nothing.")
    ] = None,
    content: Annotated[
        str | None, typer.Option("--content", help="What it is about, such as health=0.9; labels not named score 0.")
    ] = None,
    stream: Annotated[bool, typer.Option("--stream", help="It asks for a stream.")] = False,
    messages: Annotated[int, typer.Option(min=0, help="Its messages.")] = 1,
    tools: Annotated[int, typer.Option(min=0, help="Its tools.")] = 0,
    size: Annotated[int, typer.Option("--bytes", min=0, help="The size of its body.")] = 0,
    max_tokens: Annotated[int, typer.Option(min=0, help="The most tokens of its answer.")] = 0,
    helpers: Annotated[str, typer.Option(help="Further models that it names for the backend to use, with commas.")] = "",
    team: Team = None,
    roles: Roles = "",
    call: Annotated[str | None, typer.Option("--call", help="Explain this recorded call instead.")] = None,
    policy: PolicyFile = DEFAULT_POLICY,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Say what is decided about a request, by which rule and line, what must be done, and what would change a denial."""
    if (call is None) != (who is not None and model is not None):
        raise typer.BadParameter("give TENANT/PRINCIPAL and --model, or --call alone")
    with told():
        record = None if call is None else _recorded(settings_of(state_dir, database), call)
        at = opened(policy)
        if record is not None:
            asked = _asked_then(record)
        else:
            facts = Facts(
                model=model or "",
                surface=surface,
                stream=stream,
                purpose=purpose,
                consent=consent,
                messages=messages,
                tools=tools,
                bytes=size,
                max_tokens=max_tokens,
                helpers=tuple(listed(helpers)),
            )
            asking = caller(who or "", team, roles)
            if asking.tenant not in at.loaded.policy.tenants:
                raise unplaced(at, asking)
            asked = Asked(asking, facts, _counts(findings, at), scores_in(content))
        said = explained(at, asked)
    _print(said, record, as_json)


def _counts(written: str | None, at: Opened) -> dict[str, int] | None:
    """PERSON=4,CN_ID=1. Raises BadParameter."""
    if written is None:
        return None
    counts: dict[str, int] = {}
    known = at.loaded.entities.union(*at.loaded.own_entities.values())
    for part in listed(written):
        entity, _, count = part.partition("=")
        if entity not in known:
            raise typer.BadParameter(f"--findings names a type that nobody finds; {one_of(sorted(known), entity)}")
        if not count.isdecimal() or not count.isascii() or len(count) > 9:
            raise typer.BadParameter("write --findings as TYPE=COUNT, with commas between them")
        counts[entity] = int(count)
    return counts


def scores_in(written: str | None) -> Mapping[str, float]:
    """health=0.9,legal=0.2. Raises BadParameter."""
    found: dict[Label, float] = {}
    for part in listed(written or ""):
        label, _, score = part.partition("=")
        try:
            named = Label(label)
            found[named] = float(score)
        except ValueError:
            raise typer.BadParameter(f"write --content as LABEL=SCORE, with one of {', '.join(Label)}") from None
        if not 0 <= found[named] <= 1:
            raise typer.BadParameter("a score of --content is between 0 and 1")
    return scored(found)


def _recorded(settings: Settings, call: str) -> ExchangeRecord:
    place = place_of(settings)
    try:
        with readable(settings) as record:
            rows = read_exchanges(record, limit=1, call_id=call)
    except AuditUnavailable as error:
        raise Unanswerable(f"the record in {place} cannot be read: {error.message}") from None
    except ValueError:
        raise Unanswerable(f"the record in {place} holds a call that this version cannot read") from None
    if not rows:
        raise Unanswerable(f"the record in {place} holds no such call; fix: see gateway audit list")
    return rows[0].record


def _asked_then(record: ExchangeRecord) -> Asked:
    asked = recorded(record)
    if asked is None:
        raise Unanswerable(
            f"policy was never asked about this call: it ended before that ({record.error_code or record.outcome})"
        )
    return Asked(
        asked.principal,
        asked.facts,
        asked.findings,
        asked.content,
        from_record=True,
        consent_is_known=asked.consent_is_known,
        unread=asked.unread,
    )


def _print(said: Explained, record: ExchangeRecord | None, as_json: bool) -> None:
    if as_json:
        then = {} if record is None else {"recorded": json.loads(record.to_json())}
        typer.echo(json.dumps({**then, **said.as_object()}, ensure_ascii=False))
        return
    if record is not None and record.decision is not None:
        verdict = record.decision
        said_then = (
            f"{'allow' if verdict.allow else 'deny'} by {verdict.rule} (policy {verdict.policy_version}): {verdict.reason}"
        )
        typer.echo(printable(f"recorded {record.opened_at}  {record.call_id}  {record.outcome}" + _error(record)))
        for words in (said_then, *(f"- {words}" for words in verdict.obligations)):
            typer.echo(printable(f"  {words}"))
        now = said.answer.decision
        words_now = obligations_in_words(now.obligations) if now.obligations else ()
        same = (verdict.allow, verdict.rule, verdict.obligations) == (now.allow, now.rule, words_now)
        typer.echo("the policy in force would say the same" if same else "the policy in force would say")
    for line in said.lines():
        typer.echo(printable(line))


def _error(record: ExchangeRecord) -> str:
    return f" ({record.error_code})" if record.error_code else ""
