"""Documents in reports of differential privacy: how much was retrieved of which collection, bounded like every other figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from gateway.dp.contributions import Row, bounded
from gateway.dp.question import ALL, OTHER, By, Figure, Measure
from gateway.dp.reading import facts
from gateway.exchange.content import Hit
from gateway.policy.named_collections import collections_of
from gateway.store.database import Database
from tests.dp.records import a_budget, a_question, an_exchange, put
from tests.policy.conftest import compiled, load, policy_file
from tests.store.databases import sqlite
from tests.support.policy_files import Compile

__all__ = ["compiled", "load", "policy_file", "sqlite"]


def hits(*collections: str) -> tuple[Hit, ...]:
    return tuple(Hit(number=number, collection=name) for number, name in enumerate(collections, start=1))


def sums(rows: Iterable[Row]) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in rows:
        found[row.group] += row.value
    return found


def test_retrieval_is_counted_and_one_person_counts_with_a_few_rows(sqlite: Database) -> None:
    put(
        sqlite,
        [
            an_exchange("c1", "ann", grounding=hits("hr", "hr", "vs_1")),
            an_exchange("c2", "ben", grounding=()),
            an_exchange("c3", "ben", grounding=None),
            *(an_exchange(f"e{n}", "eve", grounding=hits("hr", "law")) for n in range(30)),
        ],
    )
    told, budget = list(facts(sqlite, a_budget())), a_budget()
    by_collection = a_question(by=By.COLLECTION, groups=("hr", "law", "vs_1"))
    counted = sums(bounded(told, budget, by_collection))
    assert counted["vs_1"] == 1
    assert counted["hr"] + counted["law"] == 1 + budget.contributions
    passages = a_question(figure=Figure.SUM, measure=Measure.PASSAGES, most=2)
    assert sums(bounded(told, budget, passages)) == {ALL: 2 + 2 * budget.contributions}
    assert len(bounded([one for one in told if one.subject == "ben"], budget, passages)) == 1  # who asked for none has no row
    of_each = a_question(by=By.COLLECTION, groups=("hr",), figure=Figure.SUM, measure=Measure.PASSAGES, most=5)
    assert sums(bounded([one for one in told if one.subject == "ann"], budget, of_each)) == {"hr": 2, OTHER: 1}


def test_collections_are_named_by_policy(compiled: Compile) -> None:
    policy = compiled(
        """
version: 1
deployments: {gpu: {base_url: http://gpu/v1}}
models:
  m: {deployments: [gpu], knowledge: {collections: [wiki]}}
tenants:
  acme:
    models: [m]
    knowledge: {collections: ["*"]}
    principals: {app: {knowledge: {collections: [hr]}}}
    teams: {desk: {knowledge: {collections: [law, hr]}, principals: {ann: {knowledge: {collections: [law]}}}}}
  rival: {models: [m], knowledge: {collections: [secret]}}
"""
    )
    assert collections_of(policy.written, "acme") == {"wiki", "hr", "law"}
