"""The proof as a table and as a plot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from gateway.dp.training.plan import Plan

if TYPE_CHECKING:
    from bench.dp.proof import Run

WAYS = {"before": "before training", "control": "trained without noise", "dp": "trained with noise"}
MEASURES = {
    "exposure": ("canary exposure, bits", 8.0),
    "membership": ("membership, area under the curve", 1.0),
    "loss": ("loss of strangers' answers, nats a token", None),
}


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The mean, and half the width of its 95 % interval over seeds (Student's t)."""
    mean, many = float(np.mean(values)), len(values)
    if many < 2:
        return mean, float("nan")
    return mean, float(stats.t.ppf(0.975, many - 1) * np.std(values, ddof=1) / np.sqrt(many))


def table(runs: Sequence[Run], plan: Plan) -> str:
    """As docs/dp.md has it."""
    lines = ["| | " + " | ".join(words for words, _ in MEASURES.values()) + " |", "|:--|" + "--:|" * len(MEASURES)]
    for way, words in WAYS.items():
        cells = (f"{mean:.2f} ± {half:.2f}" for mean, half in _of(runs, way))
        name = f"{words} (epsilon {plan.epsilon:g})" if way == "dp" else words
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    cells = (f"{mean:+.2f} ± {half:.2f}" for mean, half in _differences(runs))
    lines.append("| what the noise changes, seed by seed | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def draw(runs: Sequence[Run], plan: Plan, path: Path) -> None:
    """An SVG: one panel for each measure, a dot for each seed, the mean with its interval."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "privacy-gateway"
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, len(MEASURES), figsize=(10, 3.4), layout="constrained")
    for panel, (measure, (words, most)) in zip(panels, MEASURES.items(), strict=True):
        _panel(panel, runs, measure)
        panel.set_title(words, fontsize=9)
        panel.set_ylim(0, most)
    figure.suptitle(f"The same people, batches and steps: epsilon {plan.epsilon:g}, delta {plan.delta:g}", fontsize=10)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def _panel(panel: Any, runs: Sequence[Run], measure: str) -> None:
    for at, way in enumerate(WAYS):
        values = _values(runs, way, measure)
        mean, half = interval(values)
        panel.errorbar(at, mean, yerr=half, fmt="s", color="black", capsize=4, zorder=3)
        panel.scatter([at] * len(values), values, color=f"C{at}", alpha=0.7)
    panel.set_xticks(range(len(WAYS)), ["before", "no noise", "noise"], fontsize=8)
    panel.set_xlim(-0.5, len(WAYS) - 0.5)


def _of(runs: Sequence[Run], way: str) -> Iterator[tuple[float, float]]:
    for measure in MEASURES:
        yield interval(_values(runs, way, measure))


def _differences(runs: Sequence[Run]) -> Iterator[tuple[float, float]]:
    """With noise less without, of each seed: both runs had its people, batches and first weights."""
    for measure in MEASURES:
        pairs = zip(_values(runs, "dp", measure), _values(runs, "control", measure), strict=True)
        yield interval([dp - control for dp, control in pairs])


def _values(runs: Sequence[Run], way: str, measure: str) -> list[float]:
    return [getattr(run.found, measure) for run in runs if run.way == way]
