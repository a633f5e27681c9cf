"""Why one exchange was treated as it was, out of the record alone: for GDPR Art. 15(1)(h), PIPL Art. 24, AI Act Art. 86. Pure.

It says what the gateway did, not how a model came to its words. Whoever asked is not named unless the reader may know it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from gateway.assurance.evidence.case import Case
from gateway.assurance.evidence.categories import category_of
from gateway.assurance.evidence.document import (
    BUILT_IN,
    Block,
    Chapter,
    Document,
    Kind,
    Line,
    Table,
    Term,
    Value,
    fact,
    gap,
    listed,
    to_fill_in,
)
from gateway.assurance.evidence.drawn import RECORD
from gateway.assurance.evidence.rendering import ABSENT
from gateway.audit.act import Act
from gateway.audit.event import ExchangeRecord
from gateway.exchange import CacheState

_SAID = ("reply restored", "reply not restored", "originals sealed", "guided")
"""Obligations that have a sentence of their own; the others are shown as they were recorded."""
_QUESTIONS = ("significance", "human", "model")


def explanation(case: Case, *, names: bool) -> Document:
    """`names`: whether the caller, and who acted on the exchange, are named."""
    if not names:
        case = replace(case, record=without_caller(case.record))
    record = case.record
    chapters = (
        Chapter("why.exchange", tuple(_exchange(record, names=names))),
        Chapter("why.decision", tuple(_decision(record))),
        Chapter("why.data", tuple(_data(record))),
        Chapter("why.content", tuple(_content(record))),
        Chapter("why.route", tuple(_route(record))),
        Chapter("why.kept", tuple(_kept(case))),
        Chapter("why.later", tuple(_later(case, names=names))),
        Chapter("why.proof", tuple(_proof(case))),
        Chapter("why.open", tuple(to_fill_in(f"why.question.{name}") for name in _QUESTIONS)),
    )
    basis = (
        fact("why.basis", RECORD, call_id=record.call_id),
        Line(Kind.FACT, "why.no_model"),
        Line(Kind.FACT, "basis.no_advice"),
    )
    return Document("why.title", basis, chapters)


def without_caller(record: ExchangeRecord) -> ExchangeRecord:
    """Rules, reasons and limits of one caller name that caller: as `bank/app`, or by a path of the policy."""
    who, told = record.principal, record.decision
    if who is None or told is None:
        return record

    def hidden(text: str) -> str:
        for name in (who, f'"{who}"'):
            text = re.sub(rf"(?<=principals\.){re.escape(name)}(?![\w@-])", ABSENT, text)
        return re.sub(rf"(?<![\w.@-]){re.escape(f'{record.tenant}/{who}')}(?![\w@-])", f"{record.tenant}/{ABSENT}", text)

    verdict = replace(
        told,
        rule=hidden(told.rule),
        reason=hidden(told.reason),
        rules=tuple(map(hidden, told.rules)),
        obligations=tuple(map(hidden, told.obligations)),
    )
    return replace(record, decision=verdict, route_reason=record.route_reason and hidden(record.route_reason))


def _exchange(record: ExchangeRecord, *, names: bool) -> Iterator[Block]:
    yield fact("why.opened", RECORD, at=record.opened_at, surface=record.surface.value, tenant=record.tenant)
    if names:
        roles = listed(record.roles)
        yield fact("why.caller", RECORD, principal=record.principal, team=record.team, roles=roles)
    yield fact("why.model", RECORD, model=record.model)
    yield fact("why.outcome", RECORD, outcome=Term("outcome", record.outcome), status=record.status, error=record.error_code)


def _decision(record: ExchangeRecord) -> Iterator[Block]:
    told = record.decision
    if told is None:
        yield fact("decision.none", RECORD)
        return
    yield fact("decision.allowed" if told.allow else "decision.denied", RECORD, rule=told.rule)
    yield fact("why.reason", RECORD, reason=told.reason, version=told.policy_version)
    yield fact("why.rules", RECORD, rules=listed(told.rules)) if told.rules else fact("why.no_rules", RECORD)
    asked = record.asked
    purpose, consent = (asked.purpose, asked.consent) if asked else (None, None)
    yield fact("why.purpose", RECORD, purpose=purpose, consent=consent) if purpose else gap("why.no_purpose", RECORD)
    for word in _SAID:
        if word in told.obligations:
            yield fact(f"why.{word.replace(' ', '_')}", RECORD)
    others: tuple[tuple[Value, ...], ...] = tuple((one,) for one in told.obligations if one not in _SAID)
    if others:
        yield Table("why.obligations", ("demand",), others)


def _data(record: ExchangeRecord) -> Iterator[Block]:
    if not record.findings:
        looked = record.asked is not None and record.asked.found is not None
        yield fact("why.nothing_found" if looked else "why.not_looked", RECORD)
        return
    rows = tuple(
        (
            one.entity,
            Term("category", category_of(one.entity)),
            Term("operator", one.operator),
            one.count,
            one.recognizer,
            one.max_score,
        )
        for one in record.findings
    )
    yield Table("why.findings", ("type", "category", "done", "found", "recognizer", "score"), rows)


def _content(record: ExchangeRecord) -> Iterator[Block]:
    if not record.content_scores:
        yield fact("why.not_judged", RECORD)
        return
    for scores in record.content_scores:
        yield fact("why.scores" if scores.decides else "why.scores.aside", RECORD, weights=scores.weights)
        rows = tuple((Term("content_scores", label), score) for label, score in sorted(scores.scores.items()))
        yield Table("why.scores.table", ("subject", "score_of_one"), rows)
    rules = record.decision.rules if record.decision else ()
    yield fact("why.scores.led", RECORD, rules=listed(rules))


def _route(record: ExchangeRecord) -> Iterator[Block]:
    if record.deployment is None:
        yield fact("why.no_route", RECORD)
    else:
        place = Term("premises", "external" if record.served and record.served.external else "own")
        yield fact("why.route_to", RECORD, deployment=record.deployment, place=place, reason=record.route_reason)
    if len(record.attempts) > 1:
        rows = tuple((one.deployment, Term("attempt", one.result)) for one in record.attempts)
        yield Table("why.attempts", ("recipient", "result"), rows)
    yield fact("why.cache", RECORD, cache=Term("cache", record.cache))
    if record.cache is CacheState.HIT:
        yield fact("why.cached_from", RECORD, call_id=record.cached_from)
    if record.grounding is not None:
        collections = listed(sorted({one.collection for one in record.grounding if one.collection}))
        yield fact("why.grounded", RECORD, passages=len(record.grounding), collections=collections)
    if record.relayed is not None:
        yield fact("relayed.about", RECORD)


def _kept(case: Case) -> Iterator[Block]:
    record = case.record
    if record.content_missing is not None:
        yield gap("why.content_missing", RECORD, reason=record.content_missing)
    if not record.content:
        yield fact("why.nothing_kept", RECORD)
        return
    parts = sorted({part.partition("/")[0] for part in record.content})
    gone = [part for part in parts if part not in case.still_kept]
    yield fact("why.content_kept", RECORD, parts=listed([Term("part", part) for part in parts]))
    if not gone:
        yield fact("why.still_there", RECORD)
        return
    yield fact("why.gone", RECORD, parts=listed([Term("part", part) for part in gone]))
    if not case.erasures:
        yield gap("why.gone_unaccounted", RECORD)
    else:
        yield Table("why.erasures", ("at", "act", "ended", "act_id"), tuple(_act(act) for act in case.erasures))


def _later(case: Case, *, names: bool) -> Iterator[Block]:
    if not case.acts:
        yield fact("why.nobody", RECORD)
        return
    columns = ("at", "act", "ended", "act_id", *(("actor",) if names else ()))
    rows = tuple((*_act(act), *((act.actor,) if names else ())) for act in case.acts)
    yield Table("why.acts", columns, rows)


def _act(act: Act) -> tuple[Value, ...]:
    return act.at, act.action.value, Term("act", act.outcome), act.act_id


def _proof(case: Case) -> Iterator[Block]:
    proof = case.proof
    leaves = listed(proof.leaves)
    if proof.signed is None or proof.waiting:
        yield gap("why.not_proved", RECORD, leaves=leaves)
    else:
        own = proof.signed
        yield fact("why.proved", RECORD, leaves=leaves, origin=own.origin, size=own.size, root=own.root)
    yield fact("why.export", BUILT_IN, call_id=case.record.call_id)
