"""From figures to Markdown. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from bench.detection.run import Result, Spoilt, Turn
from bench.detection.samples import SIZES
from gateway.detection.evaluation import ALL


def scores_table(results: Iterable[Result]) -> str:
    """A line for each file and system, and one for the ratio of each peer's time to the gateway's."""
    head = ["file", "system", "overlap F1", "strict F1", "leak", "over", "CPU-ms for 1,000", *(f"us at {n:,}" for n in SIZES)]
    lines = []
    for _, group in groupby(results, key=lambda one: one.file):
        first, *peers = group
        lines.append(_line(first))
        for peer in peers:
            lines += [_line(peer), _ratio(peer, first)]
    return table(head, lines, text_columns=2)


def labels_table(results: Sequence[Result]) -> str:
    """A line for each file and label: recall and F1 of every system."""
    lines = []
    for file, group in groupby(results, key=lambda one: one.file):
        systems = list(group)
        for label, row in systems[0].scores.rows.items():
            if label != ALL:
                cells = (f"{one.system}: R {_row(one, label)[0]:.2f} F1 {_row(one, label)[1]:.2f}" for one in systems)
                lines.append([file, label, str(row.n), "; ".join(cells)])
    return table(["file", "label", "n", "recall and overlap F1"], lines, text_columns=2)


def chat_table(turns: Iterable[Turn]) -> str:
    head = ["chat about", "full scan us", "remembered us", "full scan : remembered"]
    return table(
        head, [[t.file, _n(t.full_scan), _n(t.remembered), _n(t.full_scan / t.remembered)] for t in turns], text_columns=1
    )


def spoilt_table(found: Iterable[Spoilt]) -> str:
    """What is covered of clean text."""
    head = ["clean text", "characters", "system", "over", "characters by label"]
    lines = []
    for one in found:
        by_label = ", ".join(f"{label} {n}" for label, n in sorted(one.by_label.items(), key=lambda item: -item[1])[:6])
        lines.append([one.kind, f"{one.characters:,}", one.system, f"{one.over:.2%}", by_label])
    return table(head, lines, text_columns=1)


def table(head: Sequence[str], lines: Sequence[Sequence[str]], *, text_columns: int) -> str:
    """Markdown; the first `text_columns` columns are text, the others figures."""
    rule = [":--" if at < text_columns else "--:" for at in range(len(head))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, rule, *lines])


def _line(one: Result) -> list[str]:
    row = one.scores.rows[ALL]
    shares = [f"{row.f1:.3f}", f"{row.strict_f1:.3f}", f"{one.scores.leak:.3f}", f"{one.scores.over:.4f}"]
    return [one.file, one.system, *shares, _n(one.ms_per_1000), *(_n(one.us_by_size[size]) for size in SIZES)]


def _ratio(peer: Result, ours: Result) -> list[str]:
    sizes = (f"{peer.us_by_size[size] / ours.us_by_size[size]:.1f} x" for size in SIZES)
    return ["", f"{peer.system} : gateway", "", "", "", "", f"{peer.ms_per_1000 / ours.ms_per_1000:.1f} x", *sizes]


def _row(one: Result, label: str) -> tuple[float, float]:
    row = one.scores.rows[label]
    return row.recall, row.f1


def _n(value: float) -> str:
    """Two decimals below ten, one below a hundred, none above: more would be noise."""
    return f"{value:,.{2 if value < 10 else 1 if value < 100 else 0}f}"
