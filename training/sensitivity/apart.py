"""Whether what is learnt from and what is judged by were written apart: no long run of words may stand in both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from training.sensitivity.templates import Labelled

_RUN = {"en": 5, "zh": 7}
"""Words of English, and Chinese characters, in a row."""


def shared(taught: Iterable[Labelled], judged: Iterable[Labelled]) -> list[Labelled]:
    """The taught texts that have a run in common with a judged one."""
    known = {run for one in judged for run in _runs(one)}
    return [one for one in taught if not known.isdisjoint(_runs(one))]


def _runs(one: Labelled) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9']+|[\u4e00-\u9fff]", one.text.lower())
    long = _RUN[one.language]
    return zip(*(words[at:] for at in range(long)), strict=False)
