"""What is asked of every system, and how the cells are interleaved. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from bench.driver import Job
from bench.systems import System
from bench.texts import Language

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A kind of request; `requests` is how many of them one cell sends."""

    name: str
    requests: int
    language: Language = "en"
    characters: int = 200
    model: str = "bench"
    stream: bool = False


WORKLOADS = (
    Workload(name="English 200", requests=96),
    Workload(name="English 4,000", characters=4_000, requests=24),
    Workload(name="Chinese 200", language="zh", requests=48),
    Workload(name="Chinese 4,000", language="zh", characters=4_000, requests=16),
    Workload(name="stream, 40 chunks at once", stream=True, requests=64),
    Workload(name="stream, 40 chunks 20 ms apart", stream=True, model="bench-paced", requests=32),
)
CLIENTS = (1, 16)
ALONE = 4
"""A single client sends a quarter of a cell's requests where the answer is paced: it would only wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One system under one workload from so many clients, in one round."""

    round: int
    workload: Workload
    clients: int
    system: System

    @property
    def question(self) -> tuple[str, int]:
        """What was asked, by whatever system."""
        return self.workload.name, self.clients

    def warm_up(self, first: int) -> Job:
        """Opens the connections, with short prompts: it is not measured."""
        return replace(self.job(max(self.clients, 2), first), characters=200)

    def job(self, requests: int, first: int) -> Job:
        """The driver's job for this cell, with prompts from number `first` on."""
        return Job(
            url=f"{self.system.base_url}/chat/completions",
            key=self.system.key,
            model=self.workload.model,
            stream=self.workload.stream,
            language=self.workload.language,
            characters=self.workload.characters,
            first=first,
            requests=requests,
            clients=self.clients,
        )

    def requests(self, scale: float) -> int:
        """How many requests are measured: at least as many as clients."""
        share = ALONE if self.workload.model == "bench-paced" and self.clients == 1 else 1
        return max(round(self.workload.requests * scale / share), self.clients, 2)


def cells(systems: Sequence[System], workloads: Sequence[Workload], *, rounds: int) -> Iterator[Cell]:
    """Every system answers a question before the next question is asked; who begins changes from round to round."""
    for at in range(rounds):
        for workload in workloads:
            for clients in CLIENTS:
                for system in _rotated(systems, at):
                    yield Cell(round=at, workload=workload, clients=clients, system=system)


def _rotated(items: Sequence[T], by: int) -> Sequence[T]:
    start = by % len(items)
    return [*items[start:], *items[:start]]
