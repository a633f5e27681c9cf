"""The example finds bookmarks by questions in two languages, and gives people their names back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from examples.bookmarks.__main__ import _POLICY, TENANT, _answers
from gateway.cli.knowledge.desk import Desk
from gateway.knowledge.library import Question
from gateway.policy.compile import compile_policy
from gateway.policy.reading.load import load_policy
from tests.knowledge.conftest import RULES, House, database, house

__all__ = ["database", "house"]

SAMPLE = _POLICY.with_name("sample.html")


@dataclass(frozen=True)
class _Session:
    """As `desk` gives, with quick stand-ins for the recognizers and the model."""

    house: House

    def __getattr__(self, name: str) -> Any:
        return {"rules": RULES, "store": self.house, "ingest": self._ingest}.get(name) or getattr(self.house, name)

    def _ingest(self) -> Any:
        return _Opened(self.house)


@dataclass(frozen=True)
class _Opened:
    house: House

    async def __aenter__(self) -> Any:
        return self.house.ingest

    async def __aexit__(self, *_: object) -> None: ...


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/bookmarks.sqlite"


@pytest.mark.parametrize(
    ("question", "address"),
    [
        ("Timetables of sleeper trains", "https://nighttrains.example/timetable"),
        ("红烧肉的做法", "https://hongshao.example/"),
        ("appointment with Anna Schmidt", "https://dentist.example/anna-schmidt"),
    ],
)
async def test_questions_in_two_languages(house: House, question: str, address: str) -> None:
    best, *_ = await _answers(cast("Desk", _Session(house)), SAMPLE, question)
    assert best.splitlines()[1] == address
    assert "<PERSON" not in best
    kept = await house.library.search(Question(TENANT, frozenset(), "dentist", 1))
    assert "Dr <PERSON_1>" in kept[0].text


def test_the_policy_is_one() -> None:
    known = frozenset({"PERSON"})
    loaded = load_policy(_POLICY, known_entities=known, surrogate_entities=known)
    assert compile_policy(loaded, {}).of_tenant(TENANT) is not None
