"""Interleaving: what is compared was measured side by side."""

from __future__ import annotations

from itertools import groupby

from bench.plan import CLIENTS, WORKLOADS, cells
from bench.systems import System

SYSTEMS = tuple(System(name=name, base_url=f"http://{name}/v1") for name in ("direct", "off", "on"))


def test_every_system_answers_a_question_before_the_next_is_asked() -> None:
    asked = [(cell.round, cell.question) for cell in cells(SYSTEMS, WORKLOADS, rounds=2)]
    groups = [len(list(same)) for _, same in groupby(asked)]
    assert groups == [len(SYSTEMS)] * (2 * len(WORKLOADS) * len(CLIENTS))


def test_who_begins_changes_from_round_to_round() -> None:
    found = list(cells(SYSTEMS, WORKLOADS[:1], rounds=4))
    begins = [next(cell.system.name for cell in found if cell.round == at) for at in range(4)]
    assert begins == ["direct", "off", "on", "direct"]


def test_each_client_has_something_to_ask_however_small_the_scale() -> None:
    for cell in cells(SYSTEMS, WORKLOADS, rounds=1):
        assert cell.requests(0.001) >= cell.clients
        assert cell.warm_up(0).characters == 200
