"""CPU time, measured in rounds: all systems do a job before the next round begins, and who begins rotates."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

from bench.detection.contestants import Find
from bench.detection.samples import cuts
from bench.inline import InlineDetector
from gateway.detection.detect import PresidioDetector
from gateway.detection.kept import Kept
from gateway.detection.service.findings_cache import RememberingDetector
from gateway.rules.detection import DetectionRules

TURNS, MESSAGE = 20, 400
"""Turns of the chat, each a question and an answer, and the code points of each of the two."""
_CHATS = 5


def fastest(jobs: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """The least CPU seconds that each job reported: what else the machine does can only add to them."""
    names = list(jobs)
    best = dict.fromkeys(names, float("inf"))
    for at in range(rounds):
        start = at % len(names)
        for name in [*names[start:], *names[:start]]:
            best[name] = min(best[name], jobs[name]())
    return best


def seconds(find: Find, texts: Sequence[str]) -> float:
    """CPU seconds, of all threads of this process, that the texts take together."""
    before = time.process_time()
    for text in texts:
        find(text)
    return time.process_time() - before


def last_turn(detector: PresidioDetector, texts: Sequence[str], rounds: int) -> dict[str, float]:
    """CPU seconds for the last turn of a chat that resends its history: read afresh, and with what was found remembered.

    The mean of several chats of the same messages, of which others come last in each: what a turn costs is up to these.
    """
    messages = cuts(texts, MESSAGE, 2 * TURNS)
    chats = [[*messages[at:], *messages[:at]] for at in range(0, 2 * TURNS, 2 * TURNS // _CHATS)]
    spent = [fastest(_ways(detector, chat), rounds) for chat in chats]
    return {way: sum(one[way] for one in spent) / len(spent) for way in spent[0]}


def _ways(detector: PresidioDetector, messages: Sequence[str]) -> Mapping[str, Callable[[], float]]:
    return {
        "full scan": lambda: asyncio.run(_last(InlineDetector(detector), messages)),
        "remembered": lambda: asyncio.run(_last(RememberingDetector(InlineDetector(detector), max_bytes=1 << 24), messages)),
    }


async def _last(detector: InlineDetector | RememberingDetector, messages: Sequence[str]) -> float:
    """The turn before it is there only for what it leaves behind."""
    rules, kept = DetectionRules(tenant="bench"), Kept()
    if isinstance(detector, RememberingDetector):
        await detector.detect(messages[:-2], rules=rules, kept=kept)
    before = time.process_time()
    await detector.detect(messages, rules=rules, kept=kept)
    return time.process_time() - before
