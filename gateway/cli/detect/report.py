"""How `gateway detect` shows what it found: for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.box import SIMPLE
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gateway.detection.evaluation import Scores, Span
from gateway.detection.trace import Explanation, Trace, Vote
from gateway.exchange import Finding
from gateway.printable import printable

_LONGEST = 60
"""Code points of a value that the table shows."""


def findings_table(text: str, findings: Sequence[Finding]) -> RenderableType:
    """A line for each finding."""
    if not findings:
        return Text("nothing found")
    table = Table("span", "type", "value", "score", "recognizer", box=SIMPLE, pad_edge=False)
    for found in findings:
        table.add_row(_span(found), found.entity, Text(_shown(text, found)), f"{found.score:.2f}", Text(found.recognizer))
    return table


def explained(text: str, trace: Trace) -> RenderableType:
    """A paragraph for each finding: the votes on it, and how it was read."""
    parts: list[Text] = [line for one in trace.explanations for line in _explanation(text, one)]
    if trace.dropped:
        parts.append(Text("not findings", style="bold"))
        parts += [_vote(text, vote) for vote in trace.dropped]
    return Group(*(parts or [Text("nothing found")]))


def findings_json(text: str, findings: Sequence[Finding], trace: Trace | None, redacted: str | None) -> str:
    """One object."""
    report: dict[str, Any] = {"findings": [_finding(text, one) for one in findings]}
    if trace is not None:
        for shown, one in zip(report["findings"], trace.explanations, strict=True):
            shown |= {"reading": one.reading, "votes": _votes(text, one.votes)}
        report["dropped"] = _votes(text, trace.dropped)
    if redacted is not None:
        report["redacted"] = redacted
    return json.dumps(report, ensure_ascii=False)


def spans_json(spans: Iterable[Span]) -> str:
    """One line of predictions."""
    return json.dumps({"spans": [list(span) for span in spans]}, ensure_ascii=False)


def scores_table(name: str, scores: Scores) -> RenderableType:
    """The score table of a file."""
    head = ("label", "n", "P", "R", "F1", "F2", "strict F1")
    table = Table(*head[:1], title=Text(name), title_justify="left", box=SIMPLE, pad_edge=False)
    for title in head[1:]:
        table.add_column(title, justify="right")
    for label, row in scores.rows.items():
        values = (row.precision, row.recall, row.f1, row.f2, row.strict_f1)
        table.add_row(Text(label), str(row.n), *(f"{value:.3f}" for value in values), style="bold" if label == "ALL" else None)
    sums = f"leak {scores.leak:.3f} of labelled spans not wholly covered, over {scores.over:.4f} of clean characters covered"
    return Group(table, Text(sums), Text())


def scores_json(scores: Mapping[str, Scores]) -> str:
    """One object: by file, the rows by label, leak and over."""
    report = {
        name: {"rows": {label: asdict(row) for label, row in one.rows.items()}, "leak": one.leak, "over": one.over}
        for name, one in scores.items()
    }
    return json.dumps(report, ensure_ascii=False)


def _explanation(text: str, one: Explanation) -> list[Text]:
    found = one.finding
    head = Text(f"{_span(found)} {found.entity} ", style="bold").append(_shown(text, found), style="not bold")
    read = [Text(f"  read as {printable(one.reading)}")] if one.reading is not None else []
    return [head, *read, *(_vote(text, vote) for vote in one.votes)]


def _vote(text: str, vote: Vote) -> Text:
    found = vote.finding
    said = f"{found.entity} {found.score:.2f} by {found.recognizer}: {vote.reason}"
    where = f" (lost: {_span(found)} {_shown(text, found)})" if vote.lost else ""
    return Text(f"  {'-' if vote.lost else '+'} {said}{where}", style="dim" if vote.lost else "")


def _finding(text: str, found: Finding) -> dict[str, Any]:
    return asdict(found) | {"text": text[found.start : found.end]}


def _votes(text: str, votes: Iterable[Vote]) -> list[dict[str, Any]]:
    return [_finding(text, vote.finding) | {"reason": vote.reason, "lost": vote.lost} for vote in votes]


def _span(found: Finding) -> str:
    return f"{found.start}-{found.end}"


def _shown(text: str, found: Finding) -> str:
    value = text[found.start : found.end]
    return printable(value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…")
